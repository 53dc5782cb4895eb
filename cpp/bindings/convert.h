// JavaScript values to the engine's types and back.
#ifndef LAMELLA_BINDINGS_CONVERT_H_
#define LAMELLA_BINDINGS_CONVERT_H_

#include <emscripten/val.h>

#include <span>
#include <vector>

#include "base/config.h"
#include "layers/layer.h"
#include "tensor/shape.h"

namespace lamella::bindings {

/// `array.length`.
size_t Length(const emscripten::val& array);

/// An array of whole numbers of at least 0 as a shape; type or value error
/// "{owner}: {key} must be …" otherwise.
Shape ToShape(const char* owner, const char* key, const emscripten::val& dims);
emscripten::val FromShape(const Shape& shape);

/// A whole number from `minimum` to 2^53 - 1; type or value error "{owner}:
/// {key} must be …" otherwise.
double ToInteger(const char* owner, const char* key,
                 const emscripten::val& number, size_t minimum);

/// As `ToInteger`, but anything beyond the address space is SIZE_MAX.
size_t ToSize(const char* owner, const char* key, const emscripten::val& number,
              size_t minimum);

/// An array of numbers; what is not a number becomes NaN.
std::vector<double> ToNumbers(const emscripten::val& list);
emscripten::val FromNumbers(std::span<const double> numbers);

/// A plain object of numbers, strings, booleans and arrays of numbers;
/// undefined and null count as missing. Type error that names `owner` and the
/// key for anything else.
Config ToConfig(const char* owner, const emscripten::val& object);
emscripten::val FromConfig(const Config& config);

/// Arrays of {name, value} and of {name, value, gradient, trainable}, the
/// tensors being native handles.
std::vector<NamedTensor> ToNamedTensors(const emscripten::val& list);
emscripten::val FromNamedTensors(std::span<const NamedTensor> tensors);
std::vector<Parameter> ToParameters(const emscripten::val& list);
emscripten::val FromParameters(std::span<const Parameter> parameters);

}  // namespace lamella::bindings

#endif  // LAMELLA_BINDINGS_CONVERT_H_
