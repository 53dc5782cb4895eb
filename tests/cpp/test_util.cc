#include "test_util.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "layers/registry.h"

// Read by the address sanitizer: running out of memory is part of the tests.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1";
}

namespace lamella::test {

using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

namespace {

// Distance between two numbers; infinite when only one of them is finite or a
// number at all.
double Distance(double got, double wanted) {
  if (std::isnan(got) && std::isnan(wanted)) return 0.0;
  if (got == wanted) return 0.0;
  const double distance = std::fabs(got - wanted);
  return std::isnan(distance) ? HUGE_VAL : distance;
}

template <typename ToleranceAt>
AssertionResult CompareAll(std::string_view name, std::span<const float> got,
                           std::span<const double> wanted,
                           ToleranceAt&& tolerance_at) {
  if (got.size() != wanted.size()) {
    return AssertionFailure() << name << ": " << got.size()
                              << " elements, expected " << wanted.size();
  }
  size_t count = 0, worst = 0;
  double worst_excess = 0.0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double excess = Distance(got[i], wanted[i]) - tolerance_at(i);
    if (excess <= 0.0) continue;  // False for NaN: that must not pass.
    if (count++ == 0 || excess > worst_excess) {
      worst = i;
      worst_excess = excess;
    }
  }
  if (count == 0) return AssertionSuccess();
  std::ostringstream text;
  text.precision(9);
  text << name << ": " << count << " of " << got.size()
       << " elements differ; worst at index " << worst << ": expected "
       << wanted[worst] << ", got " << got[worst] << ", difference "
       << Distance(got[worst], wanted[worst]) << ", tolerance "
       << tolerance_at(worst);
  return AssertionFailure() << text.str();
}

}  // namespace

AssertionResult Close(std::string_view name, std::span<const float> got,
                      std::span<const double> wanted, double tolerance) {
  return CompareAll(name, got, wanted, [&](size_t) { return tolerance; });
}

AssertionResult Close(std::string_view name, std::span<const float> got,
                      std::span<const double> wanted,
                      std::span<const double> tolerances) {
  if (tolerances.size() != wanted.size()) {
    return AssertionFailure() << name << ": " << tolerances.size()
                              << " tolerances for " << wanted.size();
  }
  return CompareAll(name, got, wanted, [&](size_t i) { return tolerances[i]; });
}

AssertionResult Close(std::string_view name, const Tensor& got,
                      const Tensor& wanted, double tolerance) {
  if (!(got.shape() == wanted.shape())) {
    return AssertionFailure() << name << ": shape " << ToText(got.shape())
                              << ", expected " << ToText(wanted.shape());
  }
  return Close(name, got.values(), ToDouble(wanted.values()), tolerance)
         << ", shape " << ToText(got.shape());
}

AssertionResult Same(std::string_view name, const Tensor& got,
                     const Tensor& wanted) {
  return Close(name, got, wanted, 0.0);
}

std::string ToText(const Shape& shape) { return Format("{}", {shape}); }

std::string ToText(const Window& window) {
  return Cat("size ", window.size, " stride ", window.stride, " dilation ",
             window.dilation, " padding ", window.padding_before, " ",
             window.padding_after);
}

std::vector<double> ToDouble(std::span<const float> values) {
  return {values.begin(), values.end()};
}

double MaxAbs(std::span<const float> values) {
  double maximum = 0.0;
  for (float value : values) {
    maximum = std::max(maximum, std::fabs(static_cast<double>(value)));
  }
  return maximum;
}

float Uniform::operator()(float low, float high) {
  // SplitMix64 (Steele, Lea, Flood, 2014).
  state_ += 0x9E3779B97F4A7C15u;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return low + (high - low) * static_cast<float>(z >> 40) * 0x1p-24f;
}

std::vector<float> Uniform::Values(size_t size, float low, float high) {
  std::vector<float> values(size);
  std::ranges::generate(values, [&] { return (*this)(low, high); });
  return values;
}

Tensor Uniform::Values(const Shape& shape, float low, float high) {
  return Tensor(shape, Values(shape.size(), low, high));
}

void Sums::Add(size_t at, double term) {
  values[at] += term;
  magnitudes[at] += std::fabs(term);
  terms[at] += 1;
}

std::vector<double> Sums::Tolerances() const {
  std::vector<double> tolerances(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    tolerances[i] = (terms[i] + 1) * kEpsilon / 2 * magnitudes[i];
  }
  return tolerances;
}

AssertionResult Throws(ErrorKind kind,
                       std::initializer_list<std::string_view> parts,
                       const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    if (error.kind() != kind) {
      return AssertionFailure()
             << "error of kind " << static_cast<int>(error.kind())
             << ", expected kind " << static_cast<int>(kind) << ": "
             << error.what();
    }
    for (std::string_view part : parts) {
      if (std::string_view(error.what()).find(part) == std::string_view::npos) {
        return AssertionFailure() << "the message does not name \"" << part
                                  << "\": " << error.what();
      }
    }
    return AssertionSuccess();
  }
  return AssertionFailure() << "no error was thrown";
}

namespace {

// To those of `targets` that have the names.
template <typename Target>
void Copy(const std::vector<Parameter>& values, std::vector<Target> targets) {
  for (const Parameter& source : values) {
    const auto target = std::ranges::find(targets, source.name, &Target::name);
    ASSERT_NE(target, targets.end()) << source.name;
    ASSERT_EQ(target->value.shape(), source.value.shape()) << source.name;
    std::ranges::copy(source.value.values(), target->value.data());
  }
}

}  // namespace

void LoadParams(Layer& layer, const std::vector<Parameter>& values) {
  Copy(values, layer.Params());
  layer.ParamsLoaded();
}

void LoadState(Layer& layer, const std::vector<Parameter>& values) {
  Copy(values, layer.State());
}

std::shared_ptr<Residual> MakeResidual(Residual::Layers layers,
                                       const Residual::Layers& shortcut) {
  const size_t count = layers.size();
  layers.insert(layers.end(), shortcut.begin(), shortcut.end());
  return std::make_shared<Residual>(TestEngine(), std::move(layers), count);
}

Engine& TestEngine() {
  static Engine engine;
  return engine;
}

ThreadPool& Pool() { return TestEngine().pool(); }

std::shared_ptr<Layer> CreateLayer(std::string_view type,
                                   const Config& config) {
  return lamella::CreateLayer(TestEngine(), type, config);
}

std::shared_ptr<Loss> CreateLoss(std::string_view type, const Config& config) {
  return lamella::CreateLoss(TestEngine(), type, config);
}

std::shared_ptr<Optimizer> CreateOptimizer(std::string_view type,
                                           const Config& config) {
  return lamella::CreateOptimizer(TestEngine(), type, config);
}

Config MakeConfig(
    std::initializer_list<std::pair<const char*, ConfigValue>> entries) {
  Config config;
  for (const auto& [key, setting] : entries) config.Add(key, setting);
  return config;
}

}  // namespace lamella::test
