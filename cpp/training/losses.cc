#include "training/losses.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <variant>

#include "base/error.h"
#include "base/math.h"
#include "kernels/elementwise.h"
#include "kernels/reductions.h"
#include "kernels/softmax.h"
#include "kernels/transpose.h"
#include "layers/activations.h"

namespace lamella {
namespace {
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The shares of 1e5 classes, each rounded to float32, sum to 1 within 1e-5; who
// rounds to three digits means a distribution, too.
constexpr double kSumTolerance = 1e-3;

// log(1 + e^x) for x <= 0; where e^x is no longer a normal number, 0.
double Softplus(double x) { return x < -700 ? 0 : Log1p(Exp(x)); }

// Whether the class is the predicted one: its number is the greatest, the first
// one among equals, and none is NaN.
bool IsPredicted(const float* output, size_t classes, size_t label) {
  const float own = output[label];
  for (size_t c = 0; c < classes; ++c) {
    if (!(c < label ? output[c] < own : output[c] <= own)) return false;
  }
  return true;
}

// Null for no weights, as the kernels want it.
const float* DataOrNull(std::span<const float> weights) {
  return weights.empty() ? nullptr : weights.data();
}

// Input of the cross-entropies' kernels: each position's classes side by side.
// Where other places lie between them, copies in the workspace.
struct Rows {
  Rows(Engine& engine, const AxisView& view, const Tensor& output,
       const Tensor& expected, bool has_labels)
      : view(view), logits(output.data()), expected(expected.data()) {
    if (view.inner == 1) return;
    const size_t size = output.size();
    copies = engine.Workspace(has_labels ? 2 * size : 3 * size);
    logits = Copy(output, copies + size);
    if (!has_labels) this->expected = Copy(expected, copies + 2 * size);
  }

  const float* Copy(const Tensor& tensor, float* copy) const {
    Transpose(tensor.data(), view.outer, view.size, view.inner, copy);
    return copy;
  }

