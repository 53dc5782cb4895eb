// Reading settings: types, ranges, unknown keys.
#include "base/config.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "test_util.h"

namespace lamella::test {
namespace {

using List = std::vector<double>;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

ConfigValue Text(const char* text) { return std::string(text); }

TEST(Config, KeepsOrderAndTypes) {
  Config config;
  config.Set("b", 1.0);
  config.Set("a", "text");  // A literal is text, not a bool.
  config.Set("flag", true);
  config.Add("", List{});
  config.Add("list", List{1, kNaN});
  std::vector<std::string> keys;
  for (const auto& [key, value] : config.entries()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"b", "a", "flag", "", "list"}));
  EXPECT_EQ(*config.Find("b"), ConfigValue(1.0));
  EXPECT_EQ(*config.Find("a"), Text("text"));
  EXPECT_EQ(*config.Find("flag"), ConfigValue(true));
  EXPECT_EQ(*config.Find(""), ConfigValue(List{}));
  const List& list = std::get<List>(*config.Find("list"));
  EXPECT_EQ(list.size(), 2u);
  EXPECT_TRUE(std::isnan(list[1]));
  EXPECT_EQ(config.Find("c"), nullptr);
}

TEST(ConfigReader, ReadsEveryType) {
  const Config config = MakeConfig({{"integer", 3.0},
                                    {"number", 0.25},
                                    {"flag", true},
                                    {"text", Text("he")},
                                    {"dims", List{1, 28}}});
  ConfigReader reader("Owner", config);
  EXPECT_EQ(reader.Integer("integer", 1), 3u);
  EXPECT_EQ(reader.Number("number", 0, 1, 9), 0.25);
  EXPECT_TRUE(reader.Bool("flag", false));
  EXPECT_EQ(reader.Text("text", "auto"), "he");
  EXPECT_EQ(reader.OptionalDims("dims"), (std::vector<size_t>{1, 28}));
  reader.Finish();
}

TEST(ConfigReader, MissingMeansDefault) {
  const Config config;
  ConfigReader reader("Owner", config);
  EXPECT_EQ(reader.Integer("integer", 1, 7), 7u);
  EXPECT_EQ(reader.OptionalInteger("integer", 1), std::nullopt);
  EXPECT_EQ(reader.Number("number", 0, 1, 0.5), 0.5);
  EXPECT_TRUE(reader.Bool("flag", true));
  EXPECT_EQ(reader.Text("text", "auto"), "auto");
  EXPECT_TRUE(reader.OptionalDims("dims").empty());
  EXPECT_TRUE(Throws(ErrorKind::kType, {"Owner", "integer", "required"},
                     [&] { reader.Integer("integer", 1); }));
}

void ExpectInteger(const ConfigValue& value, ErrorKind kind,
                   std::string_view given) {
  const Config config = MakeConfig({{"size", value}});
  ConfigReader reader("Owner", config);
  EXPECT_TRUE(Throws(kind,
                     {"Owner", "size", "whole number of at least 2", given},
                     [&] { reader.Integer("size", 2); }))
      << ConfigReader::Describe(value);
}

TEST(ConfigReader, RejectsWrongIntegers) {
  ExpectInteger(1.0, ErrorKind::kValue, "got 1");
  ExpectInteger(-3.0, ErrorKind::kValue, "got -3");
  ExpectInteger(2.5, ErrorKind::kValue, "got 2.5");
  ExpectInteger(kNaN, ErrorKind::kValue, "nan");
  ExpectInteger(kInfinity, ErrorKind::kValue, "inf");
  ExpectInteger(1e300, ErrorKind::kValue, "1e+300");
  ExpectInteger(true, ErrorKind::kType, "got true");
  ExpectInteger(Text("3"), ErrorKind::kType, "got '3'");
  ExpectInteger(List{3}, ErrorKind::kType, "got [3]");
}

