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

/// A setting's value as a configuration holds it, which it must not outlive.
/// Numbers are float64, as in JavaScript and JSON, and shapes are lists of
/// them.
class ConfigValue {
 public:
  enum class Kind : char {
    kBool,
    kNumber,
    kText,
    kList,
    kOther  ///< What no setting is, as text for the error message.
  };

  ConfigValue(Kind kind, std::string_view bytes) : kind_(kind), bytes_(bytes) {}

  Kind kind() const { return kind_; }
  bool flag() const { return number() != 0; }
  double number() const { return number(0); }
  std::string_view text() const { return bytes_; }
  /// Elements of a list.
  size_t length() const { return bytes_.size() / sizeof(double); }
  double number(size_t i) const;

  bool operator==(const ConfigValue& other) const = default;

 private:
  Kind kind_;
  /// Text in UTF-8, or numbers, true being 1.
  std::string_view bytes_;
};

/// Settings in the order they are written, each once. Keys are the argument
/// names of the TypeScript constructors.
///
/// They are kept as the bytes that cross to JavaScript and back: for each
/// setting its key, a byte for the kind of its value, and the value's bytes;
/// before key and value stands their length, four bytes. (Lists of keys and
/// values that own their memory were 1.5 kB gzip of WebAssembly.)
class Config {
 public:
  struct Entry {
    std::string_view key;
    ConfigValue value;
  };

  Config();
  /// What another configuration's `bytes` were.
  explicit Config(std::string_view bytes);
  Config(Config&& other) noexcept;
  Config(const Config& other);
  Config& operator=(const Config& other);
  ~Config();

  void Set(std::string_view key, bool flag);
  void Set(std::string_view key, double number);
  void Set(std::string_view key, size_t number);
  void Set(std::string_view key, std::string_view text);
  // Without it a string literal would be taken for a bool.
  void Set(std::string_view key, const char* text);
  void Set(std::string_view key, std::span<const size_t> dims);
  void Set(std::string_view key, std::span<const double> list);

  std::optional<ConfigValue> Find(std::string_view key) const;

  /// The setting at `position`, which is 0 for the first and becomes the next
  /// one's; nothing after the last.
  std::optional<Entry> Next(size_t& position) const;

  const std::string& bytes() const { return bytes_; }

  bool operator==(const Config& other) const = default;

 private:
  void Append(std::string_view field);
  void Set(std::string_view key, ConfigValue::Kind kind,
           std::string_view value);
  void Set(std::string_view key, ConfigValue::Kind kind,
           std::span<const double> numbers);
  std::string_view Field(size_t& position) const;

  std::string bytes_;
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

  /// The value as given, if any: for settings of more than one type.
  std::optional<ConfigValue> Value(const char* key);

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
  /// The value, which must be of this kind, if any.
  std::optional<ConfigValue> Value(const char* key, const char* wanted,
                                   ConfigValue::Kind kind);

  std::string_view owner_;
  const Config& config_;
  // More than any class has.
  std::array<const char*, 16> read_;
  size_t read_count_ = 0;
};

}  // namespace lamella

#endif  // LAMELLA_BASE_CONFIG_H_
