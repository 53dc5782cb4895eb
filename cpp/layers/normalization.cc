#include "layers/normalization.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "kernels/channelwise.h"

namespace lamella {
namespace {

// The least deviation, as Keras has it.
constexpr float kEpsilon = 1e-7f;

// A number, or those of a list.
std::span<const double> NumbersOf(const ConfigValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return {number, 1};
  if (const auto* list = std::get_if<std::vector<double>>(&value)) return *list;
  return {};
}

std::optional<ConfigValue> ReadNumbers(ConfigReader& reader,
                                       std::string_view key, double minimum,
                                       std::string_view wanted) {
  const ConfigValue* value = reader.Value(key);
  if (value == nullptr) return std::nullopt;
  const std::span<const double> numbers = NumbersOf(*value);
  const auto is_wanted = [=](double number) {
    return number >= minimum && std::isfinite(static_cast<float>(number));
  };
  if (numbers.empty() || !std::ranges::all_of(numbers, is_wanted)) {
    reader.Reject(key, wanted, *value,
                  std::holds_alternative<double>(*value) ||
                      std::holds_alternative<std::vector<double>>(*value));
  }
  return *value;
}

}  // namespace

Normalization::Normalization(Engine& engine, ConfigReader& reader)
    : Layer(engine, kType),
      axis_(kType, reader),
      given_mean_(ReadNumbers(
          reader, "mean", -std::numeric_limits<double>::infinity(),
          "a number that float32 can hold, or a list of one for each channel")),
      given_variance_(
          ReadNumbers(reader, "variance", 0,
                      "a number of at least 0 that float32 can hold, or a list "
                      "of one for each channel")) {
  if (given_mean_.has_value() != given_variance_.has_value()) {
    Fail(ErrorKind::kValue,
         "mean and variance must be given both or not, got {}",
         {given_mean_.has_value() ? "a mean alone" : "a variance alone"});
  }
}

void Normalization::WriteConfig(Config& config) const {
  axis_.WriteConfig(config);
  if (!given_mean_.has_value()) return;
  config.Add("mean", *given_mean_);
  config.Add("variance", *given_variance_);
}

Shape Normalization::OutputShape(const Shape& input_shape) const {
  const size_t channels = input_shape[axis_.Index(input_shape)];
  for (const auto* given : {&given_mean_, &given_variance_}) {
    if (!given->has_value()) break;
    const size_t count = NumbersOf(**given).size();
    if (std::holds_alternative<double>(**given) || count == channels) continue;
    Fail(ErrorKind::kShape,
         "{} must have a number for each of {} channels of input shape {}, got "
         "{}",
         {given == &given_mean_ ? "mean" : "variance", channels, input_shape,
          count});
  }
  return input_shape;
}

void Normalization::OnBuild() {
  const Shape shape = {1, input_shape_[axis_.Index(input_shape_)]};
  // Allocated together and only then moved in, as in BatchNormalization.
  Tensor mean(engine(), shape), variance(engine(), shape);
  const auto fill = [](Tensor& tensor, const std::optional<ConfigValue>& given,
                       float otherwise) {
    for (size_t i = 0; i < tensor.size(); ++i) {
      float& number = tensor.values()[i];
      number = otherwise;
      if (!given.has_value()) continue;
      const std::span<const double> numbers = NumbersOf(*given);
      number = static_cast<float>(numbers[numbers.size() == 1 ? 0 : i]);
    }
  };
  fill(mean, given_mean_, 0);
  fill(variance, given_variance_, 1);
  mean_ = std::move(mean);
  variance_ = std::move(variance);
}

void Normalization::CollectBuilt(std::vector<Tensor*>& tensors) {
  tensors.push_back(&mean_);
  tensors.push_back(&variance_);
}

void Normalization::CollectState(std::vector<Parameter>& state) {
  CheckBuilt("state is");
  state.push_back({"mean", mean_});
  state.push_back({"variance", variance_});
}

void Normalization::OnForward(const ForwardArguments& /*arguments*/) {
  scale_.Reset({variance_.size()});
  std::ranges::transform(variance_.values(), scale_.data(), [](float variance) {
    // NaN stays NaN.
    return 1.0f / std::max(std::sqrt(variance), kEpsilon);
  });
  Standardize(engine().pool(), axis_.View(input_.shape()), input_.data(),
              mean_.data(), scale_.data(), NewOutput());
}

void Normalization::OnBackward(const Tensor& output_gradient,
                               const BackwardArguments& arguments) {
  if (!arguments.want_input_gradient) return;
  ScaleChannels(engine().pool(), axis_.View(input_.shape()),
                output_gradient.data(), scale_.data(), NewInputGradient());
}

}  // namespace lamella
