#include "training/optimizers.h"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/math.h"

namespace lamella {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Decay rates are below 1: at 1 the running mean never moves and Adam's bias
// correction divides by zero.
constexpr double kBelowOne = 1.0 - 1e-9;
// No gradients exceed this norm.
constexpr double kNoClipping = kInfinity;

}  // namespace

Optimizer::Optimizer(Engine& engine, std::string_view type,
                     ConfigReader& reader, double learning_rate, bool decoupled)
    : Component(engine, type),
      learning_rate_(
          reader.Number("learningRate", 0, kInfinity, learning_rate)),
      regularization_(Regularization::kDecoupled),
      weight_decay_(
          reader.Number("weightDecay", 0, kInfinity, decoupled ? 0.01 : 0)),
      clip_norm_(reader.Positive("clipNorm", kNoClipping)) {
  if (decoupled) return;
  const std::string_view name = reader.Text("regularization", "L2");
  if (name != "L1" && name != "L2") {
    ThrowValueError("{}: regularization must be 'L1' or 'L2', got '{}'",
                    {type, name});
  }
  regularization_ = name == "L1" ? Regularization::kL1 : Regularization::kL2;
}

Optimizer::~Optimizer() = default;

Config Optimizer::GetConfig() const {
  Config config;
  config.Set("learningRate", learning_rate_);
  if (regularization_ != Regularization::kDecoupled) {
    config.Set("regularization",
               regularization_ == Regularization::kL1 ? "L1" : "L2");
  }
  config.Set("weightDecay", weight_decay_);
  if (clip_norm_ != kNoClipping) config.Set("clipNorm", clip_norm_);
  WriteConfig(config);
  return config;
}

void Optimizer::set_learning_rate(double learning_rate) {
  if (!std::isfinite(static_cast<float>(learning_rate)) || learning_rate < 0) {
    ThrowValueError(
        "{}: learningRate must be a finite number of at least 0, got {}",
        {type(), learning_rate});
  }
  learning_rate_ = learning_rate;
}

GradientPenalty Optimizer::Penalty(bool decays) const {
  GradientPenalty penalty = {.scale = clip_scale_};
  const float decay = decays ? static_cast<float>(weight_decay_) : 0.0f;
  if (regularization_ == Regularization::kL1) penalty.l1 = decay;
  if (regularization_ == Regularization::kL2) penalty.l2 = decay;
  return penalty;
}

void Optimizer::Prepare(std::span<const Parameter> parameters, uint64_t steps) {
  std::vector<Parameter> state;
  for (const Parameter& parameter : parameters) {
    for (std::string_view slot : SlotNames()) {
      state.emplace_back(Format("{}_{}", {slot, parameter.name}),
                         Tensor(engine(), parameter.value.shape()));
    }
  }
  state_ = std::move(state);
  steps_ = steps;
}

void Optimizer::Step(std::span<const Parameter> parameters) {
  for (const Parameter& parameter : parameters) {
    if (!parameter.trainable ||
        parameter.gradient.shape() == parameter.value.shape()) {
      continue;
    }
    ThrowShapeError("{}: {} has shape {}, its gradient {}",
                    {type(), parameter.name, parameter.value.shape(),
                     parameter.gradient.shape()});
  }
  if (state_.empty()) Prepare(parameters, 0);
  const size_t slots = SlotNames().size();
  bool known = state_.size() == slots * parameters.size();
  for (size_t i = 0; known && i < parameters.size(); ++i) {
    const Parameter& first = state_[i * slots];
    known =
        first.name.c_str() + SlotNames()[0].size() + 1 == parameters[i].name &&
        first.value.shape() == parameters[i].value.shape();
  }
  if (!known) {
    ThrowStateError(
        "{}: the parameters are not those of the first step; use a new "
        "optimizer for another model",
        {type()});
  }
  ++steps_;
  clip_scale_ = ClipScale(parameters);
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (!parameters[i].trainable) continue;
    Update(parameters[i], std::span(state_).subspan(i * slots, slots),
           parameters[i].decays);
  }
}

