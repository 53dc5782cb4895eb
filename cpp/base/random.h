// Counter-based random numbers: a value depends on seed, stream and position
// only, never on the clock or on how many other consumers there are.
#ifndef LAMELLA_BASE_RANDOM_H_
#define LAMELLA_BASE_RANDOM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lamella {

/// Philox4x32-10: maps a 128-bit counter and a 64-bit key to 128 random bits.
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3", SC 2011, section 3.3, ten rounds.
std::array<uint32_t, 4> Philox(std::array<uint32_t, 4> counter,
                               std::array<uint32_t, 2> key);

/// Consumers of random numbers. Streams of different purposes never overlap.
enum class RandomPurpose : uint32_t {
  kInitialization = 1,
  kDropout = 2,
  kShuffle = 3,
  // 4 is that of augmentation: web/src/images/augmentation/streams.ts.
  kNoise = 5,
};

/// A sequence of random numbers addressed by (seed, purpose, index), with a
/// position that can be saved and restored. `index` tells consumers of one
/// purpose apart: the layer's place in its model, or the epoch.
class RandomStream {
 public:
  RandomStream() = default;
  RandomStream(uint64_t seed, RandomPurpose purpose, uint32_t index)
      : seed_(seed), purpose_(purpose), index_(index) {}

  uint64_t position() const { return position_; }
  void set_position(uint64_t position) { position_ = position; }

  /// What Philox makes the four words of a position of.
  struct Block {
    std::array<uint32_t, 4> counter;
    std::array<uint32_t, 2> key;
  };
  Block At(uint64_t position) const {
    return {
        {static_cast<uint32_t>(position), static_cast<uint32_t>(position >> 32),
         index_, static_cast<uint32_t>(purpose_)},
        {static_cast<uint32_t>(seed_), static_cast<uint32_t>(seed_ >> 32)}};
  }

  /// The next four 32-bit words; advances the position by one.
  std::array<uint32_t, 4> Next();

  /// Fills `values` with draws of a normal distribution of mean 0 and the
  /// given standard deviation (Box-Muller).
  void FillNormal(std::span<float> values, float standard_deviation);

  /// Fills `values` with draws from (-limit, limit), all equally likely.
  void FillUniform(std::span<float> values, float limit);

  /// Fills `values` with `kept` (with probability 1 - `drop_probability`) or
  /// 0, each element on its own.
  void FillMask(std::span<float> values, double drop_probability, float kept);

  /// Fills `indices` with a uniformly drawn permutation of 0 … n-1
  /// (Fisher-Yates).
  void FillPermutation(std::span<uint32_t> indices);

 private:
  uint64_t seed_ = 0;
  RandomPurpose purpose_ = RandomPurpose::kInitialization;
  uint32_t index_ = 0;
  uint64_t position_ = 0;
};

}  // namespace lamella

#endif  // LAMELLA_BASE_RANDOM_H_
