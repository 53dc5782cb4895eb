// JavaScript's values as the engine's, and back.
#ifndef LAMELLA_BINDINGS_VALUES_H_
#define LAMELLA_BINDINGS_VALUES_H_

#include <emscripten/bind.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/config.h"
#include "layers/layer.h"
#include "tensor/shape.h"

namespace lamella::bindings {

// Values of JavaScript, by the names that values.cc gives them in TypeScript.
// Strings and lists cross as values and are read within the call: embind's own
// copies of them would be lost when it ends with an error.
EMSCRIPTEN_DECLARE_VAL_TYPE(Text);
EMSCRIPTEN_DECLARE_VAL_TYPE(Numbers);
EMSCRIPTEN_DECLARE_VAL_TYPE(Settings);
EMSCRIPTEN_DECLARE_VAL_TYPE(LayerList);
EMSCRIPTEN_DECLARE_VAL_TYPE(ParameterList);

using LayerPointer = std::shared_ptr<Layer>;

/// A JavaScript string in UTF-8.
std::string ToString(const emscripten::val& text);

/// Whole numbers of at least 0, which JavaScript has checked. A number that no
/// address reaches becomes the greatest one, which is too large anyway.
size_t ToSize(double number);
/// The sizes of a shape; shape error for more than an address can count.
Shape ToShape(const Numbers& dims);
/// The sizes as an array. By value: a setter of Array.prototype may dispose of
/// their owner.
Numbers FromShape(Shape shape);

/// A list's numbers. An item that is no number becomes what `Number` makes of
/// it, mostly NaN, which the engine refuses wherever it takes lists.
std::vector<double> ToNumbers(const emscripten::val& list);

/// Settings by name; undefined and null count as missing.
Config ToConfig(const Settings& settings);
/// Settings by name, numbers, texts, flags and arrays of numbers.
Settings FromConfig(const Config& config);

/// The engine's layers, of handles that JavaScript has checked.
std::vector<LayerPointer> ToLayers(const LayerList& layers);

/// Parameters as `value_object`s and back; both share the tensors' memory. By
/// value, as shapes.
std::vector<Parameter> ToParameters(const emscripten::val& parameters);
ParameterList FromParameters(std::vector<Parameter> parameters);

}  // namespace lamella::bindings

#endif  // LAMELLA_BINDINGS_VALUES_H_