void ExpectNumber(const ConfigValue& value, ErrorKind kind,
                  std::string_view given) {
  const Config config = MakeConfig({{"rate", value}});
  ConfigReader reader("Owner", config);
  EXPECT_TRUE(Throws(kind, {"Owner", "rate", "from 0 to 1", given}, [&] {
    reader.Number("rate", 0, 1, 0.5);
  })) << ConfigReader::Describe(value);
}

TEST(ConfigReader, RejectsWrongNumbers) {
  ExpectNumber(-0.1, ErrorKind::kValue, "got -0.1");
  ExpectNumber(1.5, ErrorKind::kValue, "got 1.5");
  ExpectNumber(kNaN, ErrorKind::kValue, "nan");
  ExpectNumber(-kInfinity, ErrorKind::kValue, "inf");
  ExpectNumber(false, ErrorKind::kType, "got false");
  ExpectNumber(Text("0.5"), ErrorKind::kType, "got '0.5'");
}

TEST(ConfigReader, RejectsOtherTypes) {
  const Config config = MakeConfig({{"x", 1.0}});
  ConfigReader reader("Owner", config);
  EXPECT_TRUE(Throws(ErrorKind::kType, {"Owner", "x", "true or false", "1"},
                     [&] { reader.Bool("x", false); }));
  EXPECT_TRUE(Throws(ErrorKind::kType, {"Owner", "x", "string", "1"},
                     [&] { reader.Text("x", ""); }));
  EXPECT_TRUE(Throws(ErrorKind::kType, {"Owner", "x", "list", "1"},
                     [&] { reader.OptionalDims("x"); }));
}

TEST(ConfigReader, RejectsWrongDims) {
  for (const List& dims :
       {List{}, List{0, 3}, List{2, -1}, List{1.5}, List{3, kNaN}}) {
    const Config config = MakeConfig({{"dims", dims}});
    ConfigReader reader("Owner", config);
    EXPECT_TRUE(Throws(ErrorKind::kValue,
                       {"Owner", "dims", ConfigReader::Describe(dims)},
                       [&] { reader.OptionalDims("dims"); }));
  }
}

TEST(ConfigReader, NamesTheLimitThatANumberExceeds) {
  const double great = 2147483648.0;
  const Config config = MakeConfig({{"size", great}, {"pair", List{1, great}}});
  ConfigReader reader("Owner", config);
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"at least 1 and below 2^31, got"},
                     [&] { reader.Integer("size", 1); }));
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"at least 1 and below 2^31 or a pair"},
                     [&] { reader.Pair("pair", 1); }));
}

TEST(ConfigReader, ReadsAnyNumberOfKeys) {
  constexpr size_t kKeys = 40;
  Config config;
  for (size_t i = 0; i < kKeys; ++i) config.Set(Format("key{}", {i}), i);
  ConfigReader reader("Owner", config);
  size_t value = 0;
  for (const auto& [key, _] : config.entries()) {
    EXPECT_EQ(reader.Integer(key, 0), value++);
  }
  reader.Finish();
}

TEST(ConfigReader, RejectsUnknownKeys) {
  const Config config = MakeConfig({{"size", 1.0}, {"sise", 2.0}});
  ConfigReader reader("Owner", config);
  reader.Integer("size", 1);
  reader.Bool("flag", false);
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"Owner", "'sise'", "size, flag"},
                     [&] { reader.Finish(); }));
}

TEST(ConfigReader, DescribesValues) {
  EXPECT_EQ(ConfigReader::Describe(3.0), "3");
  EXPECT_EQ(ConfigReader::Describe(UnsupportedValue{"Symbol(x)"}), "Symbol(x)");
  EXPECT_EQ(ConfigReader::Describe(true), "true");
  EXPECT_EQ(ConfigReader::Describe(Text("same")), "'same'");
  EXPECT_EQ(ConfigReader::Describe(List{1, 28, 28}), "[1, 28, 28]");
  EXPECT_EQ(ConfigReader::Describe(List{}), "[]");
}

}  // namespace
}  // namespace lamella::test
