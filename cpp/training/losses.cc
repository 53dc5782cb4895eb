#include "training/losses.h"

#include <cmath>
#include <limits>

#include "base/error.h"
#include "kernels/elementwise.h"
#include "kernels/reductions.h"
#include "kernels/softmax.h"

namespace lamella {
namespace {
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
}  // namespace

Config Loss::GetConfig() const {
  Config config;
  WriteConfig(config);
  return config;
}

void Loss::CheckShape(const Shape& shape) const {
  if (shape.rank() < 2 || shape.size() == 0) {
    ThrowShapeError(Cat(type(),
                        ": output must be a batch (batch, …) of at "
                        "least one sample, got ",
                        shape));
  }
}

double Loss::Compute(const Tensor& output, const Tensor& expected,
                     Tensor& gradient) const {
  CheckShape(output.shape());
  if (!(output.shape() == expected.shape())) {
    ThrowShapeError(Cat(type(),
                        ": expected output must have the shape of the "
                        "output, ",
                        output.shape(), ", got ", expected.shape()));
  }
  gradient.Reset(output.shape());
  return OnCompute(output, expected, gradient);
}

double Loss::Accuracy(const Tensor& /*output*/,
                      const Tensor& /*expected*/) const {
  return kNaN;
}

std::shared_ptr<Loss> MSE::FromConfig(ConfigReader& /*reader*/) {
  return std::make_shared<MSE>();
}

double MSE::OnCompute(const Tensor& output, const Tensor& expected,
                      Tensor& gradient) const {
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

std::shared_ptr<Loss> BinaryCrossEntropy::FromConfig(ConfigReader& /*reader*/) {
  return std::make_shared<BinaryCrossEntropy>();
}

void BinaryCrossEntropy::Activate(Tensor& output) const {
  SigmoidForward(output.data(), output.data(), output.size());
}

bool BinaryCrossEntropy::IncludesActivation(std::string_view type,
                                            const Config& /*config*/) const {
  return type == "Sigmoid";
}

double BinaryCrossEntropy::OnCompute(const Tensor& output,
                                     const Tensor& expected,
                                     Tensor& gradient) const {
  const double batch = static_cast<double>(output.shape()[0]);
  const float scale = static_cast<float>(1.0 / batch);
  SigmoidForward(output.data(), gradient.data(), output.size());
  double sum = 0.0;
  for (size_t i = 0; i < output.size(); ++i) {
    const double z = output.data()[i], y = expected.data()[i];
    sum += std::fmax(z, 0.0) - z * y + std::log1p(std::exp(-std::fabs(z)));
    gradient.data()[i] = scale * (gradient.data()[i] - expected.data()[i]);
  }
  return sum / batch;
}

double BinaryCrossEntropy::Accuracy(const Tensor& output,
                                    const Tensor& expected) const {
  size_t right = 0;
  for (size_t i = 0; i < output.size(); ++i) {
    right += (output.data()[i] > 0.0f) == (expected.data()[i] > 0.5f);
  }
  return static_cast<double>(right) / static_cast<double>(output.size());
}

std::shared_ptr<Loss> CategoricalCrossEntropy::FromConfig(
    ConfigReader& reader) {
  const double temperature = reader.Number("temperature", 0, kInfinity, 1.0);
  if (!(temperature > 0)) {
    ThrowValueError(
        "CategoricalCrossEntropy: temperature must be greater than 0, got 0");
  }
  return std::make_shared<CategoricalCrossEntropy>(temperature);
}

void CategoricalCrossEntropy::WriteConfig(Config& config) const {
  config.Set("temperature", temperature_);
}

void CategoricalCrossEntropy::CheckShape(const Shape& shape) const {
  if (shape.rank() != 2 || shape.size() == 0) {
    ThrowShapeError(
        Cat(type(), ": output must be (batch, classes), got ", shape));
  }
}

void CategoricalCrossEntropy::Activate(Tensor& output) const {
  SoftmaxForward(output.data(), output.shape()[0], output.shape()[1], 1,
                 static_cast<float>(temperature_), output.data());
}

bool CategoricalCrossEntropy::IncludesActivation(std::string_view type,
                                                 const Config& config) const {
  if (type != "Softmax") return false;
  const ConfigValue* temperature = config.Find("temperature");
  if (!(*temperature == ConfigValue(temperature_))) {
    ThrowValueError(
        Cat("CategoricalCrossEntropy: the model's final Softmax is part of "
            "this loss, so both must have the same temperature; got ",
            ConfigReader::Describe(*temperature), " and ", temperature_));
  }
  return true;
}

double CategoricalCrossEntropy::OnCompute(const Tensor& output,
                                          const Tensor& expected,
                                          Tensor& gradient) const {
  const size_t batch = output.shape()[0];
  const double scale = 1.0 / static_cast<double>(batch);
  return SoftmaxCrossEntropy(output.data(), expected.data(), batch,
                             output.shape()[1],
                             static_cast<float>(temperature_),
                             static_cast<float>(scale), gradient.data()) *
         scale;
}

double CategoricalCrossEntropy::Accuracy(const Tensor& output,
                                         const Tensor& expected) const {
  const size_t batch = output.shape()[0], classes = output.shape()[1];
  size_t right = 0;
  for (size_t n = 0; n < batch; ++n) {
    right += ArgMax(output.data() + n * classes, classes) ==
             ArgMax(expected.data() + n * classes, classes);
  }
  return static_cast<double>(right) / static_cast<double>(batch);
}

std::shared_ptr<Loss> CreateLoss(std::string_view type, const Config& config) {
  struct Entry {
    std::string_view type;
    std::shared_ptr<Loss> (*from_config)(ConfigReader& reader);
  };
  static constexpr Entry kLosses[] = {
      {"MSE", MSE::FromConfig},
      {"BinaryCrossEntropy", BinaryCrossEntropy::FromConfig},
      {"CategoricalCrossEntropy", CategoricalCrossEntropy::FromConfig},
  };
  for (const Entry& entry : kLosses) {
    if (entry.type != type) continue;
    ConfigReader reader(type, config);
    auto loss = entry.from_config(reader);
    reader.Finish();
    return loss;
  }
  ThrowValueError(Cat("unknown loss type '", type, "'"));
}

}  // namespace lamella
