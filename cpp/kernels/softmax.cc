#include "kernels/softmax.h"

#include <algorithm>
#include <cassert>

#include "base/math.h"
#include "kernels/math-inl.h"
#include "kernels/parallel-inl.h"
#include "kernels/reductions.h"

namespace lamella {
namespace {

using simd::Vec;
namespace hn = simd::hn;

float Maximum(const float* x, size_t size) {
  float maximum = x[0];
  size_t i = 0;
  if (size >= simd::kLanes) {
    Vec lanes = simd::Load(x);
    for (; i + simd::kLanes <= size; i += simd::kLanes) {
      lanes = hn::Max(lanes, simd::Load(x + i));
    }
    maximum = hn::ReduceMax(simd::Floats(), lanes);
  }
  for (; i < size; ++i) maximum = std::max(maximum, x[i]);
  return maximum;
}

// y = exp((x - max) / temperature) over one row of contiguous classes; returns
// the maximum and the sum of y.
struct RowSum {
  float maximum;
  double sum;
};
RowSum ExpRow(const float* x, size_t classes, float inverse_temperature,
              float* y) {
  const float maximum = Maximum(x, classes);
  const Vec shift = simd::Splat(maximum);
  const Vec scale = simd::Splat(inverse_temperature);
  simd::ForEachVector(classes, [&](size_t i, size_t count) {
    const Vec v = simd::LoadSome(x + i, count);
    simd::StoreSome(simd::Exp(hn::Mul(hn::Sub(v, shift), scale)), y + i, count);
  });
  return {maximum, SumChannel({1, classes, classes}, y)};
}

// The logarithm of a row's sum. Near 1 the terms beside the maximum's, which is
// 1, are added up without it: of a certain prediction they are all the loss.
double LogOfSum(double sum, const float* y, size_t classes) {
  if (sum > 1.01) return Log(sum);
  double rest = 0.0;
  for (size_t c = 0; c < classes; ++c) {
    if (y[c] != 1.0f) rest += y[c];
  }
  return Log1p(rest);
}

void SoftmaxRow(const float* x, size_t classes, float inverse_temperature,
                float* y) {
  const double sum = ExpRow(x, classes, inverse_temperature, y).sum;
  const Vec inverse_sum = simd::Splat(static_cast<float>(1.0 / sum));
  simd::ForEachVector(classes, [&](size_t i, size_t count) {
    simd::StoreSome(hn::Mul(simd::LoadSome(y + i, count), inverse_sum), y + i,
                    count);
  });
}

// Four neighbouring pixels (or the `count` that are left) at once; classes are
// `inner` apart.
void SoftmaxColumns(const float* x, size_t classes, size_t inner, size_t count,
                    float inverse_temperature, float* y) {
  Vec maximum = simd::LoadSome(x, count);
  for (size_t c = 1; c < classes; ++c) {
    maximum = hn::Max(maximum, simd::LoadSome(x + c * inner, count));
  }
  const Vec scale = simd::Splat(inverse_temperature);
  simd::LaneSums sums;
  for (size_t c = 0; c < classes; ++c) {
    const Vec v = simd::LoadSome(x + c * inner, count);
    const Vec e = simd::Exp(hn::Mul(hn::Sub(v, maximum), scale));
    sums.Add(e);
    simd::StoreSome(e, y + c * inner, count);
  }
  const Vec sum = sums.Rounded();
  for (size_t c = 0; c < classes; ++c) {
    simd::StoreSome(hn::Div(simd::LoadSome(y + c * inner, count), sum),
                    y + c * inner, count);
  }
}

}  // namespace

void SoftmaxForward(ThreadPool& pool, const float* x, size_t outer,
                    size_t classes, size_t inner, float temperature, float* y) {
  const float inverse = 1.0f / temperature;
  const size_t size = classes * inner;
  ParallelRows(pool, outer, size, [=](size_t first, size_t own) {
    for (size_t n = first; n < first + own; ++n) {
      const float* from = x + n * size;
      float* to = y + n * size;
      if (inner == 1) {
        SoftmaxRow(from, classes, inverse, to);
        continue;
      }
      simd::ForEachVector(inner, [&](size_t i, size_t count) {
        SoftmaxColumns(from + i, classes, inner, count, inverse, to + i);
      });
    }
  });
}

void SoftmaxGradient(ThreadPool& pool, const float* y,
                     const float* output_gradient, size_t outer, size_t classes,
                     size_t inner, float temperature, float* input_gradient) {
  const float inverse = 1.0f / temperature;
  ParallelRows(pool, outer, classes * inner, [=](size_t first, size_t own) {
    for (size_t n = first * inner; n < (first + own) * inner; ++n) {
      const size_t start = n / inner * classes * inner + n % inner;
      double sum = 0.0;
      for (size_t c = 0; c < classes; ++c) {
        sum += y[start + c * inner] * output_gradient[start + c * inner];
      }
      const float dot = static_cast<float>(sum);
      for (size_t c = 0; c < classes; ++c) {
        const size_t at = start + c * inner;
        input_gradient[at] = y[at] * (output_gradient[at] - dot) * inverse;
      }
    }
  });
}

double SoftmaxCrossEntropy(const float* logits, const float* expected,
                           size_t rows, size_t classes, float temperature,
                           float scale, const float* class_weights,
                           float* gradient) {
  const float inverse = 1.0f / temperature;
  double loss = 0.0;
  for (size_t n = 0; n < rows; ++n) {
    const float* z = logits + n * classes;
    const float* row_expected = expected + n * classes;
    const auto wanted = [=](size_t c) {
      return class_weights == nullptr ? row_expected[c]
                                      : row_expected[c] * class_weights[c];
    };
    float* slope = gradient + n * classes;
    const RowSum row = ExpRow(z, classes, inverse, slope);
    const double log_sum = LogOfSum(row.sum, slope, classes);
    double mass = 0.0;
    for (size_t c = 0; c < classes; ++c) {
      // A class that is not expected adds nothing, even where log p = -inf.
      if (wanted(c) == 0.0f) continue;
      mass += wanted(c);
      const double log_softmax =
          static_cast<double>((z[c] - row.maximum) * inverse) - log_sum;
      loss -= wanted(c) * log_softmax;
    }
    const float to_softmax = static_cast<float>(mass / row.sum);
    for (size_t c = 0; c < classes; ++c) {
      slope[c] = (slope[c] * to_softmax - wanted(c)) * inverse * scale;
    }
  }
  return loss;
}

double SparseSoftmaxCrossEntropy(const float* logits, const float* labels,
                                 size_t rows, size_t classes, float temperature,
                                 float scale, const float* class_weights,
                                 float* gradient) {
  const float inverse = 1.0f / temperature;
  double loss = 0.0;
  for (size_t n = 0; n < rows; ++n) {
    const float* z = logits + n * classes;
    float* slope = gradient + n * classes;
    const auto label = static_cast<size_t>(labels[n]);
    assert(label < classes);
    const float weight = class_weights == nullptr ? 1.0f : class_weights[label];
    const RowSum row = ExpRow(z, classes, inverse, slope);
    const double log_softmax =
        static_cast<double>((z[label] - row.maximum) * inverse) -
        LogOfSum(row.sum, slope, classes);
    // A class without weight adds nothing, even where log p = -inf.
    if (weight != 0.0f) loss -= weight * log_softmax;
    // In the order of SoftmaxCrossEntropy: one-hot rows give the same bits.
    const float to_softmax =
        static_cast<float>(static_cast<double>(weight) / row.sum);
    for (size_t c = 0; c < classes; ++c) {
      const float wanted = c == label ? weight : 0.0f;
      slope[c] = (slope[c] * to_softmax - wanted) * inverse * scale;
    }
  }
  return loss;
}

}  // namespace lamella
