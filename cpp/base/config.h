// Named settings of layers, losses and optimizers: the arguments of a
// constructor, as serialization writes them.
#ifndef LAMELLA_BASE_CONFIG_H_
#define LAMELLA_BASE_CONFIG_H_

#include <array>
#include <cstddef>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"

namespace lamella {

/// A value of a type that no setting has, as error messages show it.
struct UnsupportedValue {
  std::string text;
  bool operator==(const UnsupportedValue& other) const = default;
};

/// A size along the vertical axis of images and one along the horizontal axis.
using AxisPair = std::array<size_t, 2>;

/// Numbers for the sides of images, [[top, bottom], [left, right]] in
/// JavaScript.
using Sides = std::array<double, 4>;

/// A setting's value. Numbers are float64, as in JavaScript and JSON, and
/// shapes are lists of them.
using ConfigValue = std::variant<bool, double, std::string, std::vector<double>,
                                 Sides, UnsupportedValue>;

/// Settings in the order they are written, each once. Keys are the argument
/// names of the TypeScript constructors.
class Config {
 public:
  using Entry = std::pair<std::string, ConfigValue>;

  /// Appends a setting whose key is not there yet.
  void Add(std::string_view key, ConfigValue value);
  /// The same; one for each type that callers have, so that none is converted
  /// to another.
  void Set(std::string_view key, bool flag);
  void Set(std::string_view key, double number);
  void Set(std::string_view key, size_t number);
  void Set(std::string_view key, std::string_view text);
  void Set(std::string_view key, const char* text);
  void Set(std::string_view key, std::span<const size_t> dims);

  /// The value under a key, or null.
  const ConfigValue* Find(std::string_view key) const;

  /// All settings in their order.
  const std::list<Entry>& entries() const { return entries_; }

  bool operator==(const Config& other) const = default;

 private:
  // Growing moves none of them.
  std::list<Entry> entries_;
};

/// Reads settings with checks. Every error names `owner` (the class), the key,
/// what was given and what is wanted; a missing key means the default. The
/// owner's name, the keys and the configuration must outlive the reader.
class ConfigReader {
 public:
  ConfigReader(std::string_view owner, const Config& config);

  /// The class's name.
  std::string_view owner() const { return owner_; }

  /// A whole number of at least `minimum`. Throws a type error for another
  /// type and a value error for a fraction, NaN or a number out of range.
  size_t Integer(std::string_view key, size_t minimum);
  size_t Integer(std::string_view key, size_t minimum, size_t fallback);
  std::optional<size_t> OptionalInteger(std::string_view key, size_t minimum);

  /// Sizes of at least `minimum` along both axes of images: a number for both,
  /// or a list [vertical, horizontal]. Throws as `Integer`; required unless
  /// there is a fallback.
  AxisPair Pair(std::string_view key, size_t minimum,
                const std::optional<AxisPair>& fallback = {});

  /// A number in [minimum, maximum] that float32 can hold. Throws a type error
  /// for another type and a value error for any other number.
  double Number(std::string_view key, double minimum, double maximum,
                double fallback);

  /// The same, greater than 0, also as float32.
  double Positive(std::string_view key, double fallback);

  /// True or false; type error for anything else.
  bool Bool(std::string_view key, bool fallback);
  /// A text; type error for anything else. Valid as long as the configuration
  /// and the fallback.
  std::string_view Text(std::string_view key, std::string_view fallback);

  /// A list of whole numbers of at least 1: a shape without batch. Empty, which
  /// nobody can give, when missing.
  std::vector<size_t> OptionalDims(std::string_view key);

  /// The value as given, or null: for settings of more than one type.
  const ConfigValue* Value(std::string_view key);

  /// Throws a value error when the configuration holds a key that nobody read:
  /// a misspelt option must not be ignored.
  void Finish() const;

  /// Text of a value as error messages show it: 3, 'same', true, [1, 28, 28].
  static std::string Describe(const ConfigValue& value);

  /// Whether a number is whole, at least `minimum`, and one that a size can be.
  static bool IsWhole(double number, size_t minimum);

  /// Text after "of at least 1" in errors about a number that is too large.
  static std::string_view Limit(double number);

  /// Value error "Dense: outputSize must be {wanted}, got …", or a type error
  /// unless the value has a type that is wanted.
  [[noreturn]] void Reject(std::string_view key, std::string_view wanted,
                           const ConfigValue& value, bool has_type) const;

 private:
  /// The same, where one type is wanted.
  template <typename Wanted>
  [[noreturn]] void Reject(std::string_view key, std::string_view wanted,
                           const ConfigValue& value) const {
    Reject(key, wanted, value, std::holds_alternative<Wanted>(value));
  }
  [[noreturn]] void RejectMissing(std::string_view key, size_t minimum) const;
  /// The value, or null when it is missing; type error unless it is of the type
  /// `Wanted`.
  template <typename Wanted>
  const Wanted* Value(std::string_view key, std::string_view wanted);

  std::string_view owner_;
  const Config& config_;
  /// The keys that were asked for.
  std::vector<std::string_view> known_;
};

}  // namespace lamella

#endif  // LAMELLA_BASE_CONFIG_H_
