// Shapes, tensors and their memory.
#include "tensor/tensor.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/number_text.h"
#include "test_util.h"

namespace lamella::test {
namespace {

TEST(Shape, KnowsItsSize) {
  EXPECT_EQ(Shape().size(), 1u);
  EXPECT_EQ((Shape{2, 3, 4}).size(), 24u);
  EXPECT_EQ((Shape{2, 0, 4}).size(), 0u);
  EXPECT_EQ(ToText(Shape{64, 1, 28}), "[64, 1, 28]");
  EXPECT_EQ(ToText(Shape()), "[]");
}

TEST(Shape, ComparesDimensions) {
  EXPECT_EQ((Shape{2, 3}), (Shape{2, 3}));
  EXPECT_FALSE((Shape{2, 3}) == (Shape{3, 2}));
  EXPECT_FALSE((Shape{2, 3}) == (Shape{2, 3, 1}));
  EXPECT_FALSE((Shape{6}) == (Shape{2, 3}));
}

TEST(Shape, AddsAndRemovesTheBatch) {
  EXPECT_EQ((Shape{3, 4}).Prepended(2), (Shape{2, 3, 4}));
  EXPECT_EQ((Shape{2, 3, 4}).WithoutFirst(), (Shape{3, 4}));
  EXPECT_EQ((Shape{2}).WithoutFirst(), Shape());
}

TEST(Shape, RejectsWhatDoesNotFit) {
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"8 dimensions", "9"},
                     [] { Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}; }));
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"8 dimensions", "9"}, [] {
    (Shape{1, 1, 1, 1, 1, 1, 1, 1}).Prepended(2);
  }));
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"too many elements"}, [] {
    Shape{SIZE_MAX / 4, 2};
  }));
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"too many elements"}, [] {
    Shape{1u << 16, 1u << 16, 1u << 16, 1u << 16};
  }));
}

TEST(Tensor, StartsWithZeros) {
  const Tensor tensor(Shape{3, 5});
  EXPECT_EQ(std::vector<float>(tensor.values().begin(), tensor.values().end()),
            std::vector<float>(15, 0.0f));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data()) % kAlignment, 0u);
}

TEST(Tensor, EmptyIsNotAScalar) {
  const Tensor tensor;
  EXPECT_TRUE(tensor.empty());
  EXPECT_EQ(tensor.values().size(), 0u);
  EXPECT_EQ(tensor.data(), nullptr);
}

TEST(Tensor, WantsAsManyValuesAsItsShape) {
  const std::vector<float> five(5);
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"[2, 3]", "6", "5"}, [&] {
    Tensor(Shape{2, 3}, five);
  }));
}

TEST(Tensor, CopiesShareCloneCopies) {
  Tensor tensor(Shape{2});
  EXPECT_TRUE(tensor.SoleOwner());
  Tensor shared = tensor, clone = tensor.Clone();
  EXPECT_FALSE(tensor.SoleOwner());
  tensor.data()[1] = 5;
  EXPECT_EQ(shared.data()[1], 5);
  EXPECT_EQ(clone.data()[1], 0);
}

TEST(Tensor, ReshapedShares) {
  Tensor tensor(Shape{2, 6});
  const Tensor reshaped = tensor.Reshaped({3, 4});
  tensor.data()[7] = 3;
  EXPECT_EQ(reshaped.shape(), (Shape{3, 4}));
  EXPECT_EQ(reshaped.data()[7], 3);
  EXPECT_TRUE(Throws(ErrorKind::kShape, {"[2, 6]", "[5]"},
                     [&] { tensor.Reshaped({5}); }));
}

TEST(Tensor, ResetKeepsMemoryOfASoleOwner) {
  Tensor tensor(Shape{4, 4});
  const float* memory = tensor.data();
  const size_t allocations = AllocationCount();
  tensor.Reset({2, 3});
  EXPECT_EQ(tensor.data(), memory);
  EXPECT_EQ(tensor.shape(), (Shape{2, 3}));
  tensor.Reset({16});
  EXPECT_EQ(tensor.data(), memory);
  EXPECT_EQ(AllocationCount(), allocations);
  tensor.Reset({17});
  EXPECT_EQ(AllocationCount(), allocations + 1);
}

TEST(Tensor, ResetLeavesWhatWasHandedOut) {
  Tensor tensor(Shape{2});
  tensor.data()[0] = 7;
  const Tensor handed_out = tensor;
  tensor.Reset({2});
  tensor.data()[0] = 8;
  EXPECT_EQ(handed_out.data()[0], 7);
  EXPECT_NE(handed_out.data(), tensor.data());
}

TEST(AlignedBuffer, TooMuchIsAMemoryError) {
  // As much as may be asked for, which no host has, and more than that.
  for (size_t size : {SIZE_MAX / 4 - 128, SIZE_MAX}) {
    EXPECT_TRUE(Throws(ErrorKind::kMemory,
                       {"out of memory", NumberText(static_cast<double>(size))},
                       [size] { AlignedBuffer buffer(size); }));
  }
}

TEST(AlignedBuffer, FailureLeavesTheTensor) {
  Tensor tensor(Shape{3});
  tensor.data()[1] = 4;
  EXPECT_TRUE(Throws(ErrorKind::kMemory, {"out of memory"},
                     [&] { tensor.Reset({SIZE_MAX / 8 - 128}); }));
  EXPECT_EQ(tensor.shape(), (Shape{3}));
  EXPECT_EQ(tensor.data()[1], 4);
}

TEST(AlignedBuffer, ReserveOnlyGrows) {
  AlignedBuffer buffer(10);
  const float* memory = buffer.data();
  buffer.Reserve(4);
  EXPECT_EQ(buffer.data(), memory);
  EXPECT_EQ(buffer.size(), 10u);
  buffer.Reserve(100);
  EXPECT_EQ(buffer.size(), 100u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % kAlignment, 0u);
}

}  // namespace
}  // namespace lamella::test
