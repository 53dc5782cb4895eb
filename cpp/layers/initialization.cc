#include "layers/initialization.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"

namespace lamella {
namespace {

enum class Distribution { kNormal, kUniform, kZeros };

struct Way {
  std::string_view name;
  Distribution distribution;
  // The variance is this over fan_in, or over the mean of both fans.
  float gain = 1;
  bool both_fans = false;
};

// In the order of the enumeration.
constexpr Way kWays[] = {
    {"auto", Distribution::kNormal},
    {"he", Distribution::kNormal, 2},
    {"xavier", Distribution::kNormal},
    {"heNormal", Distribution::kNormal, 2},
    {"heUniform", Distribution::kUniform, 2},
    {"glorotNormal", Distribution::kNormal, 1, true},
    {"glorotUniform", Distribution::kUniform, 1, true},
    {"lecunNormal", Distribution::kNormal},
    {"lecunUniform", Distribution::kUniform},
    {"zeros", Distribution::kZeros},
};

const Way& WayOf(Initialization initialization) {
  return kWays[static_cast<size_t>(initialization)];
}

}  // namespace

Initialization ParseInitialization(std::string_view owner,
                                   std::string_view name) {
  std::string known;
  for (size_t i = 0; i < std::size(kWays); ++i) {
    if (kWays[i].name == name) return Initialization(i);
    (known += i == 0 ? "" : ", ") += kWays[i].name;
  }
  ThrowValueError("{}: unknown initialization '{}'; known are: {}",
                  {owner, name, known});
}

std::string_view InitializationName(Initialization initialization) {
  return WayOf(initialization).name;
}

void Draw(Initialization initialization, size_t fan_in, size_t fan_out,
          RandomStream& random, Tensor& weights) {
  const Way& way = WayOf(initialization);
  const float inputs = static_cast<float>(fan_in);
  const float fan =
      way.both_fans ? (inputs + static_cast<float>(fan_out)) / 2 : inputs;
  const float deviation = std::sqrt(way.gain / fan);
  switch (way.distribution) {
    case Distribution::kNormal:
      return random.FillNormal(weights.values(), deviation);
    case Distribution::kUniform:
      return random.FillUniform(weights.values(), std::sqrt(3.0f) * deviation);
    case Distribution::kZeros:
      return std::ranges::fill(weights.values(), 0.0f), void();
  }
}

}  // namespace lamella
