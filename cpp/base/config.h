// Named settings of layers, losses and optimizers: what a constructor takes
// and what serialization writes.
#ifndef LAMELLA_BASE_CONFIG_H_
#define LAMELLA_BASE_CONFIG_H_

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace lamella {

/// A setting's value. Numbers are float64, as in JavaScript and JSON, and
/// shapes are lists of them.
class ConfigValue {
 public:
  enum class Kind { kBool, kNumber, kText, kList };

  ConfigValue(bool flag) : kind_(Kind::kBool), number_(flag) {}
  ConfigValue(double number) : kind_(Kind::kNumber), number_(number) {}
  ConfigValue(size_t number) : ConfigValue(static_cast<double>(number)) {}
  ConfigValue(std::string_view text);
  ConfigValue(const std::string& text) : ConfigValue(std::string_view(text)) {}
  // Without it a string literal would be taken for a bool.
  ConfigValue(const char* text) : ConfigValue(std::string_view(text)) {}
  ConfigValue(std::vector<double> list);
  ConfigValue(std::span<const size_t> dims);

  ConfigValue(const ConfigValue& other);
  ConfigValue& operator=(const ConfigValue& other);
  ~ConfigValue();

  Kind kind() const { return kind_; }
  bool flag() const { return number_ != 0; }
  double number() const { return number_; }
  const std::string& text() const { return text_; }
  const std::vector<double>& list() const { return list_; }

  bool operator==(const ConfigValue& other) const;

 private:
  Kind kind_;
  double number_ = 0;
  std::string text_;
  std::vector<double> list_;
};

/// Settings in the order they are written. Keys are the argument names of the
/// TypeScript constructors.
class Config {
 public:
  struct Entry {
    std::string key;
    ConfigValue value;
    bool operator==(const Entry& other) const = default;
  };

  Config();
  Config(const Config& other);
  Config& operator=(const Config& other);
  ~Config();

  void Set(const char* key, const ConfigValue& value);
  // A value made here need not be made, and freed, by every caller.
  void Set(const char* key, bool flag);
  void Set(const char* key, double number);
  void Set(const char* key, size_t number);
  void Set(const char* key, std::string_view text);
  void Set(const char* key, const char* text);
  void Set(const char* key, std::span<const size_t> dims);
  const std::vector<Entry>& entries() const { return entries_; }
  const ConfigValue* Find(const char* key) const;

 private:
  std::vector<Entry> entries_;
};

/// Reads settings with checks. Every error names `owner` (the class), the key,
/// what was given and what is wanted; a missing key means the default. Keys
/// must outlive the reader.
class ConfigReader {
 public:
  ConfigReader(std::string_view owner, const Config& config);
  ~ConfigReader();

  std::string_view owner() const { return owner_; }

  /// A whole number of at least `minimum`. Throws a type error for another
  /// type and a value error for a fraction, NaN or a number out of range.
  size_t Integer(const char* key, size_t minimum);
  size_t Integer(const char* key, size_t minimum, size_t fallback);
  std::optional<size_t> OptionalInteger(const char* key, size_t minimum);

  /// A finite number in [minimum, maximum].
  double Number(const char* key, double minimum, double maximum,
                double fallback);

  /// A finite number greater than 0.
  double Positive(const char* key, double fallback);

  bool Bool(const char* key, bool fallback);
  /// Valid as long as the configuration and the fallback.
  std::string_view Text(const char* key, std::string_view fallback);

  /// A list of whole numbers of at least 1: a shape without batch. Empty, which
  /// nobody can give, when missing.
  std::vector<size_t> OptionalDims(const char* key);

  /// The value as given, or null: for settings of more than one type.
  const ConfigValue* Value(const char* key);

  /// Throws a value error when the configuration holds a key that nobody read:
  /// a misspelt option must not be ignored.
  void Finish() const;

  /// Text of a value as error messages show it: 3, "same", true, [1, 28, 28].
  static std::string Describe(const ConfigValue& value);

  /// A whole number of at least `minimum` from a value under `key`.
  size_t ToInteger(const char* key, const ConfigValue& value,
                   size_t minimum) const;

 private:
  /// "Dense: outputSize must be {wanted}, got …": a type error unless the value
  /// is of the kind wanted.
  [[noreturn]] void Reject(const char* key, const char* wanted,
                           ConfigValue::Kind kind,
                           const ConfigValue& value) const;
  /// The value, which must be of this kind, or null.
  const ConfigValue* Value(const char* key, const char* wanted,
                           ConfigValue::Kind kind);

  std::string_view owner_;
  const Config& config_;
  // More than any class has.
  std::array<const char*, 16> read_;
  size_t read_count_ = 0;
};

}  // namespace lamella

#endif  // LAMELLA_BASE_CONFIG_H_
