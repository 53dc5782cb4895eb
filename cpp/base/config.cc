#include "base/config.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace lamella {
namespace {

// The greatest whole number a size can be; beyond it a shape would not fit in
// 32-bit memory anyway.
constexpr double kMaxInteger = 2147483647.0;

bool IsWhole(double value, double minimum) {
  return value >= minimum && value <= kMaxInteger && std::floor(value) == value;
}

}  // namespace

void Config::SetValue(std::string_view key, ConfigValue value) {
  for (auto& [name, held] : entries_) {
    if (name == key) {
      held = std::move(value);
      return;
    }
  }
  entries_.emplace_back(std::string(key), std::move(value));
}

void Config::Set(std::string_view key, bool value) { SetValue(key, value); }
void Config::Set(std::string_view key, double value) { SetValue(key, value); }
void Config::Set(std::string_view key, size_t value) {
  SetValue(key, static_cast<double>(value));
}
void Config::Set(std::string_view key, std::string_view value) {
  SetValue(key, std::string(value));
}
void Config::Set(std::string_view key, const char* value) {
  SetValue(key, std::string(value));
}
void Config::Set(std::string_view key, std::vector<double> value) {
  SetValue(key, std::move(value));
}

const ConfigValue* Config::Find(std::string_view key) const {
  for (const auto& [name, value] : entries_) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string ConfigReader::Describe(const ConfigValue& value) {
  if (const bool* flag = std::get_if<bool>(&value)) {
    return *flag ? "true" : "false";
  }
  if (const double* number = std::get_if<double>(&value)) return Cat(*number);
  if (const auto* text = std::get_if<std::string>(&value)) {
    return Cat("'", *text, "'");
  }
  std::string list = "[";
  for (double number : std::get<std::vector<double>>(value)) {
    if (list.size() > 1) list += ", ";
    list += Cat(number);
  }
  return list + "]";
}

const ConfigValue* ConfigReader::Value(std::string_view key) {
  read_.emplace_back(key);
  return config_.Find(key);
}

size_t ConfigReader::ToInteger(std::string_view key, const ConfigValue& value,
                               size_t minimum) const {
  const double* number = std::get_if<double>(&value);
  const std::string wanted =
      Cat(owner_, ": ", key, " must be a whole number of at least ", minimum,
          ", got ", Describe(value));
  if (number == nullptr) ThrowTypeError(wanted);
  if (!IsWhole(*number, static_cast<double>(minimum))) ThrowValueError(wanted);
  return static_cast<size_t>(*number);
}

std::optional<size_t> ConfigReader::OptionalInteger(std::string_view key,
                                                    size_t minimum) {
  const ConfigValue* value = Value(key);
  if (value == nullptr) return std::nullopt;
  return ToInteger(key, *value, minimum);
}

size_t ConfigReader::Integer(std::string_view key, size_t minimum,
                             size_t fallback) {
  return OptionalInteger(key, minimum).value_or(fallback);
}

size_t ConfigReader::Integer(std::string_view key, size_t minimum) {
  const auto value = OptionalInteger(key, minimum);
  if (!value.has_value()) {
    ThrowTypeError(Cat(owner_, ": ", key,
                       " is required: a whole number of at least ", minimum));
  }
  return *value;
}

double ConfigReader::Number(std::string_view key, double minimum,
                            double maximum, double fallback) {
  const ConfigValue* value = Value(key);
  if (value == nullptr) return fallback;
  const double* number = std::get_if<double>(value);
  std::string range;
  if (std::isfinite(maximum)) {
    range = Cat(" from ", minimum, " to ", maximum);
  } else if (std::isfinite(minimum)) {
    range = Cat(" of at least ", minimum);
  }
  const std::string wanted = Cat(owner_, ": ", key, " must be a finite number",
                                 range, ", got ", Describe(*value));
  if (number == nullptr) ThrowTypeError(wanted);
  if (!std::isfinite(*number) || *number < minimum || *number > maximum) {
    ThrowValueError(wanted);
  }
  return *number;
}

bool ConfigReader::Bool(std::string_view key, bool fallback) {
  const ConfigValue* value = Value(key);
  if (value == nullptr) return fallback;
  const bool* flag = std::get_if<bool>(value);
  if (flag == nullptr) {
    ThrowTypeError(Cat(owner_, ": ", key, " must be true or false, got ",
                       Describe(*value)));
  }
  return *flag;
}

std::string ConfigReader::Text(std::string_view key,
                               std::string_view fallback) {
  const ConfigValue* value = Value(key);
  if (value == nullptr) return std::string(fallback);
  const auto* text = std::get_if<std::string>(value);
  if (text == nullptr) {
    ThrowTypeError(
        Cat(owner_, ": ", key, " must be a string, got ", Describe(*value)));
  }
  return *text;
}

std::optional<std::vector<size_t>> ConfigReader::OptionalDims(
    std::string_view key) {
  const ConfigValue* value = Value(key);
  if (value == nullptr) return std::nullopt;
  const auto* list = std::get_if<std::vector<double>>(value);
  const std::string wanted =
      Cat(owner_, ": ", key,
          " must be a list of whole numbers of at least 1 (without the batch), "
          "got ",
          Describe(*value));
  if (list == nullptr) ThrowTypeError(wanted);
  if (list->empty() || !std::ranges::all_of(*list, [](double number) {
        return IsWhole(number, 1.0);
      })) {
    ThrowValueError(wanted);
  }
  return std::vector<size_t>(list->begin(), list->end());
}

void ConfigReader::Finish() const {
  for (const auto& [key, value] : config_.entries()) {
    if (std::ranges::find(read_, key) != read_.end()) continue;
    std::string known;
    for (const std::string& name : read_) {
      known += (known.empty() ? "" : ", ") + name;
    }
    ThrowValueError(Cat(owner_, ": unknown option '", key,
                        "'; known are: ", known.empty() ? "none" : known));
  }
}

}  // namespace lamella
