#include "bindings/values.h"

#include <cstdint>
#include <optional>
#include <variant>

namespace lamella::bindings {

using emscripten::val;

namespace {

// Throws where there is no memory. embind does not look whether it got any for
// its own copy of a text, and writes it to address 0 then.
void CheckRoom(size_t bytes) {
  ::operator delete(::operator new(sizeof(size_t) + bytes + 1));
}

val FromString(const std::string& text) {
  CheckRoom(text.size());
  return val(text);
}

ConfigValue ToConfigValue(const val& value) {
  if (value.isTrue() || value.isFalse()) return value.isTrue();
  if (value.isNumber()) return value.as<double>();
  if (value.isString()) return ToString(value);
  const val helpers = val::module_property("forEngine");
  const auto list = helpers.call<val>("numbersIn", value);
  if (list.isUndefined()) {
    return UnsupportedValue{ToString(helpers.call<val>("describe", value))};
  }
  const auto numbers = ToNumbers(list);
  if (numbers.size() == 4 && value["length"].as<size_t>() == 2) {
    return Sides{numbers[0], numbers[1], numbers[2], numbers[3]};
  }
  return numbers;
}

val FromConfigValue(const ConfigValue& value) {
  if (const bool* flag = std::get_if<bool>(&value)) return val(*flag);
  if (const double* number = std::get_if<double>(&value)) return val(*number);
  if (const auto* text = std::get_if<std::string>(&value))
    return FromString(*text);
  if (const auto* list = std::get_if<std::vector<double>>(&value))
    return val::array(*list);
  const auto* sides = std::get<Sides>(value).data();
  const val axes[] = {val::array(sides, sides + 2),
                      val::array(sides + 2, sides + 4)};
  return val::array(axes, axes + 2);
}

Text ParameterName(const Parameter& parameter) {
  return Text(FromString(parameter.name));
}
void SetParameterName(Parameter& parameter, const Text& name) {
  parameter.name = ToString(name);
}

std::optional<Tensor> ParameterGradient(const Parameter& parameter) {
  if (parameter.gradient.empty()) return std::nullopt;
  return parameter.gradient;
}
void SetParameterGradient(Parameter& parameter,
                          const std::optional<Tensor>& gradient) {
  parameter.gradient = gradient.value_or(Tensor());
}

}  // namespace

std::string ToString(const val& text) {
  CheckRoom(3 * text["length"].as<size_t>());  // UTF-8 has at most 3 bytes each
  return text.as<std::string>();
}

size_t ToSize(double number) {
  constexpr double kMax{SIZE_MAX};
  return number < kMax ? static_cast<size_t>(number) : SIZE_MAX;
}

Shape ToShape(const Numbers& dims) {
  std::vector<size_t> sizes;
  for (const double dim : ToNumbers(dims)) sizes.push_back(ToSize(dim));
  return Shape(sizes);
}

Numbers FromShape(Shape shape) {
  const auto dims = shape.dims();
  return Numbers(val::array(dims.begin(), dims.end()));
}

std::vector<double> ToNumbers(const val& list) {
  return emscripten::convertJSArrayToNumberVector<double>(list);
}

Config ToConfig(const Settings& settings) {
  Config config;
  const val helpers = val::module_property("forEngine");
  const auto entries = helpers.call<val>("entries", settings);
  const size_t size = entries["length"].as<size_t>();
  for (size_t i = 0; i < size; ++i) {
    const val entry = entries[i];
    const val value = entry[1];
    if (value.isUndefined() || value.isNull()) continue;
    config.Add(ToString(entry[0]), ToConfigValue(value));
  }
  return config;
}

Settings FromConfig(const Config& config) {
  val object = val::object();
  for (const auto& [key, value] : config.entries()) {
    object.set(key, FromConfigValue(value));
  }
  return Settings(object);
}

std::vector<LayerPointer> ToLayers(const LayerList& layers) {
  return emscripten::vecFromJSArray<LayerPointer>(layers);
}

std::vector<Parameter> ToParameters(const val& parameters) {
  return emscripten::vecFromJSArray<Parameter>(parameters);
}

ParameterList FromParameters(std::vector<Parameter> parameters) {
  return ParameterList(val::array(parameters));
}

EMSCRIPTEN_BINDINGS(values) {
  emscripten::register_type<Text>("string");
  emscripten::register_type<Numbers>("readonly number[]");
  emscripten::register_type<Settings>("Readonly<Record<string, unknown>>");
  emscripten::register_type<LayerList>("readonly Layer[]");
  emscripten::register_type<ParameterList>("readonly Parameter[]");
  emscripten::register_optional<Numbers>();

  emscripten::value_object<Parameter>("Parameter")
      .field("name", &ParameterName, &SetParameterName)
      .field("value", &Parameter::value)
      .field("gradient", &ParameterGradient, &SetParameterGradient)
      .field("trainable", &Parameter::trainable)
      .field("decays", &Parameter::decays);
}

}  // namespace lamella::bindings
