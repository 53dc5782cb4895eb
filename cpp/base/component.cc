#include "base/component.h"

#include "base/error.h"

namespace lamella {

Component::Component(Engine& engine, std::string_view type)
    : engine_(engine), type_(type) {}
Component::~Component() = default;

Config Component::GetConfig() const {
  Config config;
  WriteConfig(config);
  return config;
}

std::unique_ptr<Component> CreateComponent(
    std::string_view kind, std::span<const ComponentClass> classes,
    Engine& engine, ConfigReader& reader) {
  for (const ComponentClass& each : classes) {
    if (each.type == reader.owner()) return each.make(engine, reader);
  }
  ThrowValueError("unknown {} type '{}'", {kind, reader.owner()});
}

}  // namespace lamella
