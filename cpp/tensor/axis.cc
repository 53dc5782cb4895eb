#include "tensor/axis.h"

#include <cmath>

namespace lamella {

Axis::Axis(std::string_view owner, ConfigReader& reader)
    : owner_(owner),
      axis_(reader.Number("axis", -static_cast<double>(Shape::kMaxRank),
                          Shape::kMaxRank, std::nan(""))) {
  if (given() && std::floor(axis_) != axis_) {
    ThrowValueError("{}: axis must be a whole number, got {}", {owner_, axis_});
  }
}

void Axis::WriteConfig(Config& config) const {
  if (given()) config.Set("axis", axis_);
}

bool Axis::given() const { return !std::isnan(axis_); }

size_t Axis::Index(const Shape& sample) const {
  const double rank = static_cast<double>(sample.rank());
  double index = axis_;
  if (!given()) index = rank < 3 ? rank - 1 : 0;
  if (index < 0) index += rank;
  if (!(index >= 0 && index < rank)) {
    ThrowShapeError("{}: samples of shape {} have no axis {}",
                    {owner_, sample, given() ? axis_ : -1.0});
  }
  return static_cast<size_t>(index);
}

AxisView Axis::View(const Shape& batch) const {
  const size_t axis = Index(batch.WithoutFirst()) + 1;
  AxisView view = {1, batch[axis], 1};
  for (size_t i = 0; i < axis; ++i) view.outer *= batch[i];
  for (size_t i = axis + 1; i < batch.rank(); ++i) view.inner *= batch[i];
  return view;
}

}  // namespace lamella