  AxisView view;
  const float* logits;
  const float* expected;
  // Begin with room for a gradient.
  float* copies = nullptr;
};

}  // namespace

Loss::Loss(Engine& engine, std::string_view type) : Component(engine, type) {}
Loss::~Loss() = default;

void Loss::CheckShape(const Shape& shape) const {
  if (shape.rank() < 2 || shape.size() == 0) {
    ThrowShapeError(
        "{}: output must be a batch (batch, …) of at least one sample, got {}",
        {type(), shape});
  }
}

double Loss::Compute(const Tensor& output, const Tensor& expected,
                     Tensor& gradient,
                     std::span<const float> class_weights) const {
  CheckShape(output.shape());
  const Shape sample = output.shape().WithoutFirst();
  if (expected.shape().rank() == 0 ||
      expected.shape()[0] != output.shape()[0] ||
      !Fits(expected.shape(), sample)) {
    ThrowShapeError(
        "{}: expected output must have shape {} for an output {}, got {}",
        {type(), ExpectedShape(sample).Prepended(output.shape()[0]),
         output.shape(), expected.shape()});
  }
  assert(class_weights.empty() || class_weights.size() == Classes(sample));
  CheckExpected(expected, sample);
  gradient.Reset(output.shape());
  return OnCompute(output, expected, gradient, class_weights);
}

double Loss::Accuracy(const Tensor& /*output*/,
                      const Tensor& /*expected*/) const {
  return kNaN;
}

double MSE::OnCompute(const Tensor& output, const Tensor& expected,
                      Tensor& gradient,
                      std::span<const float> /*class_weights*/) const {
  const double batch = static_cast<double>(output.shape()[0]);
  const float scale = static_cast<float>(2.0 / batch);
  double sum = 0.0;
  for (size_t i = 0; i < output.size(); ++i) {
    const float difference = output.data()[i] - expected.data()[i];
    sum += static_cast<double>(difference) * difference;
    gradient.data()[i] = scale * difference;
  }
  return sum / batch;
}

Huber::Huber(Engine& engine, ConfigReader& reader)
    : Loss(engine, kType), delta_(reader.Positive("delta", 1.0)) {}

void Huber::WriteConfig(Config& config) const { config.Set("delta", delta_); }

double Huber::OnCompute(const Tensor& output, const Tensor& expected,
                        Tensor& gradient,
                        std::span<const float> /*class_weights*/) const {
  const double batch = static_cast<double>(output.shape()[0]);
  double sum = 0.0;
  for (size_t i = 0; i < output.size(); ++i) {
    const double difference =
        static_cast<double>(output.data()[i]) - expected.data()[i];
    const double slope = std::clamp(difference, -delta_, delta_);
    // d^2 / 2 inside, delta * (|d| - delta / 2) outside.
    sum += slope * (difference - slope / 2);
    gradient.data()[i] = static_cast<float>(slope / batch);
  }
  return sum / batch;
}

void BinaryCrossEntropy::Activate(Tensor& output) const {
  SigmoidForward(engine().pool(), output.data(), output.data(), output.size());
}

bool BinaryCrossEntropy::IncludesActivation(std::string_view activation,
                                            const Config& /*config*/,
                                            const Shape& /*output*/) const {
  if (activation == Softmax::kType) {
    ThrowValueError(
        "{}: does not fit a model whose last layer is Softmax; take "
        "CategoricalCrossEntropy, or a last Sigmoid for several labels",
        {type()});
  }
  return activation == Sigmoid::kType;
}

double BinaryCrossEntropy::OnCompute(
    const Tensor& output, const Tensor& expected, Tensor& gradient,
    std::span<const float> class_weights) const {
  const double batch = static_cast<double>(output.shape()[0]);
  constexpr float kEqual[] = {1.0f, 1.0f};
  const float* weights = class_weights.empty() ? kEqual : class_weights.data();
  SigmoidForward(engine().pool(), output.data(), gradient.data(),
                 output.size());
  double sum = 0.0;
  for (size_t i = 0; i < output.size(); ++i) {
    const double z = output.data()[i], y = expected.data()[i];
    const double tail = Softplus(-std::fabs(z));
    float& slope = gradient.data()[i];
    // -log(1 - s) = max(z, 0) + tail, -log s = max(-z, 0) + tail.
    const double no = weights[0] * (1 - y), yes = weights[1] * y;
    // A term without weight adds nothing, even where log s = -inf.
    if (no != 0) sum += no * (std::fmax(z, 0.0) + tail);
    if (yes != 0) sum += yes * (std::fmax(-z, 0.0) + tail);
    slope = static_cast<float>((no * slope - yes * (1.0 - slope)) / batch);
  }
  return sum / batch;
}

double BinaryCrossEntropy::Accuracy(const Tensor& output,
                                    const Tensor& expected) const {
  size_t right = 0;
  for (size_t i = 0; i < output.size(); ++i) {
    const float z = output.data()[i];
    // NaN is neither.
    right += expected.data()[i] > 0.5f ? z > 0 : z <= 0;
  }
  return static_cast<double>(right) / static_cast<double>(output.size());
}

void BinaryCrossEntropy::CheckExpected(const Tensor& expected,
                                       const Shape& /*output*/) const {
  for (const float share : expected.values()) {
    if (share >= 0 && share <= 1) continue;
    ThrowValueError("{}: expected outputs must be from 0 to 1, got {}",
                    {type(), static_cast<double>(share)});
  }
}

SoftmaxLoss::SoftmaxLoss(Engine& engine, std::string_view type,
                         ConfigReader& reader, bool has_labels)
    : Loss(engine, type),
      axis_(type, reader),
      temperature_(reader.Positive("temperature", 1.0)),
      has_labels_(has_labels) {}

void SoftmaxLoss::WriteConfig(Config& config) const {
  config.Set("temperature", temperature_);
  axis_.WriteConfig(config);
}

void SoftmaxLoss::CheckShape(const Shape& shape) const {
  if (shape.rank() < 2 || shape.size() == 0 ||
      Classes(shape.WithoutFirst()) < 2) {
    ThrowShapeError(
        "{}: output must be (batch, classes), or have more axes, with at least "
        "2 classes, got {}; one output wants BinaryCrossEntropy",
        {type(), shape});
  }
}

void SoftmaxLoss::Activate(Tensor& output) const {
  const auto [outer, classes, inner] = axis_.View(output.shape());
  SoftmaxForward(engine().pool(), output.data(), outer, classes, inner,
                 static_cast<float>(temperature_), output.data());
}

bool SoftmaxLoss::IncludesActivation(std::string_view activation,
                                     const Config& config,
                                     const Shape& output) const {
  if (activation == Sigmoid::kType) {
    ThrowValueError(
        "{}: does not fit a model whose last layer is Sigmoid; take "
        "BinaryCrossEntropy, or a last Softmax for one class a sample",
        {type()});
  }
  if (activation != Softmax::kType) return false;
  const auto check_same = [this](std::string_view option, double layers,
                                 double own) {
    if (layers == own) return;
    ThrowValueError(
        "{}: the model's final Softmax is part of this loss, so both must have "
        "the same {}; got {} and {}",
        {type(), option, layers, own});
  };
  check_same("temperature", std::get<double>(*config.Find("temperature")),
             temperature_);
  ConfigReader reader(activation, config);
  check_same("axis",
             static_cast<double>(Axis(Softmax::kType, reader).Index(output)),
             static_cast<double>(axis_.Index(output)));
  return true;
}

double SoftmaxLoss::OnCompute(const Tensor& output, const Tensor& expected,
                              Tensor& gradient,
                              std::span<const float> class_weights) const {
  const Rows rows(engine(), axis_.View(output.shape()), output, expected,
                  has_labels_);
  const auto& [outer, classes, inner] = rows.view;
  float* slopes = inner == 1 ? gradient.data() : rows.copies;
  const double scale = 1.0 / static_cast<double>(rows.view.positions());
  const auto kernel =
      has_labels_ ? SparseSoftmaxCrossEntropy : SoftmaxCrossEntropy;
  const double sum =
      kernel(rows.logits, rows.expected, rows.view.positions(), classes,
             static_cast<float>(temperature_), static_cast<float>(scale),
             DataOrNull(class_weights), slopes);
  if (inner > 1) Transpose(slopes, outer, inner, classes, gradient.data());
  return sum * scale;
}

double SoftmaxLoss::Accuracy(const Tensor& output,
                             const Tensor& expected) const {
  const Rows rows(engine(), axis_.View(output.shape()), output, expected,
                  has_labels_);
  const size_t classes = rows.view.size, positions = rows.view.positions();
  size_t right = 0;
  for (size_t n = 0; n < positions; ++n) {
    const size_t label = has_labels_
                             ? static_cast<size_t>(rows.expected[n])
                             : ArgMax(rows.expected + n * classes, classes);
    right += IsPredicted(rows.logits + n * classes, classes, label);
  }
  return static_cast<double>(right) / static_cast<double>(positions);
}

void CategoricalCrossEntropy::CheckExpected(const Tensor& expected,
                                            const Shape& /*output*/) const {
  const auto [outer, classes, inner] = axis_.View(expected.shape());
  for (size_t n = 0; n < outer * inner; ++n) {
    const float* shares =
        expected.data() + n / inner * classes * inner + n % inner;
    double least = shares[0], sum = 0;
    for (size_t c = 0; c < classes; ++c) {
      const double share = shares[c * inner];
      least = std::min(least, share);
      sum += share;
    }
    // Not true of NaN, whose sum is NaN.
    if (least >= 0 && std::fabs(sum - 1) <= kSumTolerance) continue;
    ThrowValueError(
        "{}: the expected outputs of a sample must be at least 0 and sum to 1, "
        "got {} as the least and {} as the sum; several labels a sample want "
        "BinaryCrossEntropy",
        {type(), least, sum});
  }
}

Shape SparseCategoricalCrossEntropy::ExpectedShape(const Shape& output) const {
  return output.Without(axis_.Index(output));
}

bool SparseCategoricalCrossEntropy::Fits(const Shape& expected,
                                         const Shape& output) const {
  return Loss::Fits(expected, output) ||
         expected.WithoutFirst() == output.With(axis_.Index(output), 1);
}

void SparseCategoricalCrossEntropy::CheckExpected(const Tensor& expected,
                                                  const Shape& output) const {
  const size_t count = Classes(output);
  const float classes = static_cast<float>(count);
  for (const float label : expected.values()) {
    if (label >= 0 && label < classes && std::floor(label) == label) continue;
    ThrowValueError("{}: labels must be whole numbers from 0 to {}, got {}",
                    {type(), count - 1, static_cast<double>(label)});
  }
}

std::shared_ptr<Loss> CreateLoss(Engine& engine, std::string_view type,
                                 const Config& config) {
  static constexpr ComponentClass kLosses[] = {
      Entry<MSE>(),
      Entry<BinaryCrossEntropy>(),
      Entry<CategoricalCrossEntropy>(),
      Entry<SparseCategoricalCrossEntropy>(),
      Entry<Huber>(),
  };
  ConfigReader reader(type, config);
  auto component = CreateComponent("loss", kLosses, engine, reader);
  reader.Finish();
  return std::shared_ptr<Loss>(static_cast<Loss*>(component.release()));
}

}  // namespace lamella
