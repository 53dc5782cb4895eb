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

[[noreturn]] void Reject(ErrorKind kind, std::string_view what,
                         std::string_view wanted, const val& given) {
  // JavaScript's own text for it: the user knows it.
  const auto text = val::module_property("describe")(given).as<std::string>();
  Throw(kind, "{} must be {}, got {}", {what, wanted, text});
}

void Push(const val& array, const val& item) { array.call<void>("push", item); }

}  // namespace

size_t Length(const val& array) { return array["length"].as<size_t>(); }

double ToInteger(std::string_view what, const val& number, double minimum) {
  const bool is_number = number.isNumber();
  const double value = is_number ? number.as<double>() : 0;
  if (!is_number || !(value >= minimum && value <= kMaxSafeInteger) ||
      std::floor(value) != value) {
    Reject(is_number ? ErrorKind::kValue : ErrorKind::kType, what,
           Format("a whole number of at least {}", {minimum}), number);
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
  if (!dims.isArray()) {
    Reject(ErrorKind::kType, what, "an array of whole numbers", dims);
  }
  std::vector<size_t> sizes(Length(dims));
  for (size_t i = 0; i < sizes.size(); ++i) {
    sizes[i] = ToSize(Format("{}[{}]", {what, i}), dims[i], 0);
  }
  return Shape(sizes);
}

val FromShape(const Shape& shape) {
  val list = val::array();
  for (size_t dim : shape.dims()) Push(list, val(dim));
  return list;
}

std::vector<double> ToNumbers(const val& list) {
  std::vector<double> numbers(Length(list));
  for (size_t i = 0; i < numbers.size(); ++i) {
    const val number = list[i];
    numbers[i] = number.isNumber() ? number.as<double>() : std::nan("");
  }
  return numbers;
}

val FromNumbers(std::span<const double> numbers) {
  val list = val::array();
  for (double number : numbers) Push(list, val(number));
  return list;
}

Config ToConfig(std::string_view owner, const val& object) {
  Config config;
  const val keys = val::global("Object").call<val>("keys", object);
  const size_t length = Length(keys);
  for (size_t i = 0; i < length; ++i) {
    const val name = keys[i];
    const val value = object[name];
    if (value.isUndefined() || value.isNull()) continue;
    const auto key = name.as<std::string>();
    if (value.isTrue() || value.isFalse()) {
      config.Set(key, value.isTrue());
    } else if (value.isNumber()) {
      config.Set(key, value.as<double>());
    } else if (value.isString()) {
      config.Set(key, value.as<std::string>());
    } else if (value.isArray()) {
      config.Set(key, ToNumbers(value));
    } else {
      Reject(ErrorKind::kType, Format("{}: {}", {owner, key}),
             "a number, a string, a boolean or an array of numbers", value);
    }
  }
  return config;
}

namespace {

val FromValue(const ConfigValue& value) {
  switch (value.kind()) {
    case ConfigValue::Kind::kBool:
      return val(value.flag());
    case ConfigValue::Kind::kNumber:
      return val(value.number());
    case ConfigValue::Kind::kText:
      return val(value.text());
    case ConfigValue::Kind::kList:
      break;
  }
  return FromNumbers(value.list());
}

val FromNamed(const std::string& name, const Tensor& value) {
  val entry = val::object();
  entry.set("name", val(name));
  entry.set("value", val(value));
  return entry;
}

}  // namespace

val FromConfig(const Config& config) {
  val object = val::object();
  for (const Config::Entry& entry : config.entries()) {
    object.set(val(entry.key), FromValue(entry.value));
  }
  return object;
}

std::vector<NamedTensor> ToNamedTensors(const val& list) {
  std::vector<NamedTensor> tensors;
  const size_t length = Length(list);
  for (size_t i = 0; i < length; ++i) {
    const val item = list[i];
    tensors.push_back(
        {item["name"].as<std::string>(), item["value"].as<Tensor>()});
  }
  return tensors;
}

val FromNamedTensors(std::span<const NamedTensor> tensors) {
  val list = val::array();
  for (const NamedTensor& tensor : tensors) {
    Push(list, FromNamed(tensor.name, tensor.value));
  }
  return list;
}

std::vector<Parameter> ToParameters(const val& list) {
  std::vector<Parameter> parameters;
  const size_t length = Length(list);
  for (size_t i = 0; i < length; ++i) {
    const val item = list[i];
    parameters.push_back(
        {item["name"].as<std::string>(), item["value"].as<Tensor>(),
         item["gradient"].as<Tensor>(), item["trainable"].isTrue()});
  }
  return parameters;
}

val FromParameters(std::span<const Parameter> parameters) {
  val list = val::array();
  for (const Parameter& parameter : parameters) {
    val entry = FromNamed(parameter.name, parameter.value);
    entry.set("gradient", val(parameter.gradient));
    entry.set("trainable", val(parameter.trainable));
    Push(list, entry);
  }
  return list;
}

}  // namespace lamella::bindings
