// Small networks and a problem they can learn.
#ifndef LAMELLA_TESTS_CPP_NETWORKS_H_
#define LAMELLA_TESTS_CPP_NETWORKS_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "layers/registry.h"
#include "test_util.h"
#include "training/losses.h"
#include "training/optimizers.h"

namespace lamella::test {

using Layers = std::vector<std::shared_ptr<Layer>>;

inline std::shared_ptr<Layer> Dense(double outputs) {
  return CreateLayer("Dense", MakeConfig({{"outputSize", outputs}}));
}

inline std::shared_ptr<Layer> Convolution(double depth) {
  return CreateLayer("Convolutional",
                     MakeConfig({{"outputDepth", depth},
                                 {"kernelSize", 3.0},
                                 {"padding", std::string("same")}}));
}

inline std::shared_ptr<Layer> Plain(std::string_view type) {
  return CreateLayer(type, {});
}

inline Layers Mlp() {
  return {Dense(16), Plain("ReLU"), Dense(8), Plain("Tanh"), Dense(3)};
}

inline Layers Cnn() {
  return {Convolution(4),   Plain("BatchNormalization2D"),
          Plain("ReLU"),    Plain("MaxPooling2D"),
          Plain("Flatten"), Plain("Dropout"),
          Dense(8),         Plain("BatchNormalization"),
          Plain("Swish"),   Dense(3),
          Plain("Softmax")};
}

inline std::shared_ptr<Loss> CrossEntropy() {
  return CreateLoss("CategoricalCrossEntropy", {});
}

inline std::shared_ptr<Optimizer> MakeOptimizer(std::string_view type,
                                                double learning_rate) {
  return CreateOptimizer(type, MakeConfig({{"learningRate", learning_rate}}));
}

/// Samples of three classes with one-hot labels, told apart by the place of
/// their greatest values.
struct Problem {
  Problem(const Shape& sample, size_t rows)
      : x(Uniform(77).Values(sample.Prepended(rows))), y(Shape{rows, 3}) {
    const size_t size = sample.size();
    for (size_t n = 0; n < rows; ++n) {
      const size_t label = n % 3;
      y.data()[n * 3 + label] = 1;
      for (size_t i = label * size / 3; i < (label + 1) * size / 3; ++i) {
        x.data()[n * size + i] += 1.5f;
      }
    }
  }

  Tensor x, y;
};

}  // namespace lamella::test

#endif  // LAMELLA_TESTS_CPP_NETWORKS_H_
