#include "base/config.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace lamella {
namespace {

// The greatest whole number a size can be; beyond it a shape would not fit in
// 32-bit memory anyway.
constexpr double kMaxInteger = 2147483647.0;

// NaN, which no range holds, for anything but a number.
double NumberOrNan(const ConfigValue& value) {
  const double* number = std::get_if<double>(&value);
  return number == nullptr ? std::nan("") : *number;
}

// As errors say that one is wanted and not `number`.
std::string WholeNumber(double number, size_t minimum) {
  return Format("a whole number of at least {}{}",
                {minimum, ConfigReader::Limit(number)});
}

struct Describer {
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
  std::string operator()(double number) const { return Format("{}", {number}); }
  std::string operator()(const std::string& text) const {
    return Format("'{}'", {text});
  }
  std::string operator()(const UnsupportedValue& value) const {
    return value.text;
  }
  std::string operator()(const std::vector<double>& list) const {
    std::string text;
    for (const double number : list) {
      text += Format(text.empty() ? "{}" : ", {}", {number});
    }
    return Format("[{}]", {text});
  }
  std::string operator()(const Sides& sides) const {
    return Format("[[{}, {}], [{}, {}]]",
                  {sides[0], sides[1], sides[2], sides[3]});
  }
};

}  // namespace

void Config::Add(std::string_view key, ConfigValue value) {
  assert(Find(key) == nullptr);
  entries_.emplace_back(key, std::move(value));
}
void Config::Set(std::string_view key, bool flag) { Add(key, flag); }
void Config::Set(std::string_view key, double number) { Add(key, number); }
void Config::Set(std::string_view key, size_t number) {
  Add(key, static_cast<double>(number));
}
void Config::Set(std::string_view key, std::string_view text) {
  Add(key, std::string(text));
}
void Config::Set(std::string_view key, const char* text) {
  Set(key, std::string_view(text));
}
void Config::Set(std::string_view key, std::span<const size_t> dims) {
  Add(key, std::vector<double>(dims.begin(), dims.end()));
}

const ConfigValue* Config::Find(std::string_view key) const {
  const auto found = std::ranges::find(entries_, key, &Entry::first);
  return found == entries_.end() ? nullptr : &found->second;
}

std::string ConfigReader::Describe(const ConfigValue& value) {
  return std::visit(Describer{}, value);
}

bool ConfigReader::IsWhole(double number, size_t minimum) {
  return number >= static_cast<double>(minimum) && number <= kMaxInteger &&
         std::floor(number) == number;
}

std::string_view ConfigReader::Limit(double number) {
  return number > kMaxInteger ? " and below 2^31" : "";
}

ConfigReader::ConfigReader(std::string_view owner, const Config& config)
    : owner_(owner), config_(config) {}

void ConfigReader::Reject(std::string_view key, std::string_view wanted,
                          const ConfigValue& value, bool has_type) const {
  Throw(has_type ? ErrorKind::kValue : ErrorKind::kType,
        "{}: {} must be {}, got {}", {owner_, key, wanted, Describe(value)});
}

void ConfigReader::RejectMissing(std::string_view key, size_t minimum) const {
  ThrowTypeError("{}: {} is required: a whole number of at least {}",
                 {owner_, key, minimum});
}

const ConfigValue* ConfigReader::Value(std::string_view key) {
  known_.push_back(key);
  return config_.Find(key);
}

template <typename Wanted>
const Wanted* ConfigReader::Value(std::string_view key,
                                  std::string_view wanted) {
  const ConfigValue* value = Value(key);
  if (value == nullptr) return nullptr;
  const Wanted* typed = std::get_if<Wanted>(value);
  if (typed == nullptr) Reject<Wanted>(key, wanted, *value);
  return typed;
}

std::optional<size_t> ConfigReader::OptionalInteger(std::string_view key,
                                                    size_t minimum) {
  const ConfigValue* value = Value(key);
  if (value == nullptr) return std::nullopt;
  const double number = NumberOrNan(*value);
  if (!IsWhole(number, minimum)) {
    Reject<double>(key, WholeNumber(number, minimum), *value);
  }
  return static_cast<size_t>(number);
}

