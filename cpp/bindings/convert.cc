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

[[noreturn]] void Reject(ErrorKind kind, const char* owner, const char* key,
                         const char* wanted, const val& given) {
  // JavaScript's own text for it: the user knows it.
  const auto text = val::module_property("describe")(given).as<std::string>();
  Throw(kind, "{}: {} must be {}, got {}", {owner, key, wanted, text});
}

void Push(const val& array, const val& item) { array.call<void>("push", item); }

// A number, or NaN for anything else.
double ToNumber(const val& number) {
  return number.isNumber() ? number.as<double>() : std::nan("");
}

bool IsWhole(double number, size_t minimum) {
  return number >= static_cast<double>(minimum) && number <= kMaxSafeInteger &&
         std::floor(number) == number;
}

[[noreturn]] void RejectInteger(const char* owner, const char* key,
                                const val& number, size_t minimum) {
  Reject(number.isNumber() ? ErrorKind::kValue : ErrorKind::kType, owner, key,
         Format("a whole number of at least {}", {minimum}).c_str(), number);
}

// What no address reaches is too large anyway, and must not wrap around.
size_t Saturated(double size) {
  return size < static_cast<double>(SIZE_MAX) ? static_cast<size_t>(size)
                                              : SIZE_MAX;
}

}  // namespace

size_t Length(const val& array) { return array["length"].as<size_t>(); }

double ToInteger(const char* owner, const char* key, const val& number,
                 size_t minimum) {
  const double value = ToNumber(number);
  if (!IsWhole(value, minimum)) RejectInteger(owner, key, number, minimum);
  return value;
}

size_t ToSize(const char* owner, const char* key, const val& number,
              size_t minimum) {
  return Saturated(ToInteger(owner, key, number, minimum));
}

Shape ToShape(const char* owner, const char* key, const val& dims) {
  if (!dims.isArray()) {
    Reject(ErrorKind::kType, owner, key, "an array of whole numbers", dims);
  }
  const std::vector<double> numbers = ToNumbers(dims);
  std::vector<size_t> sizes(numbers.size());
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (!IsWhole(numbers[i], 0)) {
      RejectInteger(owner, Format("{}[{}]", {key, i}).c_str(), dims[i], 0);
    }
    sizes[i] = Saturated(numbers[i]);
  }
  return Shape(sizes);
}

val FromShape(const Shape& shape) {
  const auto dims = shape.dims();
  return val::array(dims.begin(), dims.end());
}

std::vector<double> ToNumbers(const val& list) {
  std::vector<double> numbers(Length(list));
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = ToNumber(list[i]);
  return numbers;
}

val FromNumbers(std::span<const double> numbers) {
  return val::array(numbers.begin(), numbers.end());
}

Config ToConfig(const char* owner, const val& object) {
  Config config;
  const val keys = val::global("Object").call<val>("keys", object);
  const size_t length = Length(keys);
  for (size_t i = 0; i < length; ++i) {
    const val name = keys[i];
    const val value = object[name];
    if (value.isUndefined() || value.isNull()) continue;
    const auto name_text = name.as<std::string>();
    const char* key = name_text.c_str();
    if (value.isNumber()) {
      config.Set(key, value.as<double>());
    } else if (value.isString()) {
      config.Set(key, std::string_view(value.as<std::string>()));
    } else if (value.isTrue() || value.isFalse()) {
      config.Set(key, value.isTrue());
    } else if (value.isArray()) {
      config.Set(key, ConfigValue(ToNumbers(value)));
    } else {
      Reject(ErrorKind::kType, owner, key,
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
