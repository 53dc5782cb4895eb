#include "base/component.h"

#include "base/error.h"

namespace lamella {

Component::Component(std::string_view type) : type_(type) {}
Component::~Component() = default;

Config Component::GetConfig() const {
  Config config;
  WriteConfig(config);
  return config;
}

std::unique_ptr<Component> CreateComponent(
    std::string_view kind, std::span<const ComponentClass> classes,
    ConfigReader& reader) {
  for (const ComponentClass& each : classes) {
    if (each.type == reader.owner()) return each.make(reader);
  }
  ThrowValueError("unknown {} type '{}'", {kind, reader.owner()});
}

}  // namespace lamella
