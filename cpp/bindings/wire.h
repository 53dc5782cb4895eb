// What crosses the boundary beside numbers and handles: blocks of memory that
// types.js reads and writes. JavaScript, which has strings, lists and objects
// at hand, does the work on its side; here a block is read where it lies.
//
// A block from JavaScript lives until the call that it belongs to ends. One
// that the engine returns is freed by who reads it, types.js.
#ifndef LAMELLA_BINDINGS_WIRE_H_
#define LAMELLA_BINDINGS_WIRE_H_

#include <emscripten/wire.h>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "layers/layer.h"
#include "tensor/shape.h"
#include "tensor/tensor.h"

namespace lamella::bindings {

/// A number of items and then the items.
template <typename Count, typename Item>
struct Block {
  Block(const Block&) = delete;

  std::span<Item> items() { return {first, static_cast<size_t>(size)}; }
  std::span<const Item> items() const {
    return {first, static_cast<size_t>(size)};
  }

  Count size;
  Item first[1];
};

/// A string in JavaScript, UTF-8 here.
struct Text : Block<size_t, char> {
  operator std::string_view() const { return {first, size}; }
};

/// A plain object in JavaScript, a configuration's bytes here.
struct Settings : Text {};

/// An array of numbers in JavaScript, such as a shape.
struct Numbers : Block<double, double> {};

/// An array of handles.
template <typename T>
struct Handles : Block<size_t, T*> {};

/// {name, value, gradient, trainable} in JavaScript, the tensors being handles
/// and the last two undefined where nobody asks for them.
struct Record {
  Text* name;
  Tensor* value;
  Tensor* gradient;
  size_t trainable;
};
struct Records : Block<size_t, Record> {};

/// A Float32Array over the engine's own memory, stale once that grows.
struct View {
  float* data;
  size_t size;
};

Text* NewText(std::string_view text);
Settings* NewSettings(const Config& config);
Numbers* NewNumbers(std::span<const double> numbers);
Numbers* NewNumbers(const Shape& shape);
Records* NewRecords(std::span<const Parameter> parameters);
/// A handle's tensor; null, undefined in JavaScript, for no elements.
Tensor* NewTensor(const Tensor& tensor);

Shape ToShape(const Numbers& dims);
std::vector<Parameter> ToParameters(const Records& records);

}  // namespace lamella::bindings

#endif  // LAMELLA_BINDINGS_WIRE_H_
