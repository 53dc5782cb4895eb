#include "base/config.h"

#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

namespace lamella {
namespace {

using Kind = ConfigValue::Kind;

// The greatest whole number a size can be; beyond it a shape would not fit in
// 32-bit memory anyway.
constexpr double kMaxInteger = 2147483647.0;

bool IsWhole(double value, double minimum) {
  return value >= minimum && value <= kMaxInteger && std::floor(value) == value;
}

}  // namespace

ConfigValue::ConfigValue(std::string_view text)
    : kind_(Kind::kText), text_(text) {}
ConfigValue::ConfigValue(std::vector<double> list)
    : kind_(Kind::kList), list_(std::move(list)) {}
ConfigValue::ConfigValue(std::span<const size_t> dims)
    : kind_(Kind::kList), list_(dims.begin(), dims.end()) {}
ConfigValue::ConfigValue(const ConfigValue& other) = default;
ConfigValue& ConfigValue::operator=(const ConfigValue& other) = default;
ConfigValue::~ConfigValue() = default;

bool ConfigValue::operator==(const ConfigValue& other) const {
  return kind_ == other.kind_ && number_ == other.number_ &&
         text_ == other.text_ && list_ == other.list_;
}

Config::Config() = default;
Config::Config(const Config& other) = default;
Config& Config::operator=(const Config& other) = default;
Config::~Config() = default;

void Config::Set(const char* key, const ConfigValue& value) {
  for (Entry& entry : entries_) {
    if (entry.key == key) {
      entry.value = value;
      return;
    }
  }
  entries_.push_back({std::string(key), value});
}

void Config::Set(const char* key, bool flag) { Set(key, ConfigValue(flag)); }
void Config::Set(const char* key, double number) {
  Set(key, ConfigValue(number));
}
void Config::Set(const char* key, size_t number) {
  Set(key, ConfigValue(number));
}
void Config::Set(const char* key, std::string_view text) {
  Set(key, ConfigValue(text));
}
void Config::Set(const char* key, const char* text) {
  Set(key, ConfigValue(text));
}
void Config::Set(const char* key, std::span<const size_t> dims) {
  Set(key, ConfigValue(dims));
}

const ConfigValue* Config::Find(const char* key) const {
  for (const Entry& entry : entries_) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::string ConfigReader::Describe(const ConfigValue& value) {
  switch (value.kind()) {
    case Kind::kBool:
      return value.flag() ? "true" : "false";
    case Kind::kNumber:
      return Format("{}", {value.number()});
    case Kind::kText:
      return Format("'{}'", {value.text()});
    case Kind::kList:
      break;
  }
  std::string list = "[";
  for (double number : value.list()) {
    if (list.size() > 1) list += ", ";
    Argument(number).AppendTo(list);
  }
  return list += ']';
}

ConfigReader::ConfigReader(std::string_view owner, const Config& config)
    : owner_(owner), config_(config) {}
ConfigReader::~ConfigReader() = default;

void ConfigReader::Reject(const char* key, const char* wanted, Kind kind,
                          const ConfigValue& value) const {
  Throw(value.kind() == kind ? ErrorKind::kValue : ErrorKind::kType,
        "{}: {} must be {}, got {}", {owner_, key, wanted, Describe(value)});
}

const ConfigValue* ConfigReader::Value(const char* key) {
  assert(read_count_ < read_.size());
  read_[read_count_++] = key;
  return config_.Find(key);
}

const ConfigValue* ConfigReader::Value(const char* key, const char* wanted,
                                       Kind kind) {
  const ConfigValue* value = Value(key);
  if (value != nullptr && value->kind() != kind) {
    Reject(key, wanted, kind, *value);
  }
  return value;
}

size_t ConfigReader::ToInteger(const char* key, const ConfigValue& value,
                               size_t minimum) const {
  if (value.kind() != Kind::kNumber ||
      !IsWhole(value.number(), static_cast<double>(minimum))) {
    Reject(key, Format("a whole number of at least {}", {minimum}).c_str(),
           Kind::kNumber, value);
  }
  return static_cast<size_t>(value.number());
}

std::optional<size_t> ConfigReader::OptionalInteger(const char* key,
                                                    size_t minimum) {
  const ConfigValue* value = Value(key);
  if (value == nullptr) return std::nullopt;
  return ToInteger(key, *value, minimum);
}

size_t ConfigReader::Integer(const char* key, size_t minimum, size_t fallback) {
  return OptionalInteger(key, minimum).value_or(fallback);
}

size_t ConfigReader::Integer(const char* key, size_t minimum) {
  const auto value = OptionalInteger(key, minimum);
  if (!value.has_value()) {
    ThrowTypeError("{}: {} is required: a whole number of at least {}",
                   {owner_, key, minimum});
  }
  return *value;
}

double ConfigReader::Number(const char* key, double minimum, double maximum,
                            double fallback) {
  const ConfigValue* value = Value(key);
  if (value == nullptr) return fallback;
  const double number = value->number();
  if (value->kind() != Kind::kNumber || !std::isfinite(number) ||
      number < minimum || number > maximum) {
    std::string wanted = "a finite number";
    if (std::isfinite(maximum)) {
      wanted += Format(" from {} to {}", {minimum, maximum});
    } else if (std::isfinite(minimum)) {
      wanted += Format(" of at least {}", {minimum});
    }
    Reject(key, wanted.c_str(), Kind::kNumber, *value);
  }
  return number;
}

double ConfigReader::Positive(const char* key, double fallback) {
  const double number =
      Number(key, 0, std::numeric_limits<double>::infinity(), fallback);
  if (number == 0) {
    ThrowValueError("{}: {} must be greater than 0, got 0", {owner_, key});
  }
  return number;
}

bool ConfigReader::Bool(const char* key, bool fallback) {
  const ConfigValue* value = Value(key, "true or false", Kind::kBool);
  return value == nullptr ? fallback : value->flag();
}

std::string_view ConfigReader::Text(const char* key,
                                    std::string_view fallback) {
  const ConfigValue* value = Value(key, "a string", Kind::kText);
  return value == nullptr ? fallback : value->text();
}

std::vector<size_t> ConfigReader::OptionalDims(const char* key) {
  constexpr const char* kWanted =
      "a list of whole numbers of at least 1 (without the batch)";
  const ConfigValue* value = Value(key, kWanted, Kind::kList);
  std::vector<size_t> dims;
  if (value == nullptr) return dims;
  for (double number : value->list()) {
    if (!IsWhole(number, 1.0)) Reject(key, kWanted, Kind::kList, *value);
    dims.push_back(static_cast<size_t>(number));
  }
  if (dims.empty()) Reject(key, kWanted, Kind::kList, *value);
  return dims;
}

void ConfigReader::Finish() const {
  for (const Config::Entry& entry : config_.entries()) {
    std::string known;
    bool read = false;
    for (const char* key : std::span(read_).first(read_count_)) {
      if (!known.empty()) known += ", ";
      known += key;
      read |= entry.key == key;
    }
    if (read) continue;
    ThrowValueError("{}: unknown option '{}'; known are: {}",
                    {owner_, entry.key, known.empty() ? "none" : known});
  }
}

}  // namespace lamella
