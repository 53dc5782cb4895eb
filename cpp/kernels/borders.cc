#include "kernels/borders.h"

#include "kernels/copy-inl.h"
#include "kernels/parallel-inl.h"

namespace lamella {
namespace {

using simd::CopyRow;
using simd::ZeroRow;

// Calls visit(inner, outer) with the places where each plane begins.
template <typename Visit>
void ForEachPlane(ThreadPool& pool, const BorderGeometry& g, size_t planes,
                  const Visit& visit) {
  const size_t inner_size = g.height * g.width;
  const size_t outer_size = g.outer_height() * g.outer_width();
  ParallelRows(pool, planes, outer_size, [=](size_t first, size_t count) {
    for (size_t plane = first; plane < first + count; ++plane) {
      visit(plane * inner_size, plane * outer_size);
    }
  });
}

}  // namespace

void AddBorder(ThreadPool& pool, const BorderGeometry& g, size_t planes,
               const float* inner, float* outer) {
  ForEachPlane(pool, g, planes, [=, &g](size_t inner_at, size_t outer_at) {
    const float* from = inner + inner_at;
    float* to = outer + outer_at;
    // From the end of a row to the beginning of the next one the zeros are in
    // one piece, as are those above and below.
    size_t zeros = g.top * g.outer_width() + g.left;
    for (size_t y = 0; y < g.height; ++y) {
      ZeroRow(zeros, to);
      to += zeros;
      CopyRow(from, g.width, to);
      from += g.width;
      to += g.width;
      zeros = g.right + g.left;
    }
    ZeroRow(g.right + g.bottom * g.outer_width(), to);
  });
}

void RemoveBorder(ThreadPool& pool, const BorderGeometry& g, size_t planes,
                  const float* outer, float* inner) {
  ForEachPlane(pool, g, planes, [=, &g](size_t inner_at, size_t outer_at) {
    const float* from = outer + outer_at + g.top * g.outer_width() + g.left;
    float* to = inner + inner_at;
    for (size_t y = 0; y < g.height; ++y) {
      CopyRow(from, g.width, to);
      from += g.outer_width();
      to += g.width;
    }
  });
}

}  // namespace lamella
