#include "random_model.h"

#include <optional>
#include <sstream>
#include <utility>

#include "layers/registry.h"
#include "layers/residual.h"

namespace lamella::torture {
namespace {

using LayerPointer = std::shared_ptr<Layer>;

Config MakeConfig(
    std::initializer_list<std::pair<const char*, ConfigValue>> entries) {
  Config config;
  for (const auto& [key, value] : entries) config.Add(key, value);
  return config;
}

double Number(size_t value) { return static_cast<double>(value); }

LayerPointer MakeConvolution(Random& random, const Shape& shape) {
  const size_t groups =
      random.Chance(0.3) && shape.rank() == 3 ? random.Integer(1, shape[0]) : 1;
  Config config = MakeConfig(
      {{"outputDepth", Number(groups * random.Integer(1, 3))},
       {"kernelSize", Number(random.Integer(1, 4))},
       {"stride", Number(random.Integer(1, random.Chance(0.7) ? 1 : 3))},
       {"noBias", random.Chance(0.2)}});
  if (groups > 1) config.Add("groups", Number(groups));
  if (random.Chance(0.2)) config.Add("dilation", 2.0);
  if (random.Chance(0.5)) config.Add("padding", std::string("same"));
  return CreateLayer(CaseEngine(), "Convolutional", config);
}

LayerPointer MakePooling(Random& random, std::string_view type) {
  return CreateLayer(CaseEngine(), type,
                     MakeConfig({{"poolSize", Number(random.Integer(1, 3))},
                                 {"stride", Number(random.Integer(1, 3))}}));
}

LayerPointer MakeReshape(Random& random, const Shape& shape) {
  const size_t size = shape.size();
  size_t first = random.Integer(1, size);
  while (size % first != 0) --first;
  return CreateLayer(
      CaseEngine(), "Reshape",
      MakeConfig({{"targetShape",
                   std::vector<double>{Number(first), Number(size / first)}}}));
}

/// One that may not fit samples of the shape.
LayerPointer MakeAnyLayer(Random& random, const Shape& shape, bool smooth,
                          size_t depth);

LayerPointer MakeResidual(Random& random, const Shape& shape, bool smooth,
                          size_t depth) {
  std::vector<LayerPointer> layers = {
      MakeAnyLayer(random, shape, smooth, depth + 1)};
  if (random.Chance(0.4)) {
    layers.push_back(MakeAnyLayer(random, shape, smooth, depth + 1));
  }
  const size_t count = layers.size();
  if (random.Chance(0.2)) {
    layers.push_back(MakeAnyLayer(random, shape, smooth, depth + 1));
  }
  return std::make_shared<Residual>(CaseEngine(), std::move(layers), count);
}

LayerPointer MakeAnyLayer(Random& random, const Shape& shape, bool smooth,
                          size_t depth) {
  static constexpr const char* kPlain[] = {
      "GELU",    "Sigmoid", "Tanh",  "Swish",     "Flatten",
      "Softmax", "ReLU",    "PReLU", "LeakyReLU", "GlobalAveragePooling2D"};
  const bool image = shape.rank() == 3;
  switch (random.Integer(0, image ? 10 : 6)) {
    case 0:
    case 1:
      return CreateLayer(
          CaseEngine(), "Dense",
          MakeConfig({{"outputSize", Number(random.Integer(1, 9))},
                      {"noBias", random.Chance(0.2)}}));
    case 2:
    case 3:
      return CreateLayer(CaseEngine(),
                         kPlain[random.Integer(0, smooth ? 5 : 9)], {});
    case 4:
      return CreateLayer(CaseEngine(),
                         image ? "BatchNormalization2D" : "BatchNormalization",
                         MakeConfig({{"epsilon", 1e-3}}));
    case 5:
      if (smooth)
        return CreateLayer(CaseEngine(), "LayerNormalization",
                           MakeConfig({{"epsilon", 1e-3}}));
      return random.Chance(0.5)
                 ? CreateLayer(CaseEngine(), "Dropout", {})
                 : CreateLayer(CaseEngine(), "LayerNormalization", {});
    case 6:
      if (depth < 2) return MakeResidual(random, shape, smooth, depth);
      return MakeReshape(random, shape);
    case 7:
      return MakePooling(random, smooth ? "AveragePooling2D" : "MaxPooling2D");
    case 8:
      return MakePooling(random, "AveragePooling2D");
    default:
      return MakeConvolution(random, shape);
  }
}

Shape RandomInputShape(Random& random, size_t side) {
  switch (random.Integer(0, 3)) {
    case 0:
      return {random.Integer(1, 12)};
    case 1:
      return {random.Integer(1, 4), random.Integer(1, 4)};
    default:
      return {random.Integer(1, 4), random.Integer(1, side),
              random.Integer(1, side)};
  }
}

std::shared_ptr<Optimizer> MakeOptimizer(Random& random) {
  static constexpr const char* kTypes[] = {"SGD", "RMSprop", "Adam", "AdamW"};
  const std::string type = kTypes[random.Integer(0, 3)];
  Config config = MakeConfig({{"learningRate", 0.01}});
  if (type == "SGD") config.Add("momentum", random.Chance(0.5) ? 0.9 : 0.0);
  if (random.Chance(0.3)) config.Add("clipNorm", 1.0);
  return CreateOptimizer(CaseEngine(), type, config);
}

}  // namespace

Engine& CaseEngine() {
  static Engine engine;
  return engine;
}

Random::Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}

// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number
// generators", 2014 (SplitMix64).
uint64_t Random::Word() {
  uint64_t z = state_ += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

size_t Random::Integer(size_t low, size_t high) {
  return low + Word() % (high - low + 1);
}

double Random::Fraction() {
  return static_cast<double>(Word() >> 11) * 0x1p-53;
}

Tensor Random::Values(const Shape& shape) {
  Tensor tensor(shape);
  for (float& value : tensor.values()) {
    value = static_cast<float>(2 * Fraction() - 1);
  }
  return tensor;
}

ModelParts::ModelParts(uint64_t seed, const ModelLimits& limits) : seed(seed) {
  Random random(seed);
  input_shape = RandomInputShape(random, limits.largest_side);
  Shape shape = input_shape;
  for (size_t i = random.Integer(0, limits.most_layers); i > 0; --i) {
    // Twice from the same numbers: one is built to see whether it fits, and
    // what it makes.
    Random again = random;
    const Shape input = shape;
    try {
      const LayerPointer trial = MakeAnyLayer(random, shape, limits.smooth, 0);
      trial->Build(shape);
      shape = trial->output_shape();
    } catch (const Error&) {
      continue;
    }
    layers.push_back(MakeAnyLayer(again, input, limits.smooth, 0));
  }
  if (shape.rank() > 1)
    layers.push_back(CreateLayer(CaseEngine(), "Flatten", {}));
  const size_t outputs = random.Integer(1, 4);
  layers.push_back(CreateLayer(CaseEngine(), "Dense",
                               MakeConfig({{"outputSize", Number(outputs)}})));
  const size_t samples = random.Integer(2, limits.most_samples);
  x = random.Values(input_shape.Prepended(samples));
  static constexpr const char* kLosses[] = {
      "MSE", "Huber", "BinaryCrossEntropy", "CategoricalCrossEntropy",
      "SparseCategoricalCrossEntropy"};
  const std::string type = kLosses[random.Integer(0, outputs > 1 ? 4 : 2)];
  loss = CreateLoss(CaseEngine(), type, {});
  optimizer = MakeOptimizer(random);
  y = Tensor(type.starts_with("Sparse") ? Shape{samples}
                                        : Shape{samples, outputs});
  for (size_t n = 0; n < samples; ++n) {
    const size_t label = random.Integer(0, outputs - 1);
    if (y.shape().rank() == 1) {
      y.data()[n] = static_cast<float>(label);
    } else {
      y.data()[n * outputs + label] = 1;
    }
  }
}

std::unique_ptr<Model> ModelParts::MakeModel() const {
  return std::make_unique<Model>(layers, loss, optimizer, seed % 1000,
                                 input_shape);
}

std::string ModelParts::Describe() const {
  std::ostringstream text;
  text << "seed " << seed << ", " << x.shape()[0] << " samples of";
  for (const size_t dim : input_shape.dims()) text << " " << dim;
  for (const auto& layer : layers) {
    text << ", " << layer->type();
    if (!layer->built()) continue;
    for (const size_t dim : layer->output_shape().dims()) text << " " << dim;
  }
  text << ", " << loss->type() << ", " << optimizer->type();
  return text.str();
}

}  // namespace lamella::torture
