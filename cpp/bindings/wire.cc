#include "bindings/wire.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace lamella::bindings {
namespace {

template <typename Wire, typename Item>
Wire* NewBlock(std::span<const Item> items) {
  void* memory = operator new(offsetof(Wire, first) + items.size_bytes());
  auto* block = static_cast<Wire*>(memory);
  block->size = static_cast<decltype(block->size)>(items.size());
  std::ranges::copy(items, block->first);
  return block;
}

}  // namespace

Text* NewText(std::string_view text) { return NewBlock<Text>(std::span(text)); }

Settings* NewSettings(const Config& config) {
  return static_cast<Settings*>(NewText(config.bytes()));
}

Numbers* NewNumbers(std::span<const double> numbers) {
  return NewBlock<Numbers>(numbers);
}

Numbers* NewNumbers(const Shape& shape) {
  std::array<double, Shape::kMaxRank> numbers;
  std::ranges::copy(shape.dims(), numbers.begin());
  return NewNumbers(std::span(numbers).first(shape.rank()));
}

Records* NewRecords(std::span<const Parameter> parameters) {
  std::vector<Record> records(parameters.size());
  std::ranges::transform(
      parameters, records.begin(), [](const Parameter& parameter) {
        return Record{NewText(parameter.name), NewTensor(parameter.value),
                      NewTensor(parameter.gradient), parameter.trainable};
      });
  return NewBlock<Records>(std::span<const Record>(records));
}

Tensor* NewTensor(const Tensor& tensor) {
  return tensor.empty() ? nullptr : new Tensor(tensor);
}

Shape ToShape(const Numbers& dims) {
  std::vector<size_t> sizes(dims.items().size());
  // What no address reaches is too large anyway, and must not wrap around.
  std::ranges::transform(dims.items(), sizes.begin(), [](double dim) {
    return static_cast<size_t>(std::min(dim, double{SIZE_MAX}));
  });
  return Shape(sizes);
}

std::vector<Parameter> ToParameters(const Records& records) {
  std::vector<Parameter> parameters(records.items().size());
  std::ranges::transform(
      records.items(), parameters.begin(), [](const Record& record) {
        return Parameter(
            std::string(*record.name), *record.value,
            record.gradient == nullptr ? Tensor() : *record.gradient,
            record.trainable != 0);
      });
  return parameters;
}

}  // namespace lamella::bindings
