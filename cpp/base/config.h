// Named settings of layers, losses and optimizers: what a constructor takes
// and what serialization writes.
#ifndef LAMELLA_BASE_CONFIG_H_
#define LAMELLA_BASE_CONFIG_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace lamella {

/// A setting's value. Numbers are float64, as in JavaScript and JSON, and
/// shapes are lists of them.
using ConfigValue =
    std::variant<bool, double, std::string, std::vector<double>>;

/// Settings in the order they are written. Keys are the argument names of the
/// TypeScript constructors.
class Config {
 public:
  Config() = default;

  void Set(std::string_view key, bool value);
  void Set(std::string_view key, double value);
  void Set(std::string_view key, size_t value);
  void Set(std::string_view key, std::string_view value);
  // Without it a string literal would be taken for a bool.
  void Set(std::string_view key, const char* value);
  void Set(std::string_view key, std::vector<double> value);

  const std::vector<std::pair<std::string, ConfigValue>>& entries() const {
    return entries_;
  }

  const ConfigValue* Find(std::string_view key) const;

 private:
  void SetValue(std::string_view key, ConfigValue value);

  std::vector<std::pair<std::string, ConfigValue>> entries_;
};

/// Reads settings with checks. Every error names `owner` (the class), the key,
/// what was given and what is wanted; a missing key means the default.
class ConfigReader {
 public:
  ConfigReader(std::string_view owner, const Config& config)
      : owner_(owner), config_(config) {}

  /// A whole number of at least `minimum`. Throws a type error for another
  /// type and a value error for a fraction, NaN or a number out of range.
  size_t Integer(std::string_view key, size_t minimum);
  size_t Integer(std::string_view key, size_t minimum, size_t fallback);
  std::optional<size_t> OptionalInteger(std::string_view key, size_t minimum);

  /// A finite number in [minimum, maximum].
  double Number(std::string_view key, double minimum, double maximum,
                double fallback);

  bool Bool(std::string_view key, bool fallback);
  std::string Text(std::string_view key, std::string_view fallback);

  /// A list of whole numbers of at least 1: a shape without batch.
  std::optional<std::vector<size_t>> OptionalDims(std::string_view key);

  /// The value as given, or null: for settings of more than one type.
  const ConfigValue* Value(std::string_view key);

  /// Throws a value error when the configuration holds a key that nobody read:
  /// a misspelt option must not be ignored.
  void Finish() const;

  /// Text of a value as error messages show it: 3, "same", true, [1, 28, 28].
  static std::string Describe(const ConfigValue& value);

  /// A whole number of at least `minimum` from a value under `key`.
  size_t ToInteger(std::string_view key, const ConfigValue& value,
                   size_t minimum) const;

 private:
  std::string owner_;
  const Config& config_;
  std::vector<std::string> read_;
};

}  // namespace lamella

#endif  // LAMELLA_BASE_CONFIG_H_
