// Allocations that fail: an out-of-memory error, everything as it was before
// the call, and from then on the same numbers as in a twin that never failed.
#include <algorithm>
#include <memory>
#include <new>
#include <sstream>
#include <utility>

#include "cases.h"
#include "failing_allocator.h"
#include "layers/plan.h"
#include "layers/registry.h"
#include "layers/weighted_layer.h"
#include "random_model.h"

namespace lamella::torture {
namespace {

constexpr ModelLimits kLimits = {
    .most_layers = 5, .most_samples = 4, .largest_side = 6};

/// A model, what it is made of, and a layer that belongs to none.
struct Subject {
  explicit Subject(uint64_t seed)
      : parts(seed, kLimits), model(parts.MakeModel()), lone(MakeLone(seed)) {
    CollectLayers(parts.layers, layers);
    layers.push_back(lone);
  }

  static std::shared_ptr<Layer> MakeLone(uint64_t seed) {
    Config config;
    config.Add("outputSize", 3.0);
    auto layer = CreateLayer(CaseEngine(), "Dense", config);
    // Layers of their own draw by a number that no two have in common.
    layer->Seed({seed, 77});
    layer->Build(Shape{4});
    return layer;
  }

  ModelParts parts;
  std::unique_ptr<Model> model;
  std::shared_ptr<Layer> lone;
  std::vector<std::shared_ptr<Layer>> layers;
  /// Made by the operation.
  std::unique_ptr<Model> second;
};

using Operation = void (*)(Subject&, Random&);

void TrainBatch(Subject& s, Random&) {
  s.model->TrainBatch(s.parts.x, s.parts.y);
}

void TrainOther(Subject& s, Random&) {
  const size_t samples = s.parts.x.shape()[0] - 1;
  s.model->TrainBatch(s.parts.x.Rows(0, samples), s.parts.y.Rows(0, samples));
}

void TrainRows(Subject& s, Random&) {
  s.model->TrainRows(s.parts.x, s.parts.y, 0, 2);
}

void BeginEpoch(Subject& s, Random& random) {
  s.model->BeginEpoch(random.Integer(2, 9), random.Chance(0.5));
}

void Predict(Subject& s, Random&) { s.model->Predict(s.parts.x, 2); }

void Evaluate(Subject& s, Random&) {
  s.model->EvaluateRows(s.parts.x, s.parts.y, 0, 2);
}

void MakeSecond(Subject& s, Random&) {
  auto layers = s.parts.layers;
  layers.push_back(CreateLayer(CaseEngine(), "Tanh", {}));
  s.second =
      std::make_unique<Model>(layers, nullptr, nullptr, 5, s.parts.input_shape);
}

void BuildLone(Subject& s, Random& random) {
  s.lone->Build(Shape{random.Integer(5, 40)});
}

void InitWeights(Subject& s, Random& random) {
  for (const auto& layer : s.layers) {
    WeightedLayer* weighted = layer->AsWeighted();
    if (weighted == nullptr || random.Chance(0.5)) continue;
    weighted->InitWeights(
        random.Chance(0.5) ? Initialization::kHe : Initialization::kXavier,
        random.Chance(0.5));
    return;
  }
}

/// Makes a model of the configurations and copies everything over, as loading
/// does.
void Load(Subject& s, Random&) {
  std::vector<std::shared_ptr<Layer>> layers;
  for (const auto& layer : s.parts.layers) {
    if (!layer->Chains().empty()) return;  // The registry makes no blocks.
    layers.push_back(
        CreateLayer(CaseEngine(), layer->type(), layer->GetConfig()));
  }
  auto optimizer = CreateOptimizer(CaseEngine(), s.parts.optimizer->type(),
                                   s.parts.optimizer->GetConfig());
  auto model = std::make_unique<Model>(layers, s.parts.loss, optimizer, 1,
                                       s.parts.input_shape);
  for (size_t i = 0; i < layers.size(); ++i) {
    const auto from = s.parts.layers[i]->Params(), to = layers[i]->Params();
    for (size_t k = 0; k < to.size(); ++k) {
      std::ranges::copy(from[k].value.values(), Tensor(to[k].value).data());
    }
    layers[i]->ParamsLoaded();
  }
  model->PrepareOptimizer(3);
  model->RestoreProgress(
      {.epochs = 1, .samples = 4, .shuffled = true, .position = 2});
  s.second = std::move(model);
}

void Save(Subject& s, Random&) {
  for (const auto& layer : s.layers) {
    layer->GetConfig();
    layer->Params();
    layer->State();
  }
  s.parts.optimizer->GetConfig();
  s.parts.loss->GetConfig();
}

void PrepareOptimizer(Subject& s, Random& random) {
  s.model->PrepareOptimizer(random.Integer(0, 9));
}

void SetClassWeights(Subject& s, Random&) {
  const size_t classes = s.parts.loss->Classes(s.model->output_shape());
  s.model->SetClassWeights(std::vector<double>(classes, 0.5));
}

struct Named {
  const char* name;
  Operation run;
};
constexpr Named kOperations[] = {{"trainBatch", TrainBatch},
                                 {"trainBatch of another size", TrainOther},
                                 {"train", TrainRows},
                                 {"predict", Predict},
                                 {"evaluate", Evaluate},
                                 {"new Model", MakeSecond},
                                 {"build", BuildLone},
                                 {"initWeights", InitWeights},
                                 {"load", Load},
                                 {"save", Save},
                                 {"prepareOptimizer", PrepareOptimizer},
                                 {"setClassWeights", SetClassWeights},
                                 {"beginEpoch", BeginEpoch}};

void Append(std::string& bytes, const std::vector<Parameter>& parameters) {
  for (const Parameter& parameter : parameters) {
    bytes += parameter.name;
    const auto values = parameter.value.values();
    bytes.append(reinterpret_cast<const char*>(values.data()),
                 values.size_bytes());
  }
}

/// Everything that a failed call must leave as it was.
std::string Everything(const Subject& s) {
  std::string bytes;
  for (const auto& layer : s.layers) {
    Append(bytes, layer->Params());
    Append(bytes, layer->State());
    if (layer->random() != nullptr)
      bytes += std::to_string(layer->random()->position());
    for (const size_t dim : layer->input_shape().dims())
      bytes += std::to_string(dim) + ",";
    if (const WeightedLayer* weighted = layer->AsWeighted()) {
      const WeightedLayer::Drawing& drawing = weighted->drawing();
      bytes += std::to_string(static_cast<int>(drawing.method)) +
               (drawing.no_bias ? "no bias" : "") +
               std::to_string(drawing.random.position());
    }
  }
  Append(bytes, s.parts.optimizer->state());
  bytes += std::to_string(s.parts.optimizer->steps());
  const Model::Progress& progress = s.model->progress();
  bytes += std::to_string(progress.epochs) + ";" +
           std::to_string(progress.samples) + ";" +
           std::to_string(progress.position) +
           (progress.shuffled ? "shuffled" : "");
  return bytes;
}

/// Whether the operation ends in an error that is not about memory.
bool Refused(Operation run, Subject& subject, uint64_t seed) {
  Random random(seed);
  try {
    run(subject, random);
    return false;
  } catch (const Error& error) {
    return error.kind() != ErrorKind::kMemory;
  }
}

/// Brings a model into the midst of training.
void Prepare(Subject& subject, uint64_t seed) {
  Random choice(seed);
  // It may refuse its data: batch normalization of one value a channel.
  for (size_t i = choice.Integer(0, 2); i > 0; --i) {
    Refused(TrainBatch, subject, 0);
  }
  subject.model->BeginEpoch(subject.parts.x.shape()[0], true);
}

/// An operation, how many allocations it makes, and who has done it.
struct Trial {
  const Named* operation;
  size_t allocations;
  std::unique_ptr<Subject> twin;
};

/// Steps of a known batch size, for one, allocate nothing, and some operations
/// are refused for what has gone before: then the next one is tried.
Trial FirstThatAllocates(uint64_t scenario) {
  for (size_t i = scenario;; ++i) {
    const Named& operation = kOperations[i % std::size(kOperations)];
    auto twin = std::make_unique<Subject>(scenario);
    Prepare(*twin, scenario);
    const FailingAllocations counted;
    if (Refused(operation.run, *twin, scenario)) continue;
    const size_t count = counted.count();
    if (count > 0) return {&operation, count, std::move(twin)};
  }
}

}  // namespace

void MemoryCase(uint64_t seed, size_t index) {
  // So many failures in a row have the same model and operation.
  constexpr size_t kRow = 256;
  const uint64_t scenario = seed * 1'000'003 + index / kRow;
  const Trial trial = FirstThatAllocates(scenario);
  const Named& operation = *trial.operation;
  const Subject& twin = *trial.twin;
  const size_t count = trial.allocations;
  const auto fail = [&](const std::string& what, const Subject& subject) {
    std::ostringstream text;
    text << "memory case " << index << ": " << operation.name << ": " << what
         << "\n"
         << subject.parts.Describe();
    Fail(text.str());
  };

  Subject subject(scenario);
  Prepare(subject, scenario);
  const std::string before = Everything(subject);
  // Every allocation is met once by a failure that is alone, and then by one
  // after which no memory comes back.
  const size_t number =
      index % kRow + kRow * (scenario / std::size(kOperations));
  const bool persistent = index % kRow >= count;
  bool failed = false;
  {
    Random random(scenario);
    const FailingAllocations failing(number % count, persistent,
                                     scenario % 2 == 0);
    try {
      operation.run(subject, random);
    } catch (const Error& error) {
      failed = error.kind() == ErrorKind::kMemory;
    } catch (const std::bad_alloc&) {
      failed = true;
    } catch (const ForeignError&) {
      failed = true;
    }
  }
  if (!failed)
    fail("no out-of-memory error for allocation " +
             std::to_string(number % count),
         subject);
  if (Everything(subject) != before) {
    fail("allocation " + std::to_string(number % count) + " of " +
             std::to_string(count) + " failed and something has changed",
         subject);
  }
  if (Refused(operation.run, subject, scenario))
    fail("is refused afterwards", subject);
  if (Everything(subject) != Everything(twin))
    fail("other numbers than the twin's", subject);
  if (Refused(TrainBatch, subject, 0) != Refused(TrainBatch, *trial.twin, 0)) {
    fail("is refused what the twin may", subject);
  }
  if (Everything(subject) != Everything(twin))
    fail("trains otherwise than the twin", subject);
}

}  // namespace lamella::torture
