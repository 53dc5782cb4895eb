#include "base/config.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace lamella {
namespace {

using Kind = ConfigValue::Kind;

// The greatest whole number a size can be; beyond it a shape would not fit in
// 32-bit memory anyway.
constexpr double kMaxInteger = 2147483647.0;

bool IsWhole(double value, double minimum) {
  return value >= minimum && value <= kMaxInteger && std::floor(value) == value;
}

// NaN, which no range holds, for anything but a number.
double NumberOrNan(const ConfigValue& value) {
  return value.kind() == Kind::kNumber ? value.number() : std::nan("");
}

}  // namespace

double ConfigValue::number(size_t i) const {
  double number;
  // Copied: numbers stand behind keys of any length, so they are not aligned.
  std::memcpy(&number, bytes_.data() + i * sizeof(double), sizeof(double));
  return number;
}

Config::Config() = default;
Config::Config(std::string_view bytes) : bytes_(bytes) {}
Config::Config(Config&& other) noexcept = default;
Config::Config(const Config& other) = default;
Config& Config::operator=(const Config& other) = default;
Config::~Config() = default;

void Config::Append(std::string_view field) {
  const auto size = static_cast<uint32_t>(field.size());
  bytes_.append(reinterpret_cast<const char*>(&size), sizeof(size));
  bytes_.append(field);
}

std::string_view Config::Field(size_t& position) const {
  uint32_t size;
  std::memcpy(&size, bytes_.data() + position, sizeof(size));
  position += sizeof(size) + size;
  return {bytes_.data() + position - size, size};
}

void Config::Set(std::string_view key, Kind kind, std::string_view value) {
  assert(!Find(key).has_value());
  Append(key);
  bytes_ += static_cast<char>(kind);
  Append(value);
}

void Config::Set(std::string_view key, Kind kind,
                 std::span<const double> numbers) {
  Set(key, kind,
      std::string_view(reinterpret_cast<const char*>(numbers.data()),
                       numbers.size_bytes()));
}

void Config::Set(std::string_view key, bool flag) {
  const double number = flag;
  Set(key, Kind::kBool, {&number, 1});
}
void Config::Set(std::string_view key, double number) {
  Set(key, Kind::kNumber, {&number, 1});
}
void Config::Set(std::string_view key, size_t number) {
  Set(key, static_cast<double>(number));
}
void Config::Set(std::string_view key, std::string_view text) {
  Set(key, Kind::kText, text);
}
void Config::Set(std::string_view key, const char* text) {
  Set(key, std::string_view(text));
}
void Config::Set(std::string_view key, std::span<const size_t> dims) {
  Set(key, std::vector<double>(dims.begin(), dims.end()));
}
void Config::Set(std::string_view key, std::span<const double> list) {
  Set(key, Kind::kList, list);
}

std::optional<Config::Entry> Config::Next(size_t& position) const {
  if (position == bytes_.size()) return std::nullopt;
  const std::string_view key = Field(position);
  const auto kind = static_cast<Kind>(bytes_[position++]);
  return Entry{key, ConfigValue(kind, Field(position))};
}

std::optional<ConfigValue> Config::Find(std::string_view key) const {
  for (size_t position = 0; const auto entry = Next(position);) {
    if (entry->key == key) return entry->value;
  }
  return std::nullopt;
}

std::string ConfigReader::Describe(const ConfigValue& value) {
  switch (value.kind()) {
    case Kind::kBool:
      return value.flag() ? "true" : "false";
    case Kind::kNumber:
      return Format("{}", {value.number()});
    case Kind::kText:
      return Format("'{}'", {value.text()});
    case Kind::kOther:
      return std::string(value.text());
    case Kind::kList:
      break;
  }
  std::string list = "[";
  for (size_t i = 0; i < value.length(); ++i) {
    if (i > 0) list += ", ";
    Argument(value.number(i)).AppendTo(list);
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

std::optional<ConfigValue> ConfigReader::Value(const char* key) {
  assert(read_count_ < read_.size());
  read_[read_count_++] = key;
  return config_.Find(key);
}

std::optional<ConfigValue> ConfigReader::Value(const char* key,
                                               const char* wanted, Kind kind) {
  const auto value = Value(key);
  if (value.has_value() && value->kind() != kind) {
    Reject(key, wanted, kind, *value);
  }
  return value;
}

size_t ConfigReader::ToInteger(const char* key, const ConfigValue& value,
                               size_t minimum) const {
  const double number = NumberOrNan(value);
  if (!IsWhole(number, static_cast<double>(minimum))) {
    Reject(key, Format("a whole number of at least {}", {minimum}).c_str(),
           Kind::kNumber, value);
  }
  return static_cast<size_t>(number);
}

std::optional<size_t> ConfigReader::OptionalInteger(const char* key,
                                                    size_t minimum) {
  const auto value = Value(key);
  if (!value.has_value()) return std::nullopt;
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
  const auto value = Value(key);
  if (!value.has_value()) return fallback;
  const double number = NumberOrNan(*value);
  if (!(number >= minimum && number <= maximum) || !std::isfinite(number)) {
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
  const auto value = Value(key, "true or false", Kind::kBool);
  return value.has_value() ? value->flag() : fallback;
}

std::string_view ConfigReader::Text(const char* key,
                                    std::string_view fallback) {
  const auto value = Value(key, "a string", Kind::kText);
  return value.has_value() ? value->text() : fallback;
}

std::vector<size_t> ConfigReader::OptionalDims(const char* key) {
  constexpr const char* kWanted =
      "a list of whole numbers of at least 1 (without the batch)";
  const auto value = Value(key, kWanted, Kind::kList);
  if (!value.has_value()) return {};
  std::vector<size_t> dims(value->length());
  bool whole = !dims.empty();
  for (size_t i = 0; i < dims.size(); ++i) {
    whole = whole && IsWhole(value->number(i), 1);
    if (whole) dims[i] = static_cast<size_t>(value->number(i));
  }
  if (!whole) Reject(key, kWanted, Kind::kList, *value);
  return dims;
}

void ConfigReader::Finish() const {
  for (size_t position = 0; const auto entry = config_.Next(position);) {
    std::string known;
    bool read = false;
    for (const char* key : std::span(read_).first(read_count_)) {
      if (!known.empty()) known += ", ";
      known += key;
      read |= entry->key == key;
    }
    if (read) continue;
    ThrowValueError("{}: unknown option '{}'; known are: {}",
                    {owner_, entry->key, known.empty() ? "none" : known});
  }
}

}  // namespace lamella
