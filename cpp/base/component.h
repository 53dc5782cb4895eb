// The base of layers, losses and optimizers: a class name and settings.
#ifndef LAMELLA_BASE_COMPONENT_H_
#define LAMELLA_BASE_COMPONENT_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/config.h"
#include "base/engine.h"

namespace lamella {

/// A part of a model that is made from its class name and constructor
/// arguments, and written as such.
class Component {
 public:
  virtual ~Component();
  Component(const Component&) = delete;
  Component& operator=(const Component&) = delete;

  /// Name of the class, as serialization writes it.
  const std::string& type() const { return type_; }

  /// The engine that it was made with.
  Engine& engine() const { return engine_; }

  /// All constructor arguments.
  virtual Config GetConfig() const;

 protected:
  Component(Engine& engine, std::string_view type);

  /// Adds the class's own constructor arguments.
  virtual void WriteConfig(Config& /*config*/) const {}

 private:
  Engine& engine_;
  std::string type_;
};

/// A class and how to make an object of it, for an engine.
struct ComponentClass {
  std::string_view type;
  std::unique_ptr<Component> (*make)(Engine& engine, ConfigReader& reader);
};

/// The class by its own `kType` and its constructor from a reader.
template <typename Class>
constexpr ComponentClass Entry() {
  return {
      Class::kType,
      [](Engine& engine, ConfigReader& reader) -> std::unique_ptr<Component> {
        return std::make_unique<Class>(engine, reader);
      }};
}

/// An object of the class that the reader's owner names. Value error for an
/// unknown one: "unknown {kind} type '…'".
std::unique_ptr<Component> CreateComponent(
    std::string_view kind, std::span<const ComponentClass> classes,
    Engine& engine, ConfigReader& reader);

}  // namespace lamella

#endif  // LAMELLA_BASE_COMPONENT_H_
