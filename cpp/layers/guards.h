// Layers are put back as they were before a call that fails.
#ifndef LAMELLA_LAYERS_GUARDS_H_
#define LAMELLA_LAYERS_GUARDS_H_

#include <forward_list>
#include <memory>
#include <span>

#include "layers/layer.h"
#include "layers/saved_layer.h"

namespace lamella {

/// Puts shapes, parameters and random numbers of layers back as they were when
/// it was made, unless `Done` is called first.
class BuildGuard {
 public:
  /// The layers must outlive it; throws an error when there is no memory.
  explicit BuildGuard(std::span<const std::shared_ptr<Layer>> layers) {
    for (const auto& layer : layers) saved_.emplace_front(*layer);
  }
  BuildGuard(const BuildGuard&) = delete;
  BuildGuard& operator=(const BuildGuard&) = delete;
  ~BuildGuard() {
    for (SavedLayer& layer : saved_) layer.Restore();
  }

  void Done() { saved_.clear(); }

 private:
  std::forward_list<SavedLayer> saved_;
};

/// Puts back how far layers have moved on in a training step, which is their
/// running means and random numbers, unless `Done` is called first.
class StateGuard {
 public:
  /// The layers, those of a model without those inside them, must outlive it.
  explicit StateGuard(std::span<const std::shared_ptr<Layer>> layers)
      : layers_(layers) {
    for (const auto& layer : layers_) layer->SaveState();
  }
  StateGuard(const StateGuard&) = delete;
  StateGuard& operator=(const StateGuard&) = delete;
  ~StateGuard() {
    if (done_) return;
    for (const auto& layer : layers_) layer->RestoreState();
  }

  void Done() { done_ = true; }

 private:
  std::span<const std::shared_ptr<Layer>> layers_;
  bool done_ = false;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_GUARDS_H_
