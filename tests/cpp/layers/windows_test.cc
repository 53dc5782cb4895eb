// The options of windows: a number, a pair, zeros for each side, words.
#include "layers/windows.h"

#include <gtest/gtest.h>

#include <vector>

#include "layers/registry.h"
#include "test_util.h"

namespace lamella::test {
namespace {

using List = std::vector<double>;

const ConfigValue kSame = std::string("same");
const ConfigValue kSameUpper = std::string("same-upper");

Windows Make(const Config& config) {
  ConfigReader reader("Owner", config);
  return {reader, "kernelSize", reader.Pair("kernelSize", 1),
          reader.Pair("stride", 1, AxisPair{1, 1}),
          reader.Pair("dilation", 1, AxisPair{1, 1})};
}

Windows::Axes Over(const Config& config, size_t height, size_t width) {
  return Make(config).Over("Owner", {3, height, width});
}

Config Written(const Config& config) {
  Config written;
  Make(config).WriteConfig(written);
  return written;
}

TEST(Windows, ANumberIsForBothAxesAndAPairForOneEach) {
  const auto [vertical, horizontal] =
      Over(MakeConfig({{"kernelSize", List{1, 5}},
                       {"stride", 2.0},
                       {"dilation", List{1, 2}},
                       {"padding", List{0, 3}}}),
           9, 9);
  EXPECT_EQ(vertical, (Window{1, 2, 1, 0, 0}));
  EXPECT_EQ(horizontal, (Window{5, 2, 2, 3, 3}));
}

TEST(Windows, PaddingMayDifferOnEverySide) {
  const auto [vertical, horizontal] = Over(
      MakeConfig({{"kernelSize", 2.0}, {"padding", Sides{1, 2, 3, 4}}}), 9, 9);
  EXPECT_EQ(vertical, (Window{2, 1, 1, 1, 2}));
  EXPECT_EQ(horizontal, (Window{2, 1, 1, 3, 4}));
}

TEST(Windows, SameDependsOnTheWindowAlone) {
  for (const double stride : {1.0, 2.0}) {
    const auto [vertical, horizontal] =
        Over(MakeConfig({{"kernelSize", List{4, 3}},
                         {"dilation", List{1, 3}},
                         {"stride", stride},
                         {"padding", kSame}}),
             8, 9);
    EXPECT_EQ(vertical.padding_before, 1);
    EXPECT_EQ(vertical.padding_after, 2);
    EXPECT_EQ(horizontal.padding_before, 3);
    EXPECT_EQ(horizontal.padding_after, 3);
  }
}

TEST(Windows, SameUpperIsWhatCeilOfLengthByStrideTakes) {
  for (size_t size = 1; size <= 5; ++size) {
    for (size_t stride = 1; stride <= 6; ++stride) {
      for (size_t dilation = 1; dilation <= 3; ++dilation) {
        for (size_t length = 1; length <= 14; ++length) {
          SCOPED_TRACE(
              Cat(length, " pixels, ", ToText(Window{size, stride, dilation})));
          const auto [window, other] =
              Over(MakeConfig({{"kernelSize", static_cast<double>(size)},
                               {"stride", static_cast<double>(stride)},
                               {"dilation", static_cast<double>(dilation)},
                               {"padding", kSameUpper}}),
                   length, 20);
          const size_t count = (length + stride - 1) / stride;
          EXPECT_EQ(window.Count(length), count);
          // No zero more than the last window takes, the odd one after.
          const size_t end = (count - 1) * stride + window.extent();
          EXPECT_EQ(window.padding(), end > length ? end - length : 0);
          EXPECT_EQ(window.padding_before, window.padding() / 2);
          if (stride == 1) {
            const auto [same, also] =
                Over(MakeConfig({{"kernelSize", static_cast<double>(size)},
                                 {"dilation", static_cast<double>(dilation)},
                                 {"padding", kSame}}),
                     length, 20);
            EXPECT_EQ(window, same);
          }
        }
      }
    }
  }
}

TEST(Windows, WriteANumberWhereItSaysAll) {
  const Config plain = MakeConfig({{"kernelSize", 3.0}, {"stride", 2.0}});
  EXPECT_EQ(Written(MakeConfig({{"kernelSize", List{3, 3}},
                                {"stride", List{2, 2}},
                                {"dilation", List{1, 1}},
                                {"padding", std::string("valid")}})),
            plain);
  const std::pair<ConfigValue, ConfigValue> paddings[] = {
      {1.0, 1.0},
      {List{2, 2}, 2.0},
      {Sides{2, 2, 2, 2}, 2.0},
      {List{0, 1}, Sides{0, 0, 1, 1}},
      {Sides{0, 1, 0, 1}, Sides{0, 1, 0, 1}},
      {kSame, kSame},
      {kSameUpper, kSameUpper}};
  for (const auto& [given, written] : paddings) {
    SCOPED_TRACE(ConfigReader::Describe(given));
    const Config config =
        Written(MakeConfig({{"kernelSize", List{1, 3}}, {"padding", given}}));
    EXPECT_EQ(config, MakeConfig({{"kernelSize", List{1, 3}},
                                  {"stride", 1.0},
                                  {"padding", written}}));
    EXPECT_EQ(Written(config), config);
  }
}

TEST(Windows, RefuseWhatMakesNoSense) {
  const auto refuses = [](const char* key, const ConfigValue& value,
                          ErrorKind kind) {
    Config config = MakeConfig({{key, value}});
    if (config.Find("kernelSize") == nullptr) config.Set("kernelSize", 3.0);
    return Throws(kind, {"Owner: ", key, "vertical, horizontal]", "got "},
                  [&] { Make(config); });
  };
  const auto kValue = ErrorKind::kValue, kType = ErrorKind::kType;
  for (const char* key : {"kernelSize", "stride", "dilation"}) {
    EXPECT_TRUE(refuses(key, List{0, 1}, kValue));
    EXPECT_TRUE(refuses(key, List{1, 1.5}, kValue));
    EXPECT_TRUE(refuses(key, List{1}, kType));
    EXPECT_TRUE(refuses(key, List{1, 2, 3}, kType));
    EXPECT_TRUE(refuses(key, List{}, kType));
    EXPECT_TRUE(refuses(key, Sides{1, 2, 1, 2}, kType));
    EXPECT_TRUE(refuses(key, kSame, kType));
  }
  for (const ConfigValue& padding : std::vector<ConfigValue>{
           List{-1, 0}, List{1}, List{1, 2, 3, 4}, Sides{1, 2, 3, -4},
           Sides{1, 0.5, 3, 4}, 0.5, std::string("same-lower")}) {
    EXPECT_TRUE(refuses("padding", padding, kValue));
  }
  EXPECT_TRUE(refuses("padding", true, kType));
}

TEST(Windows, RefuseImagesThatAreTooSmall) {
  const Config config = MakeConfig({{"kernelSize", List{1, 3}},
                                    {"dilation", List{1, 2}},
                                    {"padding", Sides{0, 0, 0, 1}}});
  Over(config, 1, 4);
  EXPECT_TRUE(Throws(ErrorKind::kShape,
                     {"Owner: kernelSize [1, 3]", "padding [[0, 0], [0, 1]]",
                      "dilation [1, 2]", "[3, 1, 3]"},
                     [&] { Over(config, 1, 3); }));
}

TEST(Windows, OfPoolingNeverLieInThePaddingAlone) {
  const auto make = [](const ConfigValue& padding) {
    return CreateLayer("MaxPooling2D", MakeConfig({{"poolSize", List{2, 3}},
                                                   {"padding", padding}}));
  };
  make(Sides{1, 1, 2, 2})->Build({1, 1, 1});
  make(kSame)->Build({1, 2, 2});
  make(kSameUpper)->Build({1, 1, 1});
  for (const ConfigValue& padding :
       {ConfigValue(2.0), ConfigValue(Sides{0, 2, 0, 0}),
        ConfigValue(Sides{0, 0, 3, 0})}) {
    EXPECT_TRUE(Throws(ErrorKind::kValue,
                       {"MaxPooling2D: padding", "poolSize [2, 3]"},
                       [&] { make(padding); }));
  }
}

}  // namespace
}  // namespace lamella::test
