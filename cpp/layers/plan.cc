#include "layers/plan.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/error.h"
#include "kernels/elementwise.h"

namespace lamella {
namespace {

// Takes the marks of collected layers off again, whether all goes well or not.
class Marks {
 public:
  explicit Marks(const std::vector<std::shared_ptr<Layer>>& layers)
      : layers_(layers) {}
  Marks(const Marks&) = delete;
  Marks& operator=(const Marks&) = delete;
  ~Marks() {
    for (const auto& layer : layers_) layer->set_collected(false);
  }

 private:
  const std::vector<std::shared_ptr<Layer>>& layers_;
};

void Collect(Layer::Chain chain, std::vector<std::shared_ptr<Layer>>& all) {
  for (const auto& layer : chain) {
    if (layer->collected()) {
      ThrowValueError("Model: a {} appears twice; create a second one",
                      {layer->type()});
    }
    all.push_back(layer);
    layer->set_collected(true);
    for (const auto& inner : layer->Chains()) Collect(inner, all);
  }
}

// Whether the gradient of anything that a value is made of is wanted.
bool WantsInputGradient(const Plan::Value& value) {
  return value.input->wanted ||
         (AsMerge(*value.layer) != nullptr &&
          std::ranges::any_of(value.others, [](const Plan::Value* other) {
            return other->wanted;
          }));
}

// The tensor of a value in a pass.
const Tensor& Made(const Plan::Value& value, const Tensor& input) {
  return value.layer == nullptr ? input : value.layer->output();
}

}  // namespace

void CollectLayers(Layer::Chain chain,
                   std::vector<std::shared_ptr<Layer>>& all) {
  // Marks find a second time in a model of 100 000 layers as fast as in one of
  // ten.
  const Marks marks(all);
  Collect(chain, all);
}

Plan::Plan() : values_(1) {}

Plan::Plan(Layer::Chain chain) : Plan() {
  AddOutput(Append(chain, input()));
  Decide();
}

Plan::Value& Plan::Append(Layer::Chain chain, Value& input) {
  Value* value = &input;
  for (const auto& layer : chain) {
    ++value->readers;
    Value& made = values_.emplace_back();
    made.layer = layer.get();
    made.input = value;
    value = &made;
  }
  return *value;
}

Plan::Value& Plan::Append(MergeLayer& layer, std::span<Value* const> inputs) {
  for (Value* input : inputs) ++input->readers;
  Value& made = values_.emplace_back();
  made.layer = &layer;
  made.input = inputs.front();
  made.others.assign(inputs.begin() + 1, inputs.end());
  return made;
}

void Plan::AddOutput(Value& value) {
  assert(value.output == 0);
  ++value.readers;
  value.output = ++outputs_;
}

void Plan::Decide() {
  Value* before = &input();
  for (Value& value : values_) {
    // A neighbour that nobody else takes the output of.
    if (value.input == before && before->readers == 1 && before->layer) {
      const LayerTraits& traits = value.layer->Describe();
      const LayerTraits& others = before->layer->Describe();
      before->rectifies_output = traits.is_relu && others.rectifies_output;
      before->normalizes_output =
          traits.is_batch_norm && others.normalizes_output;
      value.rectifies_gradient = others.is_relu && traits.rectifies_gradient;
    }
    before = &value;
  }
}

void Plan::Forward(const Tensor& input, bool training,
                   std::span<Tensor> outputs) const {
  assert(outputs.size() == outputs_);
  const Tensor* result = &input;
  for (auto value = values_.begin();;) {
    if (value->output > 0) outputs[value->output - 1] = *result;
    if (++value == values_.end()) return;
    Layer& layer = *value->layer;
    // The last of the layers whose work this one does.
    auto last = value;
    ForwardArguments arguments = {.training = training};
    BatchNormParameters normalization;
    if (!training && value->normalizes_output) {
      normalization = (++last)->layer->Normalization();
      arguments.normalization = &normalization;
    }
    arguments.rectify = last->rectifies_output;
    if (arguments.rectify) ++last;
    if (MergeLayer* merge = AsMerge(layer)) {
      merge->SetInput(0, Made(*value->input, input));
      for (size_t i = 0; i < value->others.size(); ++i) {
        merge->SetInput(i + 1, Made(*value->others[i], input));
      }
    }
    result = &layer.Forward(Made(*value->input, input), arguments);
    while (value != last) (++value)->layer->AdoptOutput(*result);
  }
}

void Plan::Value::AddGradient(ThreadPool& pool, const Tensor& part) {
  if (gradient.empty()) {
    gradient = part;
    return;
  }
  if (!(part.shape() == gradient.shape())) {
    ThrowStateError(
        "a layer was used for another batch while a pass was on its way; it "
        "made "
        "{} in the place of {}",
        {part.shape(), gradient.shape()});
  }
  if (gradient.data() != sum.data()) sum.Reset(part.shape());
  Add(pool, gradient.data(), part.data(), sum.data(), sum.size());
  gradient = sum;
}

Tensor Plan::Backward(std::span<const Tensor> output_gradients,
                      bool want_input_gradient) {
  assert(output_gradients.size() == outputs_);
  for (Value& value : values_) {
    value.gradient =
        value.output > 0 ? output_gradients[value.output - 1] : Tensor();
    value.wanted = value.layer == nullptr
                       ? want_input_gradient
                       : WantsInputGradient(value) || value.layer->learns();
  }
  for (auto value = values_.rbegin(); value->layer != nullptr; ++value) {
    if (!value->wanted) continue;
    Layer& layer = *value->layer;
    ThreadPool& pool = layer.engine().pool();
    const bool wanted = WantsInputGradient(*value);
    const bool rectify = wanted && value->rectifies_gradient;
    const Tensor gradient = std::exchange(value->gradient, Tensor());
    const Tensor& result = layer.Backward(
        gradient, {.want_input_gradient = wanted, .rectify = rectify});
    if (const MergeLayer* merge = AsMerge(layer)) {
      for (size_t i = 0; i < value->others.size(); ++i) {
        Value& other = *value->others[i];
        if (other.wanted) other.AddGradient(pool, merge->gradient(i + 1));
      }
    }
    if (rectify) ++value;
    if (value->input->wanted) value->input->AddGradient(pool, result);
  }
  return std::exchange(input().gradient, Tensor());
}

}  // namespace lamella
