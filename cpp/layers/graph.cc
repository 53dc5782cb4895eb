#include "layers/graph.h"

#include <algorithm>
#include <cassert>
#include <ranges>
#include <utility>

#include "kernels/elementwise.h"
#include "layers/guards.h"
#include "layers/saved_layer.h"

namespace lamella {

Graph::Graph(Engine& engine, Layers layers, std::vector<GraphCall> calls)
    : Container(engine, kType, std::move(layers)), calls_(std::move(calls)) {
  assert(!calls_.empty());
  std::vector<Plan::Value*> values = {&plan_.input()};
  for (const GraphCall& call : calls_) {
    const auto& origin = all()[call.layer];
    if (call.by != origin) AddTwins(*origin, *call.by);
    std::vector<Plan::Value*> inputs;
    for (size_t value : call.inputs) inputs.push_back(values[value]);
    MergeLayer* merge = AsMerge(*call.by);
    values.push_back(merge != nullptr
                         ? &plan_.Append(*merge, inputs)
                         : &plan_.Append({&call.by, 1}, *inputs.front()));
  }
  plan_.AddOutput(*values.back());
  plan_.Decide();
  FindChains();
}

void Graph::AddTwins(Layer& origin, Layer& layer) {
  const auto own = layer.Chains(), others = origin.Chains();
  if (own.empty()) twins_.push_back({.origin = &origin, .layer = &layer});
  for (size_t i = 0; i < own.size(); ++i) {
    for (size_t j = 0; j < own[i].size(); ++j) {
      AddTwins(*others[i][j], *own[i][j]);
    }
  }
}

void Graph::FindChains() {
  std::vector<size_t> readers(calls_.size() + 1), uses(all().size());
  for (const GraphCall& call : calls_) {
    for (size_t value : call.inputs) ++readers[value];
    ++uses[call.layer];
  }
  const Chain layers = all();
  size_t first = 0;
  // Layers stand in the order of their first calls.
  for (size_t i = 0, next = 0; i < calls_.size(); ++i) {
    if (calls_[i].by != layers[calls_[i].layer]) continue;
    assert(calls_[i].layer == next);
    const bool goes_on = i > 0 && calls_[i].inputs == std::vector<size_t>{i} &&
                         readers[i] == 1 && calls_[i - 1].layer + 1 == next &&
                         uses[calls_[i - 1].layer] == 1;
    if (!goes_on && next > first) {
      chains_.push_back(layers.subspan(first, next - first));
      first = next;
    }
    ++next;
  }
  chains_.push_back(layers.subspan(first));
}

std::string Graph::Name(size_t i, const std::string& name) const {
  return Format("layers_{}_{}", {i, name});
}

void Graph::Seed(const LayerSeed& seed) {
  Container::Seed(seed);
  for (size_t i = 0; i < twins_.size(); ++i) {
    twins_[i].layer->Seed(
        {seed.seed,
         InnerIndex(seed.index, static_cast<uint32_t>(all().size() + i))});
  }
}

Shape Graph::OutputShape(const Shape& input_shape) const {
  std::vector<std::shared_ptr<Layer>> layers;
  CollectLayers(all(), layers);
  BuildGuard guard(layers);
  std::vector<Shape> values = {input_shape};
  for (const GraphCall& call : calls_) {
    std::vector<Shape> inputs;
    for (size_t value : call.inputs) inputs.push_back(values[value]);
    try {
      if (MergeLayer* merge = AsMerge(*call.by)) {
        merge->BuildFor(inputs);
      } else {
        call.by->Build(inputs.front());
      }
    } catch (const Error& error) {
      throw error.In("Graph: layer", call.layer);
    }
    values.push_back(call.by->output_shape());
  }
  for (const Twin& twin : twins_) {
    const auto own = twin.layer->Params(), others = twin.origin->Params();
    // Biases may be gone from one of them.
    for (size_t i = 0; i < std::min(own.size(), others.size()); ++i) {
      if (own[i].value.shape() == others[i].value.shape()) continue;
      Fail(ErrorKind::kShape,
           "a {} is called for inputs of {} and of {}, which want '{}' of {} "
           "and of {}",
           {twin.origin->type(), twin.origin->input_shape(),
            twin.layer->input_shape(), own[i].name, others[i].value.shape(),
            own[i].value.shape()});
    }
  }
  guard.Done();
  return values.back();
}

void Graph::SyncTwins() {
  for (Twin& twin : twins_) {
    const auto& [origin, layer, version] = twin;
    if (layer->trainable() != origin->trainable()) {
      layer->set_trainable(origin->trainable());
    }
    if (RandomStream* random = layer->random()) {
      // Files hold the origin's position alone. Times the ratio of the sizes,
      // the twin's numbers of two passes do not overlap.
      const size_t ratio =
          layer->input_shape().size() / origin->input_shape().size() + 1;
      random->set_position(origin->random()->position() * ratio);
    }
    if (version == origin->params_version()) continue;
    SavedLayer::Share(*origin, *layer);
    twin.version = origin->params_version();
  }
}

void Graph::SaveState() {
  Container::SaveState();
  for (const Twin& twin : twins_) twin.layer->SaveState();
}

void Graph::RestoreState() {
  Container::RestoreState();
  for (const Twin& twin : twins_) twin.layer->RestoreState();
}

void Graph::ReleaseActivations() {
  Layer::ReleaseActivations();
  for (const GraphCall& call : calls_ | std::views::reverse) {
    call.by->ReleaseActivations();
  }
}

void Graph::ReleaseGradient() {
  Layer::ReleaseGradient();
  for (const GraphCall& call : calls_) call.by->ReleaseGradient();
}

void Graph::OnForward(const ForwardArguments& arguments) {
  SyncTwins();
  output_ = Tensor();
  plan_.Forward(input_, arguments.training, {&output_, 1});
}

void Graph::OnBackward(const Tensor& output_gradient,
                       const BackwardArguments& arguments) {
  input_gradient_ = Tensor();
  input_gradient_ =
      plan_.Backward({&output_gradient, 1}, arguments.want_input_gradient);
  for (const Twin& twin : twins_) {
    if (!twin.layer->learns()) continue;
    const auto parts = twin.layer->Params(), sums = twin.origin->Params();
    for (size_t i = 0; i < std::min(parts.size(), sums.size()); ++i) {
      Tensor sum = sums[i].gradient;
      Add(engine().pool(), sum.data(), parts[i].gradient.data(), sum.data(),
          sum.size());
    }
  }
}

}  // namespace lamella
