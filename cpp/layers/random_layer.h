#ifndef LAMELLA_LAYERS_RANDOM_LAYER_H_
#define LAMELLA_LAYERS_RANDOM_LAYER_H_

#include <string_view>

#include "layers/layer.h"

namespace lamella {

/// Common part of the layers that draw random numbers while training: their
/// stream follows the model's seed, and its position is kept with the model, so
/// that a resumed run draws what an uninterrupted one does. Output shape equals
/// input shape.
class RandomLayer : public Layer {
 public:
  void Seed(const LayerSeed& seed) override {
    random_ = RandomStream(seed.seed, purpose_, seed.index);
  }
  RandomStream* random() override { return &random_; }
  void SaveState() override { saved_position_ = random_.position(); }
  void RestoreState() override { random_.set_position(saved_position_); }

 protected:
  RandomLayer(Engine& engine, std::string_view type, RandomPurpose purpose)
      : Layer(engine, type),
        purpose_(purpose),
        random_(0, purpose, engine.NextStandaloneIndex()) {}

  Shape OutputShape(const Shape& input_shape) const override {
    return input_shape;
  }

  RandomStream& stream() { return random_; }

 private:
  RandomPurpose purpose_;
  RandomStream random_;
  uint64_t saved_position_ = 0;
};

}  // namespace lamella

#endif  // LAMELLA_LAYERS_RANDOM_LAYER_H_
