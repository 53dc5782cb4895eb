#include "kernels/permute_axes.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "kernels/parallel-inl.h"
#include "tensor/shape.h"

namespace lamella {
namespace {

using simd::kLanes;
using simd::Vec;

// An axis, and how far its neighbours are apart on either side.
struct Axis {
  size_t size;
  size_t from;
  size_t to;
};

// The axes of y from the outermost on, those that are neighbours in x as well
// as one; without those of size 1.
class Axes {
 public:
  Axes(std::span<const size_t> sizes, std::span<const size_t> order) {
    assert(order.size() == sizes.size() && sizes.size() <= Shape::kMaxRank);
    std::array<size_t, Shape::kMaxRank> strides{};
    size_t stride = 1;
    for (size_t axis = sizes.size(); axis-- > 0; stride *= sizes[axis]) {
      strides[axis] = stride;
    }
    for (const size_t axis : order) {
      const size_t size = sizes[axis], from = strides[axis];
      if (size == 1) continue;
      if (count_ > 0 && axes_[count_ - 1].from == from * size) {
        axes_[count_ - 1].size *= size;
        axes_[count_ - 1].from = from;
      } else {
        axes_[count_++] = {size, from, 0};
      }
    }
    size_t to = 1;
    for (size_t i = count_; i-- > 0; to *= axes_[i].size) axes_[i].to = to;
  }

  // Takes the last axis out; one of a single number when none is left.
  Axis TakeLast() { return count_ == 0 ? Axis{1, 1, 1} : axes_[--count_]; }

  // Takes out the axis whose numbers are neighbours in x. There is one, unless
  // it was the last.
  Axis TakeInnermostOfX() {
    const auto end = axes_.begin() + count_;
    const auto found = std::find_if(
        axes_.begin(), end, [](const Axis& axis) { return axis.from == 1; });
    assert(found != end);
    const Axis axis = *found;
    std::copy(found + 1, end, found);
    --count_;
    return axis;
  }

  // Number of matrices that the axes left tell apart.
  size_t Size() const {
    size_t size = 1;
    for (size_t i = 0; i < count_; ++i) size *= axes_[i].size;
    return size;
  }

  // The place of one of them on either side.
  struct Place {
    size_t from = 0;
    size_t to = 0;
  };
  Place Find(size_t index) const {
    Place place;
    for (size_t i = count_; i-- > 0;) {
      const size_t at = index % axes_[i].size;
      index /= axes_[i].size;
      place.from += at * axes_[i].from;
      place.to += at * axes_[i].to;
    }
    return place;
  }

 private:
  std::array<Axis, Shape::kMaxRank> axes_{};
  size_t count_ = 0;
};

// Copies `rows` rows of neighbours.
void CopyRows(const float* x, const Axis& rows, size_t row_size, float* y) {
  for (size_t row = 0; row < rows.size; ++row) {
    const float* from = x + row * rows.from;
    float* to = y + row * rows.to;
    simd::ForEachVector(row_size, [=](size_t i, size_t count) {
      simd::StoreSome(simd::LoadSome(from + i, count), to + i, count);
    });
  }
}

// y[columns, rows] = x[rows, columns]; the rows of x are `from` apart, those of
// y are `to` apart.
void TransposeStrip(const float* x, size_t rows, size_t columns, size_t from,
                    size_t to, float* y) {
  size_t row = 0;
  for (; row + kLanes <= rows; row += kLanes) {
    const float* at = x + row * from;
    size_t column = 0;
    for (; column + kLanes <= columns; column += kLanes) {
      Vec tile[kLanes];
      for (size_t i = 0; i < kLanes; ++i) {
        tile[i] = simd::Load(at + i * from + column);
      }
      simd::Transpose(tile);
      for (size_t i = 0; i < kLanes; ++i) {
        simd::Store(tile[i], y + (column + i) * to + row);
      }
    }
    for (; column < columns; ++column) {
      for (size_t i = 0; i < kLanes; ++i) {
        y[column * to + row + i] = at[i * from + column];
      }
    }
  }
  for (; row < rows; ++row) {
    for (size_t column = 0; column < columns; ++column) {
      y[column * to + row] = x[row * from + column];
    }
  }
}

}  // namespace

void PermuteAxes(ThreadPool& pool, std::span<const size_t> sizes,
                 std::span<const size_t> order, const float* x, float* y) {
  Axes axes(sizes, order);
  const Axis last = axes.TakeLast();
  if (last.from == 1) {
    const Axis rows = axes.TakeLast();
    ParallelRows(pool, axes.Size(), rows.size * last.size,
                 [=](size_t first, size_t count) {
                   for (size_t i = first; i < first + count; ++i) {
                     const auto place = axes.Find(i);
                     CopyRows(x + place.from, rows, last.size, y + place.to);
                   }
                 });
    return;
  }
  // Matrices are transposed in strips of columns, as many as a line of the
  // cache holds, whose rows of y stay in the cache until their lines are full;
  // of more where there are few rows.
  const Axis columns = axes.TakeInnermostOfX();
  constexpr size_t kFloats = 1024;
  const size_t width =
      RoundUp(std::max<size_t>(1, kFloats / last.size), kLineFloats);
  const size_t strips = (columns.size + width - 1) / width;
  ParallelRows(
      pool, axes.Size() * strips, std::min(width, columns.size) * last.size,
      [=](size_t first, size_t count) {
        for (size_t i = first; i < first + count; ++i) {
          const auto place = axes.Find(i / strips);
          const size_t column = i % strips * width;
          TransposeStrip(x + place.from + column, last.size,
                         std::min(width, columns.size - column), last.from,
                         columns.to, y + place.to + column * columns.to);
        }
      });
}

}  // namespace lamella
