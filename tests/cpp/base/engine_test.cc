// An engine holds scratch memory, an allowance and numbers of layers. Its
// threads have a test of their own.
#include "base/engine.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/aligned_buffer.h"
#include "layers/registry.h"
#include "test_util.h"

namespace lamella::test {
namespace {

std::shared_ptr<Layer> Dense(Engine& engine) {
  return lamella::CreateLayer(engine, "Dense",
                              MakeConfig({{"outputSize", 10.0}}));
}

TEST(Engine, WorkspaceGrowsAndStays) {
  Engine engine, other;
  float* large = engine.Workspace(1 << 12);
  const size_t allocations = AllocationCount();
  EXPECT_EQ(engine.Workspace(16), large);
  EXPECT_EQ(AllocationCount(), allocations);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(large) % kAlignment, 0u);
  EXPECT_NE(other.Workspace(16), large);
}

TEST(Engine, StandaloneIndicesDiffer) {
  Engine engine, other;
  const uint32_t first = engine.NextStandaloneIndex();
  EXPECT_EQ(engine.NextStandaloneIndex(), first + 1);
  // A model's layers are numbered from 0.
  EXPECT_GE(first, 0x80000000u);
  EXPECT_EQ(other.NextStandaloneIndex(), first);
}

// Layers outside models draw other weights each, but the same in every engine.
TEST(Engine, LayersDrawByItsNumbers) {
  Engine engine, other;
  const auto first = Dense(engine), second = Dense(engine);
  const auto twin = Dense(other);
  for (const auto& layer : {first, second, twin}) layer->Build({5});
  const Tensor weights = first->Params()[0].value;
  EXPECT_TRUE(Same("twin", twin->Params()[0].value, weights));
  EXPECT_FALSE(Same("second", second->Params()[0].value, weights));
}

TEST(Engine, AllowanceIsSpentOnceAndByItselfAlone) {
  Engine engine, other;
  engine.LimitAllocations(100);
  EXPECT_EQ(Tensor(engine, {6, 10}).size(), 60u);
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"41", "more than the file can need"},
                     [&] { Tensor(engine, {41}); }));
  EXPECT_EQ(Tensor(other, {1000}).size(), 1000u);
  EXPECT_EQ(Tensor(engine, {40}).size(), 40u);
  EXPECT_TRUE(Throws(ErrorKind::kValue, {"1 "}, [&] { Tensor(engine, {1}); }));
  engine.UnlimitAllocations();
  EXPECT_EQ(Tensor(engine, {1000}).size(), 1000u);
}

// Weights, states and what an optimizer keeps, which files decide the size of.
TEST(Engine, AllowanceBoundsWhatAFileClaims) {
  const Config dense = MakeConfig({{"outputSize", 1000.0}});
  struct Case {
    const char* type;
    Config config;
    Shape input;
    size_t floats;
  };
  for (const Case& c : {Case{"Dense", dense, {50}, 2 * 51'000},
                        Case{"BatchNormalization", {}, {3000}, 8 * 3000},
                        Case{"LayerNormalization", {}, {3000}, 4 * 3000}}) {
    SCOPED_TRACE(c.type);
    Engine engine;
    const auto layer = lamella::CreateLayer(engine, c.type, c.config);
    engine.LimitAllocations(c.floats - 1);
    EXPECT_TRUE(Throws(ErrorKind::kValue, {"more than the file can need"},
                       [&] { layer->Build(c.input); }));
    engine.LimitAllocations(c.floats);
    layer->Build(c.input);
    const auto parameters = layer->Params();
    const auto optimizer = lamella::CreateOptimizer(engine, "SGD", {});
    EXPECT_TRUE(Throws(ErrorKind::kValue, {"more than the file can need"},
                       [&] { optimizer->Prepare(parameters, 1); }));
  }
}

TEST(Engine, AbandonsItsOwnCallsAlone) {
  Engine engine, other;
  const auto layer = Dense(engine), others = Dense(other);
  layer->set_busy(true);
  others->set_busy(true);
  engine.AbandonCalls();
  EXPECT_FALSE(layer->busy());
  EXPECT_TRUE(others->busy());
}

}  // namespace
}  // namespace lamella::test