size_t ConfigReader::Integer(std::string_view key, size_t minimum,
                             size_t fallback) {
  return OptionalInteger(key, minimum).value_or(fallback);
}

size_t ConfigReader::Integer(std::string_view key, size_t minimum) {
  const auto value = OptionalInteger(key, minimum);
  if (!value.has_value()) RejectMissing(key, minimum);
  return *value;
}

AxisPair ConfigReader::Pair(std::string_view key, size_t minimum,
                            const std::optional<AxisPair>& fallback) {
  const ConfigValue* value = Value(key);
  if (value == nullptr) {
    if (!fallback.has_value()) RejectMissing(key, minimum);
    return *fallback;
  }
  const auto* list = std::get_if<std::vector<double>>(value);
  const bool is_pair = list != nullptr && list->size() == 2;
  const double vertical = is_pair ? (*list)[0] : NumberOrNan(*value);
  const double horizontal = is_pair ? (*list)[1] : vertical;
  if (!IsWhole(vertical, minimum) || !IsWhole(horizontal, minimum)) {
    Reject(key,
           WholeNumber(std::max(vertical, horizontal), minimum) +
               " or a pair [vertical, horizontal] of them",
           *value, is_pair || std::holds_alternative<double>(*value));
  }
  return {static_cast<size_t>(vertical), static_cast<size_t>(horizontal)};
}

double ConfigReader::Number(std::string_view key, double minimum,
                            double maximum, double fallback) {
  const ConfigValue* value = Value(key);
  if (value == nullptr) return fallback;
  const double number = NumberOrNan(*value);
  if (!(number >= minimum && number <= maximum) || !std::isfinite(number)) {
    std::string wanted = "a finite number";
    if (std::isfinite(maximum)) {
      wanted += Format(" from {} to {}", {minimum, maximum});
    } else if (std::isfinite(minimum)) {
      wanted += Format(" of at least {}", {minimum});
    }
    Reject<double>(key, wanted, *value);
  }
  if (!std::isfinite(static_cast<float>(number))) {
    Reject<double>(key, "a number that float32 can hold", *value);
  }
  return number;
}

double ConfigReader::Positive(std::string_view key, double fallback) {
  const double number =
      Number(key, 0, std::numeric_limits<double>::infinity(), fallback);
  if (static_cast<float>(number) == 0) {
    ThrowValueError("{}: {} must be greater than 0, also as float32, got {}",
                    {owner_, key, number});
  }
  return number;
}

bool ConfigReader::Bool(std::string_view key, bool fallback) {
  const bool* value = Value<bool>(key, "true or false");
  return value == nullptr ? fallback : *value;
}

std::string_view ConfigReader::Text(std::string_view key,
                                    std::string_view fallback) {
  const std::string* value = Value<std::string>(key, "a string");
  return value == nullptr ? fallback : *value;
}

std::vector<size_t> ConfigReader::OptionalDims(std::string_view key) {
  constexpr std::string_view kWanted =
      "a list of whole numbers of at least 1 (without the batch)";
  using List = std::vector<double>;
  const List* list = Value<List>(key, kWanted);
  if (list == nullptr) return {};
  if (list->empty() ||
      !std::ranges::all_of(*list, [](double dim) { return IsWhole(dim, 1); })) {
    Reject<List>(key, kWanted, *list);
  }
  return {list->begin(), list->end()};
}

void ConfigReader::Finish() const {
  for (const auto& [key, value] : config_.entries()) {
    if (std::ranges::find(known_, key) != known_.end()) continue;
    std::string known;
    for (const std::string_view each : known_) {
      known += Format(known.empty() ? "{}" : ", {}", {each});
    }
    ThrowValueError("{}: unknown option '{}'; known are: {}",
                    {owner_, key, known.empty() ? "none" : known});
  }
}

}  // namespace lamella
