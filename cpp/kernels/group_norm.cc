#include "kernels/group_norm.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "kernels/channels-inl.h"
#include "kernels/reductions.h"

namespace lamella {
namespace {

using simd::LoadSome;
using simd::StoreSome;
using simd::Vec;
namespace hn = simd::hn;

// Some groups of a sample: work of one thread, whose data stay in its caches.
struct Part {
  ChannelBlock block;
  size_t groups;
  // Its first channel, of a sample and of the batch.
  size_t channel, place;
};

// Calls body(part) for parts that make up the batch: groups, but whole samples
// where vectors lie across the channels.
template <typename Body>
void ForEachPart(ThreadPool& pool, const GroupNormGeometry& g,
                 const Body& body) {
  const size_t groups = g.inner == 1 ? g.groups : 1;
  const size_t parts = g.groups / groups;  // of a sample
  const size_t channels = groups * g.channels_per_group();
  ParallelRows(
      pool, g.batch * parts, g.outer * channels * g.inner,
      [=, &g](size_t first, size_t own) {
        for (size_t i = first; i < first + own; ++i) {
          const size_t sample = i / parts;
          const size_t channel = i % parts * channels;
          const ChannelBlock block = {
              .start = sample * g.sample_size() + channel * g.inner,
              .rows = g.outer,
              .stride = g.channels * g.inner,
              .channels = channels,
              .inner = g.inner};
          body(Part{block, groups, channel, sample * g.channels + channel});
        }
      });
}

// Normalized numbers, by mean, mean_rest and inverse_deviation.
template <typename Numbers>
Vec Normalized(Vec x, const Numbers& own) {
  return hn::Mul(hn::Sub(hn::Sub(x, own[0]), own[1]), own[2]);
}

// The moments of a part with the variance in the place of the deviation.
void GroupVariances(const GroupNormGeometry& g, const float* x,
                    const Part& part, const GroupMoments& moments) {
  const size_t channels = g.channels_per_group();
  const ChannelBlock& block = part.block;
  float* mean = moments.mean + part.place;
  float* rest = moments.mean_rest + part.place;
  float* variance = moments.inverse_deviation + part.place;
  if (g.inner > 1) {
    const Moments of_group = ChannelMoments(
        {g.outer, block.stride, channels * g.inner}, x + block.start);
    std::fill_n(mean, channels, of_group.mean);
    std::fill_n(rest, channels, of_group.mean_rest);
    std::fill_n(variance, channels, of_group.variance);
    return;
  }
  // Sums of each channel, of what is left beside its first number and then
  // beside the mean, so that large numbers lose nothing.
  const double rows = static_cast<double>(g.outer);
  const double count = rows * static_cast<double>(channels);
  const float* first = x + block.start;
  SumOverRows<1, 1>(
      block, {first},
      [=](size_t, size_t at, size_t lanes, const auto& own) {
        return std::array{hn::Sub(LoadSome(x + at, lanes), own[0])};
      },
      {variance});
  for (size_t c = 0; c < block.channels; c += channels) {
    double sum = 0.0;
    for (size_t i = c; i < c + channels; ++i) {
      sum += rows * first[i] + variance[i];
    }
    const double exact = sum / count;
    const float rounded = static_cast<float>(exact);
    std::fill_n(mean + c, channels, rounded);
    std::fill_n(rest + c, channels, static_cast<float>(exact - rounded));
  }
  SumOverRows<1, 1>(block, {mean},
                    [=](size_t, size_t at, size_t lanes, const auto& own) {
                      const Vec centred =
                          hn::Sub(LoadSome(x + at, lanes), own[0]);
                      return std::array{hn::Mul(centred, centred)};
                    },
                    {variance});
  for (size_t c = 0; c < block.channels; c += channels) {
    double sum = 0.0;
    for (size_t i = c; i < c + channels; ++i) sum += variance[i];
    const double lost = rest[c];
    std::fill_n(variance + c, channels,
                static_cast<float>(std::max(sum / count - lost * lost, 0.0)));
  }
}

// sums[i] = the mean over the group of gamma * sums, in each of its channels.
void MeanOfGroups(const GroupNormGeometry& g, const Part& part,
                  const float* gamma, const float* sums, float* means) {
  const size_t channels = g.channels_per_group();
  const double count = static_cast<double>(g.outer * channels * g.inner);
  for (size_t c = 0; c < part.block.channels; c += channels) {
    double sum = 0.0;
    for (size_t i = c; i < c + channels; ++i) {
      sum += static_cast<double>(gamma[i]) * sums[i];
    }
    std::fill_n(means + c, channels, static_cast<float>(sum / count));
  }
}

}  // namespace

void GroupNorm(ThreadPool& pool, const GroupNormGeometry& g, const float* x,
               double epsilon, const float* gamma, const float* beta,
               const GroupMoments& moments, float* y) {
  assert(g.channels % g.groups == 0);
  ForEachPart(pool, g, [=, &g](const Part& part) {
    GroupVariances(g, x, part, moments);
    float* inverse = moments.inverse_deviation + part.place;
    for (size_t c = 0; c < part.block.channels; ++c) {
      const double deviation = std::sqrt(inverse[c] + epsilon);
      // A constant group without epsilon: what is 0 stays 0.
      inverse[c] =
          deviation == 0.0 ? 0.0f : static_cast<float>(1.0 / deviation);
    }
    MapChannels<5>(part.block,
                   {moments.mean + part.place, moments.mean_rest + part.place,
                    inverse, gamma + part.channel, beta + part.channel},
                   [=](size_t, size_t at, size_t count, const auto& own) {
                     const Vec unit = Normalized(LoadSome(x + at, count), own);
                     StoreSome(hn::Add(hn::Mul(own[3], unit), own[4]), y + at,
                               count);
                   });
  });
}

void GroupNormGradient(ThreadPool& pool, const GroupNormGeometry& g,
                       const float* x, const GroupMoments& moments,
                       const float* gamma, const float* output_gradient,
                       float* workspace, float* gamma_gradient,
                       float* beta_gradient, float* input_gradient) {
  const size_t size = g.batch * g.channels;
  float* const sums = workspace;
  float* const products = sums + size;
  float* const means = products + size;
  float* const projections = means + size;
  ForEachPart(pool, g, [=, &g](const Part& part) {
    const size_t place = part.place;
    const float* mean = moments.mean + place;
    const float* rest = moments.mean_rest + place;
    const float* inverse = moments.inverse_deviation + place;
    const float* scale = gamma + part.channel;
    SumOverRows<2, 3>(
        part.block, {mean, rest, inverse},
        [=](size_t, size_t at, size_t count, const auto& own) {
          const Vec gradient = LoadSome(output_gradient + at, count);
          const Vec unit = Normalized(LoadSome(x + at, count), own);
          return std::array{gradient, hn::Mul(gradient, unit)};
        },
        {sums + place, products + place});
    if (input_gradient == nullptr) return;
    MeanOfGroups(g, part, scale, sums + place, means + place);
    MeanOfGroups(g, part, scale, products + place, projections + place);
    MapChannels<6>(
        part.block,
        {mean, rest, inverse, scale, means + place, projections + place},
        [=](size_t, size_t at, size_t count, const auto& own) {
          const Vec gradient = LoadSome(output_gradient + at, count);
          const Vec unit = Normalized(LoadSome(x + at, count), own);
          const Vec centred =
              hn::Sub(hn::Sub(hn::Mul(gradient, own[3]), own[4]),
                      hn::Mul(unit, own[5]));
          StoreSome(hn::Mul(own[2], centred), input_gradient + at, count);
        });
  });
  SumRows(products, g.batch, g.channels, gamma_gradient);
  SumRows(sums, g.batch, g.channels, beta_gradient);
}

}  // namespace lamella
