#include "worker/measure/sweep_setup.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(SweepSetupTest, EveryBaselineMeetsEveryCandidate) {
  v1::JobSpec spec = MakeSpec(2);
  v1::VariantSpec& sdpa = *spec.add_baselines();
  sdpa.set_name("bert-sdpa");
  sdpa.set_model("bert");
  sdpa.set_attention(v1::ATTENTION_SDPA);
  const SweepSetup setup = MakeSetup(spec);
  EXPECT_THAT(setup.pairs, ElementsAre(Pair(0, 2), Pair(0, 3), Pair(1, 2), Pair(1, 3)));
  EXPECT_EQ(setup.builds[1].attention(), "sdpa");
  EXPECT_EQ(setup.builds[1].dtype(), "float32");
  EXPECT_EQ(setup.builds[1].mode(), "inference");
  EXPECT_EQ(setup.IndexOf("linformer-1"), 3U);
  EXPECT_EQ(setup.IndexOf("none"), 4U);
}

TEST(SweepSetupTest, WeightsBelongToTheirVariant) {
  v1::JobSpec spec = MakeSpec();
  spec.mutable_candidates(0)->set_weights_path("/w.safetensors");
  spec.mutable_candidates(0)->set_weights_sha256(std::string(64, 'a'));
  const SweepSetup setup = MakeSetup(spec);
  EXPECT_EQ(setup.builds[0].weights_path(), "");
  EXPECT_EQ(setup.builds[1].weights_path(), "/w.safetensors");
}

TEST(SweepSetupTest, BadJobIsRefused) {
  v1::JobSpec spec = MakeSpec();
  spec.mutable_candidates(0)->set_model("no-such-model");
  EXPECT_THAT(MakeSweepSetup(MakeTarget(spec)), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace cusp::measure
