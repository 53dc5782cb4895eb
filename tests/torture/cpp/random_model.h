// Random models: the same for a seed, so that each can have a twin.
#ifndef LAMELLA_TESTS_TORTURE_CPP_RANDOM_MODEL_H_
#define LAMELLA_TESTS_TORTURE_CPP_RANDOM_MODEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/engine.h"
#include "layers/layer.h"
#include "training/losses.h"
#include "training/model.h"
#include "training/optimizers.h"

namespace lamella::torture {

/// The engine of all cases, of which one runs at a time.
Engine& CaseEngine();

/// Whole and real random numbers that follow from a seed.
class Random {
 public:
  explicit Random(uint64_t seed);
  uint64_t Word();
  /// A whole number from `low` to `high`, both included.
  size_t Integer(size_t low, size_t high);
  /// A number from 0 to 1.
  double Fraction();
  bool Chance(double probability) { return Fraction() < probability; }
  Tensor Values(const Shape& shape);

 private:
  uint64_t state_;
};

/// The choices among which a random model is drawn.
struct ModelLimits {
  /// Whether its output is smooth in its weights and the same in every pass.
  bool smooth = false;
  size_t most_layers = 6;
  size_t most_samples = 6;
  size_t largest_side = 8;
};

/// Layers and all that a model of them needs.
struct ModelParts {
  ModelParts(uint64_t seed, const ModelLimits& limits);

  std::unique_ptr<Model> MakeModel() const;
  /// Layer types and shapes, for the report of a finding.
  std::string Describe() const;

  std::vector<std::shared_ptr<Layer>> layers;
  std::shared_ptr<Loss> loss;
  std::shared_ptr<Optimizer> optimizer;
  Shape input_shape;
  uint64_t seed;
  Tensor x, y;
};

}  // namespace lamella::torture

#endif  // LAMELLA_TESTS_TORTURE_CPP_RANDOM_MODEL_H_
