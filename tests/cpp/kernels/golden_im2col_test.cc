// im2col and col2im reproduce the recorded matrices.
#include <gtest/gtest.h>

#include "json.h"
#include "kernels/im2col.h"
#include "test_util.h"

namespace lamella::test {
namespace {

WindowGeometry ToGeometry(const Shape& images, const Json& test_case) {
  const size_t window = test_case.at("window_size").get<size_t>();
  const Json& stride = test_case.at("stride");
  // An omitted stride means the window's size (quirk Q07).
  return {.channels = images[1],
          .height = images[2],
          .width = images[3],
          .window_size = window,
          .stride = stride.is_null() ? window : stride.get<size_t>()};
}

TEST(GoldenIm2col, Im2col) {
  const Json cases = LoadGolden("im2col");
  ASSERT_EQ(cases.size(), 6u);
  for (const Json& test_case : cases) {
    SCOPED_TRACE(test_case.at("name").get<std::string>());
    const Tensor input = ToTensor(test_case.at("input"));
    const Tensor wanted = ToTensor(test_case.at("output"));
    const WindowGeometry geometry = ToGeometry(input.shape(), test_case);
    const Shape shape = {input.shape()[0],        geometry.output_height(),
                         geometry.output_width(), geometry.channels,
                         geometry.window_size,    geometry.window_size};
    ASSERT_EQ(shape, wanted.shape());
    Tensor columns(shape);
    Im2col(geometry, input.shape()[0], input.data(), columns.data());
    EXPECT_TRUE(Same("columns", columns, wanted));
  }
}

TEST(GoldenIm2col, Col2im) {
  const Json cases = LoadGolden("col2im");
  ASSERT_EQ(cases.size(), 5u);
  for (const Json& test_case : cases) {
    SCOPED_TRACE(test_case.at("name").get<std::string>());
    const Tensor columns = ToTensor(test_case.at("cols_im2col_layout"));
    const Tensor wanted = ToTensor(test_case.at("output"));
    const Shape images = ToShape(test_case.at("input_shape"));
    Tensor output(images);
    Col2im(ToGeometry(images, test_case), images[0], columns.data(),
           output.data());
    EXPECT_TRUE(
        Close("output", output, wanted,
              GoldenTolerance(test_case, "output", MaxAbs(wanted.values()))));
  }
}

}  // namespace
}  // namespace lamella::test
