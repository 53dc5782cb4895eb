#include "training/joint_loss.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "kernels/merge.h"

namespace lamella {
namespace {

// Copies [batch, …sample] from a place in the rows of all.
void Take(Engine& engine, const Tensor& all, size_t offset, const Shape& sample,
          Tensor& to) {
  const size_t batch = all.shape()[0];
  to.Reset(sample.Prepended(batch));
  CopyBlocks(engine.pool(), batch, sample.size(), all.data() + offset,
             all.shape()[1], to.data(), sample.size());
}

// The other way.
void Put(Engine& engine, const Tensor& from, size_t offset, Tensor& all) {
  const size_t batch = all.shape()[0];
  const size_t size = from.size() / batch;
  CopyBlocks(engine.pool(), batch, size, from.data(), size, all.data() + offset,
             all.shape()[1]);
}

}  // namespace

JointLoss::JointLoss(Engine& engine, std::vector<Part> parts)
    : Loss(engine, kType), parts_(std::move(parts)), samples_(parts_.size()) {
  // Outputs and expected ones: a file may claim any sizes.
  size_t left = SIZE_MAX / sizeof(float);
  for (const Part& part : parts_) {
    part.loss->CheckSample(part.output);
    const size_t size = std::max(part.output.size(), ExpectedSize(part));
    if (size > left) {
      ThrowShapeError("{}: outputs are more than memory has addresses",
                      {type()});
    }
    left -= size;
  }
}

size_t JointLoss::ExpectedSize(const Part& part) const {
  return part.loss->ExpectedShape(part.output).size();
}

size_t JointLoss::Offset(size_t part) const {
  size_t offset = 0;
  for (size_t i = 0; i < part; ++i) offset += parts_[i].output.size();
  return offset;
}

size_t JointLoss::ExpectedOffset(size_t part) const {
  size_t offset = 0;
  for (size_t i = 0; i < part; ++i) offset += ExpectedSize(parts_[i]);
  return offset;
}

Shape JointLoss::ExpectedShape(const Shape& /*output*/) const {
  return {ExpectedOffset(parts_.size())};
}

void JointLoss::CheckShape(const Shape& shape) const {
  const size_t size = Offset(parts_.size());
  if (shape.rank() == 2 && shape[1] == size) return;
  ThrowShapeError("{}: outputs of {} numbers in all are wanted, got {}",
                  {type(), size, shape});
}

void JointLoss::TakeOutput(const Tensor& outputs, size_t part) const {
  Take(engine(), outputs, Offset(part), parts_[part].output,
       samples_[part].output);
}

void JointLoss::TakeExpected(const Tensor& expected, size_t part) const {
  const auto& [loss, output, weight] = parts_[part];
  Take(engine(), expected, ExpectedOffset(part), loss->ExpectedShape(output),
       samples_[part].expected);
}

void JointLoss::CheckExpected(const Tensor& expected,
                              const Shape& /*output*/) const {
  for (size_t i = 0; i < parts_.size(); ++i) {
    TakeExpected(expected, i);
    parts_[i].loss->CheckExpected(samples_[i].expected, parts_[i].output);
  }
}

double JointLoss::OnCompute(const Tensor& output, const Tensor& expected,
                            Tensor& gradient,
                            std::span<const float> /*class_weights*/) const {
  double sum = 0;
  for (size_t i = 0; i < parts_.size(); ++i) {
    const auto& [loss, shape, weight] = parts_[i];
    Samples& samples = samples_[i];
    TakeOutput(output, i);
    TakeExpected(expected, i);
    sum += weight *
           loss->Compute(samples.output, samples.expected, samples.gradient);
    ScaleInPlace(engine().pool(), samples.gradient.data(), weight,
                 samples.gradient.size());
    Put(engine(), samples.gradient, Offset(i), gradient);
  }
  return sum;
}

void JointLoss::Activate(Tensor& output) const {
  for (size_t i = 0; i < parts_.size(); ++i) {
    TakeOutput(output, i);
    parts_[i].loss->Activate(samples_[i].output);
    Put(engine(), samples_[i].output, Offset(i), output);
  }
}

bool JointLoss::IsMean() const {
  return std::ranges::all_of(
      parts_, [](const Part& part) { return part.loss->IsMean(); });
}

double JointLoss::Accuracy(const Tensor& output, const Tensor& expected) const {
  double found = std::nan("");
  for (size_t i = 0; i < parts_.size(); ++i) {
    TakeOutput(output, i);
    TakeExpected(expected, i);
    const double own =
        parts_[i].loss->Accuracy(samples_[i].output, samples_[i].expected);
    if (std::isnan(own)) continue;
    if (!std::isnan(found)) return std::nan("");
    found = own;
  }
  return found;
}

}  // namespace lamella
