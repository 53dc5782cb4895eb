// Helpers of the tests: comparisons that say what differs, seeded data, and
// checks of errors.
#ifndef LAMELLA_TESTS_CPP_TEST_UTIL_H_
#define LAMELLA_TESTS_CPP_TEST_UTIL_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/config.h"
#include "base/engine.h"
#include "base/error.h"
#include "kernels/window.h"
#include "layers/layer.h"
#include "layers/residual.h"
#include "tensor/tensor.h"
#include "training/losses.h"
#include "training/optimizers.h"

namespace lamella::test {

/// A shape as messages show it.
std::string ToText(const Shape& shape);

/// Joins texts and numbers.
template <typename... Parts>
std::string Cat(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  return text.str();
}

/// Distance from 1 to the next float32.
inline constexpr double kEpsilon = 0x1p-23;

/// Whether |got - wanted| <= tolerance everywhere. Says name, number of
/// differences, and index, expected, actual and tolerance of the worst one. A
/// NaN agrees only with a NaN, an infinity only with itself.
::testing::AssertionResult Close(std::string_view name,
                                 std::span<const float> got,
                                 std::span<const double> wanted,
                                 double tolerance);

/// The same with a tolerance for each element.
::testing::AssertionResult Close(std::string_view name,
                                 std::span<const float> got,
                                 std::span<const double> wanted,
                                 std::span<const double> tolerances);

/// The same for tensors, whose shapes must agree too.
::testing::AssertionResult Close(std::string_view name, const Tensor& got,
                                 const Tensor& wanted, double tolerance);

/// Whether shapes and bits agree.
::testing::AssertionResult Same(std::string_view name, const Tensor& got,
                                const Tensor& wanted);

std::vector<double> ToDouble(std::span<const float> values);
double MaxAbs(std::span<const float> values);

/// A window, for traces.
std::string ToText(const Window& window);

/// Uniform numbers, the same for a seed on every platform.
class Uniform {
 public:
  explicit Uniform(uint64_t seed) : state_(seed) {}
  float operator()(float low = -1.0f, float high = 1.0f);
  std::vector<float> Values(size_t size, float low = -1.0f, float high = 1.0f);
  Tensor Values(const Shape& shape, float low = -1.0f, float high = 1.0f);

 private:
  uint64_t state_;
};

/// Sums of products in float64, and the magnitudes that bound what a float32
/// sum of the same products may be off by.
struct Sums {
  explicit Sums(size_t size) : values(size), magnitudes(size), terms(size) {}

  void Add(size_t at, double term);

  /// Each of n products and n - 1 additions rounds by at most half a unit in
  /// the last place of a partial sum, in whatever order.
  std::vector<double> Tolerances() const;

  std::vector<double> values, magnitudes, terms;
};

/// Checks that `call` throws an error of this kind whose message holds every
/// one of `parts`.
::testing::AssertionResult Throws(ErrorKind kind,
                                  std::initializer_list<std::string_view> parts,
                                  const std::function<void()>& call);

/// Copies values into tensors of a layer by name; all shapes must agree.
void LoadParams(Layer& layer, const std::vector<Parameter>& values);
void LoadState(Layer& layer, const std::vector<Parameter>& values);

/// A residual block of such chains.
std::shared_ptr<Residual> MakeResidual(Residual::Layers layers,
                                       const Residual::Layers& shortcut);

/// The engine that tests make layers, losses and optimizers with unless they
/// say another, and its threads: one, in most of them.
Engine& TestEngine();
ThreadPool& Pool();

std::shared_ptr<Layer> CreateLayer(std::string_view type, const Config& config);
std::shared_ptr<Loss> CreateLoss(std::string_view type, const Config& config);
std::shared_ptr<Optimizer> CreateOptimizer(std::string_view type,
                                           const Config& config);

/// A configuration from a list of keys and values.
Config MakeConfig(
    std::initializer_list<std::pair<const char*, ConfigValue>> entries);

}  // namespace lamella::test

namespace lamella {
/// GoogleTest prints them by these.
inline void PrintTo(const Shape& shape, std::ostream* stream) {
  *stream << test::ToText(shape);
}
}  // namespace lamella

#endif  // LAMELLA_TESTS_CPP_TEST_UTIL_H_
