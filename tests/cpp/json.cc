#include "json.h"

#include <cctype>
#include <fstream>

#include "base/error.h"
#include "layers/registry.h"
#include "test_util.h"

namespace lamella::test {
namespace {

std::string CamelCase(std::string_view snake) {
  std::string camel;
  bool upper = false;
  for (char c : snake) {
    if (c == '_') {
      upper = true;
      continue;
    }
    camel += upper ? static_cast<char>(std::toupper(c)) : c;
    upper = false;
  }
  return camel;
}

}  // namespace

Json LoadGolden(std::string_view name) {
  const std::string path = Cat(LAMELLA_FIXTURES, "/golden/", name, ".json");
  std::ifstream file(path);
  if (!file) ThrowValueError("cannot open the fixture {}", {path});
  return Json::parse(file);
}

Shape ToShape(const Json& json) {
  return Shape(std::span<const size_t>(json.get<std::vector<size_t>>()));
}

Tensor ToTensor(const Json& json) {
  return Tensor(ToShape(json.at("shape")),
                json.at("data").get<std::vector<float>>());
}

std::vector<Parameter> ToNamedTensors(const Json& json) {
  std::vector<Parameter> tensors;
  for (const auto& [name, tensor] : json.items()) {
    tensors.push_back({name, ToTensor(tensor)});
  }
  return tensors;
}

Config ToConfig(const Json& json) {
  Config config;
  for (const auto& [key, value] : json.items()) {
    const std::string name = CamelCase(key);
    if (value.is_boolean()) {
      config.Set(name, value.get<bool>());
    } else if (value.is_number()) {
      config.Set(name, value.get<double>());
    } else if (value.is_string()) {
      config.Set(name, value.get<std::string>());
    } else if (value.is_array()) {
      config.Add(name, value.get<std::vector<double>>());
    }
  }
  return config;
}

std::shared_ptr<Layer> ToLayer(const Json& json) {
  return CreateLayer(json.at("type").get<std::string>(),
                     ToConfig(json.at("config")));
}

double RecordedError(const Json& test_case, const std::string& tensor) {
  return test_case.at("max_abs_err_f32_vs_f64").at(tensor).get<double>();
}

double GoldenTolerance(const Json& test_case, const std::string& tensor,
                       double max_abs) {
  return 4 * RecordedError(test_case, tensor) + 2e-6 * max_abs + 1e-7;
}

}  // namespace lamella::test
