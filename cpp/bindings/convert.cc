#include "bindings/convert.h"

#include <emscripten/bind.h>

#include <cmath>
#include <cstdint>
#include <string>

#include "base/error.h"

namespace lamella::bindings {

using emscripten::val;

namespace {

constexpr double kMaxSafeInteger = 9007199254740991.0;

std::string Describe(const val& value) {
  // JavaScript's own text for it: the user knows it.
  return val::module_property("describe")(value).as<std::string>();
}

bool IsList(const val& value) {
  return val::global("Array").call<bool>("isArray", value);
}

}  // namespace

double ToInteger(std::string_view what, const val& number, double minimum) {
  const std::string wanted = Cat(what, " must be a whole number of at least ",
                                 minimum, ", got ", Describe(number));
  if (!number.isNumber()) ThrowTypeError(wanted);
  const double value = number.as<double>();
  if (!(value >= minimum && value <= kMaxSafeInteger) ||
      std::floor(value) != value) {
    ThrowValueError(wanted);
  }
  return value;
}

size_t ToSize(std::string_view what, const val& number, double minimum) {
  const double size = ToInteger(what, number, minimum);
  // What no address reaches is too large anyway, and must not wrap around.
  return size < static_cast<double>(SIZE_MAX) ? static_cast<size_t>(size)
                                              : SIZE_MAX;
}

Shape ToShape(std::string_view what, const val& dims) {
  if (!IsList(dims)) {
    ThrowTypeError(
        Cat(what, " must be an array of whole numbers, got ", Describe(dims)));
  }
  const auto length = dims["length"].as<size_t>();
  std::vector<size_t> sizes;
  for (size_t i = 0; i < length; ++i) {
    sizes.push_back(ToSize(Cat(what, "[", i, "]"), dims[i], 0));
  }
  return Shape(sizes);
}

val FromShape(const Shape& shape) {
  val list = val::array();
  for (size_t dim : shape.dims()) list.call<void>("push", dim);
  return list;
}

Config ToConfig(std::string_view owner, const val& object) {
  Config config;
  const val keys = val::global("Object").call<val>("keys", object);
  const auto length = keys["length"].as<size_t>();
  for (size_t i = 0; i < length; ++i) {
    const auto key = keys[i].as<std::string>();
    const val value = object[key];
    if (value.isUndefined() || value.isNull()) continue;
    if (value.isTrue() || value.isFalse()) {
      config.Set(key, value.isTrue());
    } else if (value.isNumber()) {
      config.Set(key, value.as<double>());
    } else if (value.isString()) {
      config.Set(key, std::string_view(value.as<std::string>()));
    } else if (IsList(value)) {
      std::vector<double> numbers;
      const auto count = value["length"].as<size_t>();
      for (size_t j = 0; j < count; ++j) {
        // What is not a number becomes NaN, which no setting allows.
        numbers.push_back(value[j].isNumber() ? value[j].as<double>()
                                              : std::nan(""));
      }
      config.Set(key, std::move(numbers));
    } else {
      ThrowTypeError(Cat(owner, ": ", key,
                         " must be a number, a string, a boolean or an array "
                         "of numbers, got ",
                         Describe(value)));
    }
  }
  return config;
}

val FromConfig(const Config& config) {
  val object = val::object();
  for (const auto& [key, value] : config.entries()) {
    if (const auto* list = std::get_if<std::vector<double>>(&value)) {
      val array = val::array();
      for (double number : *list) array.call<void>("push", number);
      object.set(key, array);
    } else if (const bool* flag = std::get_if<bool>(&value)) {
      object.set(key, *flag);
    } else if (const double* number = std::get_if<double>(&value)) {
      object.set(key, *number);
    } else {
      object.set(key, std::get<std::string>(value));
    }
  }
  return object;
}

std::vector<NamedTensor> ToNamedTensors(const val& list) {
  std::vector<NamedTensor> tensors;
  const auto length = list["length"].as<size_t>();
  for (size_t i = 0; i < length; ++i) {
    tensors.push_back(
        {list[i]["name"].as<std::string>(), list[i]["value"].as<Tensor>()});
  }
  return tensors;
}

val FromNamedTensors(const std::vector<NamedTensor>& tensors) {
  val list = val::array();
  for (const NamedTensor& tensor : tensors) {
    val entry = val::object();
    entry.set("name", tensor.name);
    entry.set("value", tensor.value);
    list.call<void>("push", entry);
  }
  return list;
}

std::vector<Parameter> ToParameters(const val& list) {
  std::vector<Parameter> parameters;
  const auto length = list["length"].as<size_t>();
  for (size_t i = 0; i < length; ++i) {
    parameters.push_back(
        {list[i]["name"].as<std::string>(), list[i]["value"].as<Tensor>(),
         list[i]["gradient"].as<Tensor>(), list[i]["trainable"].isTrue()});
  }
  return parameters;
}

val FromParameters(const std::vector<Parameter>& parameters) {
  val list = val::array();
  for (const Parameter& parameter : parameters) {
    val entry = val::object();
    entry.set("name", parameter.name);
    entry.set("value", parameter.value);
    entry.set("gradient", parameter.gradient);
    entry.set("trainable", parameter.trainable);
    list.call<void>("push", entry);
  }
  return list;
}

}  // namespace lamella::bindings
