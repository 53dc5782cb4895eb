// Random models under sanitizers: trained, evaluated and asked, and of those
// that are smooth the gradient against finite differences.
#include <algorithm>
#include <cmath>
#include <sstream>

#include "cases.h"
#include "layers/plan.h"
#include "random_model.h"

namespace lamella::torture {
namespace {

[[noreturn]] void FailWith(size_t index, const std::string& what,
                           const ModelParts& parts) {
  std::ostringstream text;
  text << "models case " << index << ": " << what << "\n" << parts.Describe();
  Fail(text.str());
}

/// The parameters of all layers moved by `distance` along `direction`.
void Move(const std::vector<Parameter>& parameters,
          const std::vector<std::vector<float>>& origin,
          const std::vector<std::vector<float>>& direction, double distance) {
  for (size_t i = 0; i < parameters.size(); ++i) {
    Tensor value = parameters[i].value;
    for (size_t k = 0; k < value.size(); ++k) {
      value.data()[k] =
          static_cast<float>(origin[i][k] + distance * direction[i][k]);
    }
  }
}

/// Compares the derivative of the loss along a random direction with what the
/// gradients say. The tolerance is of float32 losses at these distances, and
/// large enough for curvature: a missing or wrong term is far beyond it.
void CheckGradient(size_t index, uint64_t seed) {
  ModelParts parts(seed, {.smooth = true, .most_layers = 4});
  Config config;
  config.Add("learningRate", 0.0);
  parts.optimizer = CreateOptimizer(CaseEngine(), "SGD", config);
  const auto model = parts.MakeModel();
  std::vector<Parameter> parameters;
  for (const auto& layer : parts.layers) {
    for (const Parameter& each : layer->Params()) parameters.push_back(each);
  }
  const double loss = model->TrainBatch(parts.x, parts.y).loss;
  Random random(seed ^ 0x5555);
  std::vector<std::vector<float>> origin, direction;
  double along = 0, length = 0;
  for (const Parameter& each : parameters) {
    const auto values = each.value.values();
    origin.emplace_back(values.begin(), values.end());
    const Tensor drawn = random.Values(each.value.shape());
    const auto numbers = drawn.values();
    direction.emplace_back(numbers.begin(), numbers.end());
    for (size_t k = 0; k < numbers.size(); ++k) {
      along += static_cast<double>(each.gradient.data()[k]) * numbers[k];
      length +=
          std::abs(static_cast<double>(each.gradient.data()[k]) * numbers[k]);
    }
  }
  const auto difference = [&](double h) {
    Move(parameters, origin, direction, h);
    const double above = model->TrainBatch(parts.x, parts.y).loss;
    Move(parameters, origin, direction, -h);
    const double below = model->TrainBatch(parts.x, parts.y).loss;
    return (above - below) / (2 * h);
  };
  // Batch normalization of values that are nearly equal curves the loss so much
  // that only the smallest distances tell.
  std::ostringstream text;
  for (const double h : {0x1p-8, 0x1p-10, 0x1p-12, 0x1p-14}) {
    const double fine = difference(h), coarse = difference(2 * h);
    const double got = (4 * fine - coarse) / 3;
    const double tolerance = 2 * std::abs(fine - coarse) + 1e-3 * length +
                             1e-5 * (1 + std::abs(loss)) / h;
    if (std::isfinite(got) && std::abs(got - along) <= tolerance) return;
    text << "the loss changes by " << got << ", gradients say " << along
         << ", tolerance " << tolerance << "\n";
    if (std::abs(fine - coarse) <= 0.02 * length) break;
  }
  FailWith(index, text.str(), parts);
}

/// The same predictions one by one as all at once.
void CheckPredictions(size_t index, const ModelParts& parts, Model& model) {
  const Tensor all = model.Predict(parts.x, parts.x.shape()[0]);
  const Tensor single = model.Predict(parts.x, 1);
  for (size_t i = 0; i < all.size(); ++i) {
    const float a = all.data()[i], b = single.data()[i];
    if (std::isnan(a) && std::isnan(b)) continue;
    if (std::abs(a - b) <= 1e-4f * (1 + std::abs(a)) || a == b) continue;
    FailWith(index,
             "a sample alone is predicted as " + std::to_string(b) +
                 ", in a batch as " + std::to_string(a),
             parts);
  }
}

void RunCase(uint64_t own, size_t index) {
  if (index % 4 == 0) {
    CheckGradient(index, own);
    return;
  }
  const ModelParts parts(own, {.largest_side = 12});
  const auto model = parts.MakeModel();
  Random random(own);
  for (size_t i = random.Integer(1, 3); i > 0; --i) {
    switch (random.Integer(0, 3)) {
      case 0:
        model->TrainBatch(parts.x, parts.y);
        break;
      case 1:
        model->BeginEpoch(parts.x.shape()[0], random.Chance(0.5));
        model->TrainRows(parts.x, parts.y, 0,
                         random.Integer(1, parts.x.shape()[0]));
        break;
      case 2: {
        const size_t count = random.Integer(1, parts.x.shape()[0]);
        model->TrainBatch(parts.x.Rows(0, count), parts.y.Rows(0, count));
        break;
      }
      default:
        model->EvaluateRows(parts.x, parts.y, 0, random.Integer(1, 3));
    }
  }
  CheckPredictions(index, parts, *model);
}

}  // namespace

void ModelCase(uint64_t seed, size_t index) {
  try {
    RunCase(seed * 1'000'003 + index, index);
  } catch (const Error& error) {
    // A model may refuse its data, as batch normalization does one value a
    // channel; nothing may run out of memory.
    if (error.kind() == ErrorKind::kMemory) throw;
  }
}

}  // namespace lamella::torture
