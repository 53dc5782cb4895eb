// The context that layers, losses and optimizers work in.
#ifndef LAMELLA_BASE_ENGINE_H_
#define LAMELLA_BASE_ENGINE_H_

#include <cstddef>
#include <cstdint>

#include "base/aligned_buffer.h"
#include "base/thread_pool.h"

namespace lamella {

/// Layers, losses and optimizers share an engine: threads, scratch memory, an
/// allowance of memory. They are made with an engine, which must outlive them;
/// those of one model have the same. One thread at a time may call into an
/// engine and what was made with it; several engines know nothing of each
/// other.
class Engine {
 public:
  constexpr Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// The threads that share the work of kernels.
  ThreadPool& pool() { return pool_; }

  /// At least `size` floats of scratch, 64-byte aligned, with unspecified
  /// contents. One block serves the whole engine: it grows to the largest
  /// request and stays, and is valid until the next request. Layers use it
  /// within one kernel call, so no two users overlap.
  float* Workspace(size_t size) {
    workspace_.Reserve(size);
    return workspace_.data();
  }

  /// Makes `Spend` of more than `floats` floats in all a value error. Loading a
  /// file sets it, so that a few hostile bytes cannot claim gigabytes.
  void LimitAllocations(size_t floats) { allowance_ = floats; }

  /// Ends `LimitAllocations`.
  void UnlimitAllocations() { allowance_ = SIZE_MAX; }

  /// To be called before memory is taken that a file may decide the size of.
  void Spend(size_t floats);

  /// A stream index for a consumer of random numbers outside any model: each
  /// call returns another, in the same order in every run, apart from the
  /// indices of a model's layers.
  uint32_t NextStandaloneIndex() { return next_standalone_index_++; }

  /// Tells the calls of models that are on their way from those that
  /// `AbandonCalls` has ended.
  uint32_t calls() const { return calls_; }

  /// Ends the calls of all models that are on their way, when JavaScript's
  /// stack has overflowed: no C++ destructor runs then.
  void AbandonCalls() { ++calls_; }

  /// Whether convolutions may take Winograd's algorithm; true at first.
  bool allows_winograd() const { return allows_winograd_; }
  void set_allows_winograd(bool allows) { allows_winograd_ = allows; }

 private:
  ThreadPool pool_;
  AlignedBuffer workspace_;
  /// Floats that may still be spent.
  size_t allowance_ = SIZE_MAX;
  uint32_t next_standalone_index_ = 0x80000000u;
  uint32_t calls_ = 1;
  bool allows_winograd_ = true;
};

}  // namespace lamella

#endif  // LAMELLA_BASE_ENGINE_H_
