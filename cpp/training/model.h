// A chain of layers with a loss and an optimizer.
#ifndef LAMELLA_TRAINING_MODEL_H_
#define LAMELLA_TRAINING_MODEL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "layers/layer.h"
#include "layers/plan.h"
#include "training/losses.h"
#include "training/optimizers.h"

namespace lamella {

/// Loss and accuracy over a batch; the accuracy is NaN for a loss that is not
/// about classes.
struct BatchResult {
  double loss;
  double accuracy;
  bool finite = true;  ///< Whether the samples of a training step are.
};

/// Layers in a row. The constructor builds them from the first one's input
/// shape and draws the weights: "auto" means He before a ReLU-like activation
/// and Xavier otherwise, looking past pooling, dropout, reshaping and
/// normalization, and no bias where batch normalization comes next.
///
/// Calls into JavaScript, to custom layers and losses, may call whatever they
/// like: a call of the model that is at work, or of another one that has one of
/// its layers, is a state error. So must be a pass of such a layer alone, to
/// which `Layer::busy` belongs.
///
/// A final Softmax before CategoricalCrossEntropy, or Sigmoid before
/// BinaryCrossEntropy, is part of the loss: it is left out in training and
/// applied in `Predict`.
class Model {
 public:
  /// `loss` and `optimizer` may be null for a model that only predicts.
  /// `input_shape` is needed when the first layer does not know its own.
  /// Throws when the shapes do not fit together, the loss does not fit the last
  /// layer or a layer appears twice; then the layers are as they were. They
  /// keep their shapes for as long as the model lives.
  Model(std::vector<std::shared_ptr<Layer>> layers, std::shared_ptr<Loss> loss,
        std::shared_ptr<Optimizer> optimizer, uint64_t seed,
        std::optional<Shape> input_shape);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const std::vector<std::shared_ptr<Layer>>& layers() const { return layers_; }

  const Shape& input_shape() const { return layers_.front()->input_shape(); }
  /// Shape of a sample of `Predict`.
  const Shape& output_shape() const { return layers_.back()->output_shape(); }
  /// Shape of a sample of the expected outputs: the output's, unless the loss
  /// takes class numbers.
  Shape expected_shape() const;

  /// Makes training multiply each sample's loss by its class's weight, or by
  /// none if `weights`, finite numbers of at least 0, is empty. Value error
  /// unless there is one for each class of the loss.
  void SetClassWeights(std::span<const double> weights);

  /// Starts an epoch over so many samples: draws their order by the model's
  /// seed and the number of epochs before, or keeps it as it is.
  void BeginEpoch(size_t samples, bool shuffle);

  /// One step on the samples [first, first + count) in the epoch's order, taken
  /// from the data x and y; state error outside an epoch over them.
  BatchResult TrainRows(const Tensor& x, const Tensor& y, size_t first,
                        size_t count);

  /// The samples' order in the last epoch begun, for who gathers its batches.
  const std::vector<uint32_t>& Order();

  /// One step on the next samples of the epoch's order, of which x and y are
  /// all; state error where fewer are left. The same as `TrainRows` with the
  /// data that they come from.
  BatchResult TrainNext(const Tensor& x, const Tensor& y);

  /// One step: forward, loss, backward, update. After the first step of a
  /// batch size it allocates nothing. A batch whose activations are too many
  /// for the caches goes through the layers in several passes whose gradients
  /// are added up, where its samples do not depend on each other.
  BatchResult TrainBatch(const Tensor& x, const Tensor& y);

  /// Loss and accuracy of the samples [first, first + count) of x and y, in
  /// inference mode.
  BatchResult EvaluateRows(const Tensor& x, const Tensor& y, size_t first,
                           size_t count);

  /// Predictions (batch, …output_shape) in inference mode with the loss's
  /// activation applied, computed `batch_size` samples at a time.
  Tensor Predict(const Tensor& x, size_t batch_size);

  /// Progress of training. An epoch that was stopped has `position` below
  /// `samples`.
  struct Progress {
    uint64_t epochs = 0;   ///< Epochs begun.
    size_t samples = 0;    ///< Samples of the last one.
    bool shuffled = true;  ///< Whether it takes them in a drawn order.
    size_t position = 0;   ///< Samples of it that were trained on.
  };
  const Progress& progress() const { return progress_; }

  /// Training continues from there as it would in a model of the same seed.
  void RestoreProgress(const Progress& progress);

  /// `Optimizer::Prepare` of the model's optimizer, for its parameters.
  void PrepareOptimizer(uint64_t steps);

 private:
  class Call;

  void Build(std::optional<Shape> input_shape);
  void CheckData(std::string_view caller, const Tensor& x,
                 const Tensor* y) const;
  /// Makes the layers let go of the last pass, so that batches and layers can
  /// use their memory again.
  void Release();
  Tensor Forward(const Tensor& x, bool training);
  /// Samples of a batch that a training step takes through the layers at a
  /// time.
  size_t SamplesPerPass(size_t samples) const;
  /// Forward, loss, backward and update.
  BatchResult Step(std::string_view caller, const Tensor& x, const Tensor& y);
  /// Loss and gradients of a pass over this share of the batch.
  BatchResult TrainPass(const Tensor& x, const Tensor& y, double share);
  void RefreshParameters();
  /// The samples' order in the last epoch begun.
  void DrawOrder();

  std::vector<std::shared_ptr<Layer>> layers_;
  /// The layers and those inside them.
  std::vector<std::shared_ptr<Layer>> all_layers_;
  std::shared_ptr<Loss> loss_;
  std::shared_ptr<Optimizer> optimizer_;
  uint64_t seed_;
  /// Layers before a final activation that the loss includes.
  size_t layers_before_loss_activation_;
  /// The way through these.
  Plan plan_;

  std::vector<Parameter> parameters_;
  uint64_t parameters_version_ = 0;

  std::vector<uint32_t> order_;
  Progress progress_;
  std::vector<float> class_weights_;
  Tensor x_batch_, y_batch_, gradient_;
  /// A parameter's gradient, summed over the passes of a step.
  struct GradientSum {
    Tensor value, lost;
  };
  std::vector<GradientSum> gradients_;
};

}  // namespace lamella

#endif  // LAMELLA_TRAINING_MODEL_H_