float Optimizer::ClipScale(std::span<const Parameter> parameters) const {
  if (clip_norm_ == kNoClipping) return 1.0f;
  double squares = 0;
  for (const Parameter& parameter : parameters) {
    if (!parameter.trainable) continue;
    squares +=
        SumOfSquares(parameter.gradient.data(), parameter.gradient.size());
  }
  const double norm = std::sqrt(squares);
  return norm > clip_norm_ ? static_cast<float>(clip_norm_ / norm) : 1.0f;
}

SGD::SGD(Engine& engine, ConfigReader& reader)
    : Optimizer(engine, kType, reader, 0.01),
      momentum_(reader.Number("momentum", 0, 1, 0)),
      nesterov_(reader.Bool("nesterov", false)) {}

std::span<const std::string_view> SGD::SlotNames() const {
  static constexpr std::array<std::string_view, 1> kNames = {"velocities"};
  return kNames;
}

void SGD::WriteConfig(Config& config) const {
  config.Set("momentum", momentum_);
  if (nesterov_) config.Set("nesterov", true);
}

void SGD::Update(const Parameter& parameter, std::span<Parameter> slots,
                 bool decays) {
  Tensor value = parameter.value;
  SgdUpdate(engine().pool(), value.size(), static_cast<float>(learning_rate_),
            static_cast<float>(momentum_), nesterov_, Penalty(decays),
            parameter.gradient.data(), slots[0].value.data(), value.data());
}

RMSprop::RMSprop(Engine& engine, ConfigReader& reader)
    : Optimizer(engine, kType, reader, 0.001),
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

void RMSprop::Update(const Parameter& parameter, std::span<Parameter> slots,
                     bool decays) {
  Tensor value = parameter.value;
  RmspropUpdate(engine().pool(), value.size(),
                static_cast<float>(learning_rate_), decay_rate_,
                static_cast<float>(epsilon_), Penalty(decays),
                parameter.gradient.data(), slots[0].value.data(), value.data());
}

Adam::Adam(Engine& engine, std::string_view type, ConfigReader& reader,
           bool decoupled)
    : Optimizer(engine, type, reader, 0.001, decoupled),
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

void Adam::Update(const Parameter& parameter, std::span<Parameter> slots,
                  bool decays) {
  // Adam's L2 shrinks the value and is no term of the gradient.
  GradientPenalty penalty = Penalty(decays);
  penalty.l2 = 0;
  const bool decoupled = decays && regularization_ != Regularization::kL1;
  Tensor value = parameter.value;
  AdamUpdate(engine().pool(), value.size(),
             {.learning_rate = learning_rate_,
              .beta1 = beta1_,
              .beta2 = beta2_,
              .epsilon = epsilon_,
              .first_correction = 1.0 / (1.0 - Power(beta1_, steps_)),
              .second_correction = 1.0 / (1.0 - Power(beta2_, steps_)),
              .decay = decoupled ? weight_decay_ : 0.0,
              .decay_first = regularization_ == Regularization::kDecoupled},
             penalty, parameter.gradient.data(), slots[0].value.data(),
             slots[1].value.data(), value.data());
}

std::shared_ptr<Optimizer> CreateOptimizer(Engine& engine,
                                           std::string_view type,
                                           const Config& config) {
  static constexpr ComponentClass kOptimizers[] = {
      Entry<SGD>(),
      Entry<RMSprop>(),
      Entry<Adam>(),
      Entry<AdamW>(),
  };
  ConfigReader reader(type, config);
  auto component = CreateComponent("optimizer", kOptimizers, engine, reader);
  reader.Finish();
  return std::shared_ptr<Optimizer>(
      static_cast<Optimizer*>(component.release()));
}

}  // namespace lamella
