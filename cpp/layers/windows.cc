#include "layers/windows.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace lamella {
namespace {

// The zeros on each side that a padding means; NaN where it means none.
Sides ToSides(const ConfigValue& padding) {
  if (const auto* sides = std::get_if<Sides>(&padding)) return *sides;
  if (const auto* pair = std::get_if<std::vector<double>>(&padding)) {
    if (pair->size() == 2)
      return {(*pair)[0], (*pair)[0], (*pair)[1], (*pair)[1]};
  }
  const double* number = std::get_if<double>(&padding);
  const double all = number == nullptr ? std::nan("") : *number;
  return {all, all, all, all};
}

}  // namespace

Sides ReadSides(const ConfigReader& reader, std::string_view key,
                std::string_view words, const ConfigValue& value) {
  const Sides sides = ToSides(value);
  for (const double side : sides) {
    if (ConfigReader::IsWhole(side, 0)) continue;
    const bool is_text = std::holds_alternative<std::string>(value);
    reader.Reject(key,
                  Format("{}a whole number of at least 0{}, a pair [vertical, "
                         "horizontal] or [[top, bottom], [left, right]] of "
                         "them",
                         {words, ConfigReader::Limit(side)}),
                  value,
                  !std::holds_alternative<bool>(value) &&
                      !std::holds_alternative<UnsupportedValue>(value) &&
                      !(is_text && words.empty()));
  }
  return sides;
}

ConfigValue FromSides(const Sides& sides) {
  if (std::ranges::count(sides, sides[0]) == 4) return sides[0];
  return sides;
}

ConfigValue FromPair(const AxisPair& pair) {
  const auto vertical = static_cast<double>(pair[0]);
  const auto horizontal = static_cast<double>(pair[1]);
  if (vertical == horizontal) return vertical;
  return std::vector<double>{vertical, horizontal};
}

Windows::Windows(ConfigReader& reader, std::string_view size_name,
                 const AxisPair& size, const AxisPair& stride,
                 const AxisPair& dilation)
    : size_name_(size_name) {
  for (size_t axis : {0, 1}) {
    axes_[axis] = {
        .size = size[axis], .stride = stride[axis], .dilation = dilation[axis]};
  }
  const ConfigValue* given = reader.Value("padding");
  if (given == nullptr) return;
  padding_ = "";
  const auto* word = std::get_if<std::string>(given);
  for (const std::string_view known : {"valid", "same", "same-upper"}) {
    if (word != nullptr && *word == known) padding_ = known;
  }
  if (padding_ == "same") {
    for (Window& window : axes_) {
      window.padding_before = (window.extent() - 1) / 2;
      window.padding_after = window.extent() / 2;
    }
  }
  if (!padding_.empty()) return;
  const Sides sides =
      ReadSides(reader, "padding", "'valid', 'same', 'same-upper', ", *given);
  for (size_t axis : {0, 1}) {
    axes_[axis].padding_before = static_cast<size_t>(sides[2 * axis]);
    axes_[axis].padding_after = static_cast<size_t>(sides[2 * axis + 1]);
  }
}

Windows::Axes Windows::Over(std::string_view owner, const Shape& images) const {
  Axes axes = axes_;
  for (size_t axis : {0, 1}) {
    Window& window = axes[axis];
    const size_t length = images[axis + 1];
    if (padding_ == "same-upper") {
      const size_t reach =
          (length - 1) / window.stride * window.stride + window.extent();
      const size_t padding = std::max(reach, length) - length;
      window.padding_before = padding / 2;
      window.padding_after = padding - window.padding_before;
    }
    // By division and subtraction: products and sums of absurd sizes wrap
    // around in 32 bits.
    if (window.size - 1 > (SIZE_MAX / 4) / window.dilation ||
        length > SIZE_MAX / 2 || window.padding() > SIZE_MAX / 2 - length ||
        length + window.padding() < window.extent()) {
      ThrowShapeError("{}: {} does not fit into images of shape {}",
                      {owner, Describe(), images});
    }
  }
  return axes;
}

void Windows::WriteConfig(Config& config) const {
  config.Add(size_name_, Value(&Window::size));
  config.Add("stride", Value(&Window::stride));
  if (padding_ != "valid") config.Add("padding", Padding());
  if (axes_[0].dilation != 1 || axes_[1].dilation != 1) {
    config.Add("dilation", Value(&Window::dilation));
  }
}

std::string Windows::Describe() const {
  Config config;
  WriteConfig(config);
  std::string text;
  for (const auto& [name, value] : config.entries()) {
    if (name == "stride") continue;
    text += Format(text.empty() ? "{} {}" : " with {} {}",
                   {name, ConfigReader::Describe(value)});
  }
  return text;
}

ConfigValue Windows::Padding() const {
  if (!padding_.empty()) return std::string(padding_);
  Sides sides;
  for (size_t axis : {0, 1}) {
    sides[2 * axis] = static_cast<double>(axes_[axis].padding_before);
    sides[2 * axis + 1] = static_cast<double>(axes_[axis].padding_after);
  }
  return FromSides(sides);
}

}  // namespace lamella
