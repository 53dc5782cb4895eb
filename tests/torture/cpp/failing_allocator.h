// Memory that runs out when a test says so. It takes the place of operator new
// and of the aligned allocations of tensors in this program; the engine knows
// nothing of it.
#ifndef LAMELLA_TESTS_TORTURE_CPP_FAILING_ALLOCATOR_H_
#define LAMELLA_TESTS_TORTURE_CPP_FAILING_ALLOCATOR_H_

#include <cstddef>

namespace lamella::torture {

/// Operator new throws it instead of std::bad_alloc when a case says so. Like
/// the error of JavaScript that it throws in WebAssembly (bindings/errors.cc),
/// no `catch` of a C++ exception sees it, so that only destructors put things
/// right.
struct ForeignError {};

/// While it lives, allocations are counted, and the one of number `first` (from
/// 0) fails, with `persistent` every later one too.
class FailingAllocations {
 public:
  static constexpr size_t kNever = static_cast<size_t>(-1);

  explicit FailingAllocations(size_t first = kNever, bool persistent = false,
                              bool foreign = false);
  ~FailingAllocations();
  FailingAllocations(const FailingAllocations&) = delete;
  FailingAllocations& operator=(const FailingAllocations&) = delete;

  /// Allocations since its construction.
  size_t count() const;
};

}  // namespace lamella::torture

#endif  // LAMELLA_TESTS_TORTURE_CPP_FAILING_ALLOCATOR_H_
