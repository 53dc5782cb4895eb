#include "training/optimizers.h"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "base/error.h"

namespace lamella {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Decay rates are below 1: at 1 the running mean never moves and Adam's bias
// correction divides by zero.
constexpr double kBelowOne = 1.0 - 1e-9;

bool IsRegularized(std::string_view name) {
  for (std::string_view part : {"bias", "beta", "gamma"}) {
    if (name.find(part) != std::string_view::npos) return false;
  }
  return true;
}

}  // namespace

Optimizer::Optimizer(ConfigReader& reader, double learning_rate)
    : learning_rate_(
          reader.Number("learningRate", 0, kInfinity, learning_rate)) {
  const std::string name = reader.Text("regularization", "L2");
  if (name != "L1" && name != "L2") {
    ThrowValueError(Cat("optimizer: regularization must be 'L1' or 'L2', got '",
                        name, "'"));
  }
  regularization_ = name == "L1" ? Regularization::kL1 : Regularization::kL2;
  weight_decay_ = reader.Number("weightDecay", 0, kInfinity, 0.001);
}

Config Optimizer::GetConfig() const {
  Config config;
  config.Set("learningRate", learning_rate_);
  config.Set("regularization",
             regularization_ == Regularization::kL1 ? "L1" : "L2");
  config.Set("weightDecay", weight_decay_);
  WriteConfig(config);
  return config;
}

void Optimizer::set_learning_rate(double learning_rate) {
  if (!std::isfinite(learning_rate) || learning_rate < 0) {
    ThrowValueError(Cat(type(),
                        ": learningRate must be a finite number of at "
                        "least 0, got ",
                        learning_rate));
  }
  learning_rate_ = learning_rate;
}

GradientPenalty Optimizer::Penalty(bool decays) const {
  if (!decays) return {};
  const float decay = static_cast<float>(weight_decay_);
  return regularization_ == Regularization::kL1 ? GradientPenalty{.l1 = decay}
                                                : GradientPenalty{.l2 = decay};
}

void Optimizer::Allocate(std::span<const Parameter> parameters) {
  std::vector<Entry> entries;
  for (const Parameter& parameter : parameters) {
    Entry entry{parameter.name, IsRegularized(parameter.name), {}};
    for (size_t slot = 0; slot < SlotNames().size(); ++slot) {
      entry.slots.emplace_back(parameter.value.shape());
    }
    entries.push_back(std::move(entry));
  }
  entries_ = std::move(entries);
}

void Optimizer::Step(std::span<const Parameter> parameters) {
  if (entries_.empty()) Allocate(parameters);
  bool known = entries_.size() == parameters.size();
  for (size_t i = 0; known && i < parameters.size(); ++i) {
    known = entries_[i].name == parameters[i].name &&
            entries_[i].slots[0].shape() == parameters[i].value.shape();
  }
  if (!known) {
    ThrowStateError(Cat(type(),
                        ": the parameters are not those of the first "
                        "step; use a new optimizer for another model"));
  }
  ++steps_;
  for (size_t i = 0; i < parameters.size(); ++i) {
    Update(parameters[i], entries_[i].slots, entries_[i].decays);
  }
}

std::vector<NamedTensor> Optimizer::State() const {
  std::vector<NamedTensor> state;
  for (const Entry& entry : entries_) {
    for (size_t slot = 0; slot < entry.slots.size(); ++slot) {
      state.push_back(
          {Cat(SlotNames()[slot], "_", entry.name), entry.slots[slot]});
    }
  }
  return state;
}

SGD::SGD(ConfigReader& reader)
    : Optimizer(reader, 0.01),
      momentum_(reader.Number("momentum", 0, 1, 0.1)) {}

std::span<const std::string_view> SGD::SlotNames() const {
  static constexpr std::array<std::string_view, 1> kNames = {"velocities"};
  return kNames;
}

void SGD::WriteConfig(Config& config) const {
  config.Set("momentum", momentum_);
}

void SGD::Update(const Parameter& parameter, std::span<Tensor> slots,
                 bool decays) {
  Tensor value = parameter.value;
  SgdUpdate(value.size(), static_cast<float>(learning_rate_),
            static_cast<float>(momentum_), Penalty(decays),
            parameter.gradient.data(), slots[0].data(), value.data());
}

RMSprop::RMSprop(ConfigReader& reader)
    : Optimizer(reader, 0.001),
      decay_rate_(reader.Number("decayRate", 0, kBelowOne, 0.9)),
      epsilon_(reader.Number("epsilon", 0, kInfinity, 1e-8)) {}

std::span<const std::string_view> RMSprop::SlotNames() const {
  static constexpr std::array<std::string_view, 1> kNames = {"cache"};
  return kNames;
}

void RMSprop::WriteConfig(Config& config) const {
  config.Set("decayRate", decay_rate_);
  config.Set("epsilon", epsilon_);
}

void RMSprop::Update(const Parameter& parameter, std::span<Tensor> slots,
                     bool decays) {
  Tensor value = parameter.value;
  RmspropUpdate(value.size(), static_cast<float>(learning_rate_), decay_rate_,
                static_cast<float>(epsilon_), Penalty(decays),
                parameter.gradient.data(), slots[0].data(), value.data());
}

Adam::Adam(ConfigReader& reader)
    : Optimizer(reader, 0.001),
      beta1_(reader.Number("beta1", 0, kBelowOne, 0.9)),
      beta2_(reader.Number("beta2", 0, kBelowOne, 0.999)),
      epsilon_(reader.Number("epsilon", 0, kInfinity, 1e-8)) {}

std::span<const std::string_view> Adam::SlotNames() const {
  static constexpr std::array<std::string_view, 2> kNames = {"momentums",
                                                             "velocities"};
  return kNames;
}

void Adam::WriteConfig(Config& config) const {
  config.Set("beta1", beta1_);
  config.Set("beta2", beta2_);
  config.Set("epsilon", epsilon_);
}

void Adam::Update(const Parameter& parameter, std::span<Tensor> slots,
                  bool decays) {
  const double t = static_cast<double>(steps_);
  const bool decoupled = decays && regularization_ == Regularization::kL2;
  Tensor value = parameter.value;
  AdamUpdate(value.size(),
             {.learning_rate = learning_rate_,
              .beta1 = beta1_,
              .beta2 = beta2_,
              .epsilon = epsilon_,
              .first_correction = 1.0 / (1.0 - std::pow(beta1_, t)),
              .second_correction = 1.0 / (1.0 - std::pow(beta2_, t)),
              .decay = decoupled ? weight_decay_ : 0.0},
             decoupled ? GradientPenalty{} : Penalty(decays),
             parameter.gradient.data(), slots[0].data(), slots[1].data(),
             value.data());
}

std::shared_ptr<Optimizer> CreateOptimizer(std::string_view type,
                                           const Config& config) {
  ConfigReader reader(type, config);
  std::shared_ptr<Optimizer> optimizer;
  if (type == "SGD") {
    optimizer = std::make_shared<SGD>(reader);
  } else if (type == "RMSprop") {
    optimizer = std::make_shared<RMSprop>(reader);
  } else if (type == "Adam") {
    optimizer = std::make_shared<Adam>(reader);
  } else {
    ThrowValueError(Cat("unknown optimizer type '", type, "'"));
  }
  reader.Finish();
  return optimizer;
}

}  // namespace lamella
