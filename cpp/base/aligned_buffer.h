// Owning, 64-byte aligned float memory. Every tensor and workspace stands on
// it, so counting its allocations counts the engine's.
#ifndef LAMELLA_BASE_ALIGNED_BUFFER_H_
#define LAMELLA_BASE_ALIGNED_BUFFER_H_

#include <cstddef>
#include <cstdlib>
#include <memory>

namespace lamella {

/// Alignment of every buffer in bytes: one cache line, four SIMD vectors.
inline constexpr size_t kAlignment = 64;

/// Owns `size` floats at a 64-byte boundary. Moves, does not copy.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;

  /// Allocates `size` floats with unspecified contents. Throws a memory error
  /// that names the size when the host has no more.
  explicit AlignedBuffer(size_t size);

  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  size_t size() const { return size_; }

  /// Grows to at least `size` floats; keeps the memory, not the contents,
  /// when it is large enough already.
  void Reserve(size_t size);

 private:
  struct Free {
    void operator()(float* pointer) const { std::free(pointer); }
  };

  std::unique_ptr<float[], Free> data_;
  size_t size_ = 0;
};

/// Number of buffers allocated since the program started, of all engines, since
/// memory knows none. A test compares it before and after a training step to
/// show that steady state allocates none.
size_t AllocationCount();

}  // namespace lamella

#endif  // LAMELLA_BASE_ALIGNED_BUFFER_H_
