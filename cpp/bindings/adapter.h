// Layers and losses written in TypeScript, as the engine calls them.
#ifndef LAMELLA_BINDINGS_ADAPTER_H_
#define LAMELLA_BINDINGS_ADAPTER_H_

#include <cstddef>

extern "C" {
/// In types.js. Calls a method of an adapter, whose parameters and result cross
/// as those of `adapterMethods` there do.
void* lamella_call_adapter(size_t adapter, const char* method, void* parameter,
                           void* other);
/// Forgets an adapter.
void lamella_release_adapter(size_t adapter);
}

namespace lamella::bindings {

/// An object in JavaScript; its place in types.js's `adapters` here.
enum class AdapterId : size_t {};

/// An object of JavaScript's that is there as long as this one. Of the tensors
/// that go to it, it gets a handle each; of those that it returns, the engine
/// takes its own copy at once.
class Adapter {
 public:
  explicit Adapter(AdapterId id) : id_(static_cast<size_t>(id)) {}
  ~Adapter() { lamella_release_adapter(id_); }
  Adapter(const Adapter&) = delete;
  Adapter& operator=(const Adapter&) = delete;

  template <typename Result>
  Result& Call(const char* method, void* parameter = nullptr,
               void* other = nullptr) const {
    return *static_cast<Result*>(
        lamella_call_adapter(id_, method, parameter, other));
  }

 private:
  size_t id_;
};

}  // namespace lamella::bindings

#endif  // LAMELLA_BINDINGS_ADAPTER_H_
