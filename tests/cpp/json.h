// The golden fixtures as the engine's types.
#ifndef LAMELLA_TESTS_CPP_JSON_H_
#define LAMELLA_TESTS_CPP_JSON_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "layers/layer.h"
#include "tensor/tensor.h"

namespace lamella::test {

using Json = nlohmann::json;

/// The cases of golden/{name}.json. Throws when the file is missing or broken.
Json LoadGolden(std::string_view name);

/// {shape, data}.
Tensor ToTensor(const Json& json);
/// An array of dimensions.
Shape ToShape(const Json& json);
/// {name: {shape, data}}.
std::vector<Parameter> ToNamedTensors(const Json& json);

/// A fixture's config, whose keys are in snake case; null values are left out.
Config ToConfig(const Json& json);

/// {type, config} as a layer.
std::shared_ptr<Layer> ToLayer(const Json& json);

/// Error of the reference's own float32 result for this tensor.
double RecordedError(const Json& test_case, const std::string& tensor);

/// The fixtures' tolerance for one tensor: rounding of another order of sums is
/// a few times the reference's own.
double GoldenTolerance(const Json& test_case, const std::string& tensor,
                       double max_abs);

}  // namespace lamella::test

#endif  // LAMELLA_TESTS_CPP_JSON_H_
