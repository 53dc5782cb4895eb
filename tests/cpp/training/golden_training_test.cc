// Optimizers and whole models follow the recorded steps.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "json.h"
#include "test_util.h"
#include "training/losses.h"
#include "training/model.h"
#include "training/optimizers.h"

namespace lamella::test {
namespace {

std::shared_ptr<Optimizer> ToOptimizer(const Json& json) {
  return CreateOptimizer(json.at("type").get<std::string>(),
                         ToConfig(json.at("config")));
}

void CheckOptimizer(std::string_view file, size_t count) {
  const Json cases = LoadGolden(file);
  ASSERT_EQ(cases.size(), count);
  for (const Json& test_case : cases) {
    SCOPED_TRACE(test_case.at("name").get<std::string>());
    const auto optimizer = ToOptimizer(test_case.at("optimizer"));
    std::vector<Parameter> parameters;
    for (const Parameter& each :
         ToNamedTensors(test_case.at("params_initial"))) {
      parameters.push_back(
          {each.name, each.value, Tensor(each.value.shape()), true});
      // The library that recorded them goes by names.
      for (const char* part : {"bias", "beta", "gamma"}) {
        if (each.name.find(part) != std::string::npos) {
          parameters.back().decays = false;
        }
      }
    }
    const Json& gradients = test_case.at("gradients");
    const Json& params_after = test_case.at("params_after");
    ASSERT_GE(gradients.size(), 3u);
    ASSERT_EQ(gradients.size(), params_after.size());
    for (size_t step = 0; step < gradients.size(); ++step) {
      SCOPED_TRACE(Cat("step ", step));
      for (Parameter& parameter : parameters) {
        const Tensor gradient = ToTensor(gradients[step].at(parameter.name));
        std::ranges::copy(gradient.values(), parameter.gradient.data());
      }
      optimizer->Step(parameters);
      for (const Parameter& parameter : parameters) {
        const Tensor wanted = ToTensor(params_after[step].at(parameter.name));
        EXPECT_TRUE(Close(parameter.name, parameter.value, wanted,
                          GoldenTolerance(test_case, parameter.name,
                                          MaxAbs(wanted.values()))));
        // The penalty must not show in the caller's gradient (quirk Q25).
        EXPECT_TRUE(Same(parameter.name + " gradient", parameter.gradient,
                         ToTensor(gradients[step].at(parameter.name))));
      }
    }
    EXPECT_EQ(optimizer->steps(), gradients.size());

    size_t wanted_tensors = 0;
    for (const auto& [slot, tensors] : test_case.at("state_after").items()) {
      // The reference's step count stands beside the tensors.
      if (!tensors.is_object()) continue;
      for (const auto& [parameter, tensor] : tensors.items()) {
        ++wanted_tensors;
        const std::string name = slot + "_" + parameter;
        const auto state = optimizer->state();
        const auto got = std::ranges::find(state, name, &Parameter::name);
        ASSERT_NE(got, state.end()) << name;
        EXPECT_TRUE(got->gradient.empty());
        const Tensor wanted = ToTensor(tensor);
        EXPECT_TRUE(Close(name, got->value, wanted,
                          GoldenTolerance(test_case, "state_after." + slot,
                                          MaxAbs(wanted.values()))));
      }
    }
    EXPECT_GE(wanted_tensors, parameters.size());
    EXPECT_EQ(wanted_tensors, optimizer->state().size());
  }
}

TEST(GoldenOptimizers, SGD) { CheckOptimizer("sgd", 5); }
TEST(GoldenOptimizers, RMSprop) { CheckOptimizer("rmsprop", 3); }
TEST(GoldenOptimizers, Adam) { CheckOptimizer("adam", 4); }

// Rounding adds up over the recorded steps, hence more room than for a layer.
double ModelTolerance(const Json& test_case, const std::string& name,
                      double max_abs) {
  return 8 * RecordedError(test_case, name) + 1e-5 * max_abs + 1e-6;
}

void ExpectModelTensor(const Json& test_case, const std::string& name,
                       const Tensor& got, const Json& wanted_json) {
  const Tensor wanted = ToTensor(wanted_json);
  EXPECT_TRUE(Close(name, got, wanted,
                    ModelTolerance(test_case, name, MaxAbs(wanted.values()))));
}

Tensor Rows(const Tensor& data, const std::vector<size_t>& rows) {
  const Shape sample = data.shape().WithoutFirst();
  Tensor batch(sample.Prepended(rows.size()));
  float* to = batch.data();
  for (size_t row : rows) {
    to = std::copy_n(data.data() + row * sample.size(), sample.size(), to);
  }
  return batch;
}

std::unique_ptr<Model> ToModel(const Json& test_case) {
  std::vector<std::shared_ptr<Layer>> layers;
  for (const Json& layer : test_case.at("layers")) {
    layers.push_back(ToLayer(layer));
  }
  const Json& loss = test_case.at("loss");
  auto model =
      std::make_unique<Model>(std::move(layers),
                              CreateLoss(loss.at("type").get<std::string>(),
                                         ToConfig(loss.at("config"))),
                              ToOptimizer(test_case.at("optimizer")), 1,
                              ToShape(test_case.at("input_shape")));
  const Json& initial = test_case.at("initial");
  for (size_t i = 0; i < initial.size(); ++i) {
    Layer& layer = *model->layers().at(i);
    EXPECT_EQ(layer.output_shape(), ToShape(test_case.at("output_shapes")[i]));
    // Every parameter must be given, else a drawn one would take part.
    EXPECT_EQ(layer.Params().size(), initial[i].at("params").size());
    LoadParams(layer, ToNamedTensors(initial[i].at("params")));
    LoadState(layer, ToNamedTensors(initial[i].at("state")));
  }
  return model;
}

void CheckFinal(const Json& test_case, const Model& model) {
  const Json& final_json = test_case.at("final");
  ASSERT_EQ(final_json.size(), model.layers().size());
  for (size_t i = 0; i < final_json.size(); ++i) {
    Layer& layer = *model.layers()[i];
    for (const Parameter& parameter : layer.Params()) {
      ExpectModelTensor(test_case, Cat("final.", i, ".params.", parameter.name),
                        parameter.value,
                        final_json[i].at("params").at(parameter.name));
    }
    EXPECT_EQ(layer.State().size(), final_json[i].at("state").size());
    for (const Parameter& state : layer.State()) {
      ExpectModelTensor(test_case, Cat("final.", i, ".state.", state.name),
                        state.value, final_json[i].at("state").at(state.name));
    }
  }
}

TEST(GoldenModels, ReproducesEveryCase) {
  const Json cases = LoadGolden("models");
  ASSERT_EQ(cases.size(), 3u);
  for (const Json& test_case : cases) {
    SCOPED_TRACE(test_case.at("name").get<std::string>());
    const auto model = ToModel(test_case);
    const Tensor x = ToTensor(test_case.at("x"));
    const Tensor y = ToTensor(test_case.at("y"));
    const Json& batches = test_case.at("batches");
    const auto losses = test_case.at("losses").get<std::vector<double>>();
    ASSERT_EQ(batches.size(), losses.size());
    ASSERT_GE(losses.size(), 5u);
    for (size_t step = 0; step < batches.size(); ++step) {
      const auto rows = batches[step].get<std::vector<size_t>>();
      const BatchResult result =
          model->TrainBatch(Rows(x, rows), Rows(y, rows));
      EXPECT_NEAR(result.loss, losses[step],
                  ModelTolerance(test_case, "losses", std::fabs(losses[step])))
          << "step " << step;
    }
    CheckFinal(test_case, *model);
    const Tensor predictions =
        model->Predict(ToTensor(test_case.at("predict_input")), 2);
    ExpectModelTensor(test_case, "predictions", predictions,
                      test_case.at("predictions"));
  }
}

}  // namespace
}  // namespace lamella::test
