#include "worker/daemon/device_facts.h"

#include <gtest/gtest.h>

#include "common/sha256.h"
#include "tests/support/status_matchers.h"
#include "tests/worker/daemon/fake_runner_env.h"
#include "worker/daemon/runner_process.h"
#include "worker/measure/sweep_setup.h"

namespace cusp::worker {
namespace {

TEST(DeviceFactsTest, RunnerTellsWhatItRunsOn) {
  RunnerProcessLauncher launcher(FakeRunnerPath());
  const auto facts = AskRunner(launcher, "cpu", 0);
  ASSERT_THAT(facts, IsOk());
  const v1::Worker worker = DescribeWorker("w", ReadHostFacts(), *facts);
  EXPECT_EQ(worker.name(), "workers/w");
  EXPECT_EQ(worker.device_class(), "Fake CPU");
  EXPECT_GE(worker.cores(), 1);
  EXPECT_FALSE(worker.host().empty());
  ASSERT_EQ(worker.speed().threads_size(), 1);
  EXPECT_GT(worker.speed().threads(0).bytes_per_second(), 0);
  const v1::Provenance provenance =
      MakeProvenance(ReadHostFacts(), ReadMachineFacts(), facts->started);
  EXPECT_EQ(provenance.build_id(), "fake");
  EXPECT_EQ(provenance.number_settings(), "tf32_matmul=off");
  EXPECT_EQ(provenance.memory_bytes(), facts->started.memory_bytes());
  EXPECT_GE(provenance.cpus(), 1);
  EXPECT_FALSE(provenance.kernel().empty());
}

TEST(DeviceFactsTest, ConditionsNameWhatTheRunnerIsSent) {
  v1::JobSpec spec;
  spec.add_baselines()->set_model("bert");
  spec.add_candidates()->set_model("longformer");
  spec.mutable_lengths()->set_min(64);
  spec.mutable_lengths()->set_max(512);
  const v1::SweepConditions conditions =
      MakeConditions(spec, {.average = 1.5, .runnable_threads = 3}, 1'700'000'000'000'001);
  EXPECT_EQ(conditions.start_time().seconds(), 1'700'000'000);
  EXPECT_EQ(conditions.load_average(), 1.5);
  EXPECT_EQ(conditions.runnable_threads(), 3);
  measure::SweepTarget target;
  target.spec = spec;
  const auto setup = measure::MakeSweepSetup(target);
  ASSERT_THAT(setup, IsOk());
  ASSERT_EQ(conditions.variants_size(), 2);
  for (int i = 0; i < 2; ++i) {
    const auto number = static_cast<size_t>(i);
    EXPECT_EQ(conditions.variants(i).variant(), setup->variants[number].name);
    EXPECT_EQ(conditions.variants(i).config_sha256(),
              Sha256Hex(setup->builds[number].config_json()));
  }
}

TEST(DeviceFactsTest, UnknownLoadIsLeftOut) {
  const v1::SweepConditions conditions = MakeConditions(v1::JobSpec(), {}, 1);
  EXPECT_FALSE(conditions.has_load_average());
  EXPECT_FALSE(conditions.has_runnable_threads());
  EXPECT_EQ(conditions.variants_size(), 0);
}

TEST(DeviceFactsTest, MissingRunnerIsAnError) {
  RunnerProcessLauncher launcher("/nowhere");
  EXPECT_THAT(AskRunner(launcher, "cpu", 0), StatusIs(absl::StatusCode::kNotFound));
}

TEST(DeviceFactsTest, DeviceNamesAreResolved) {
  EXPECT_EQ(ResolveDevice("cuda"), "cuda:0");
  EXPECT_EQ(ResolveDevice("cuda:3"), "cuda:3");
  EXPECT_EQ(ResolveDevice("cpu"), "cpu");
  EXPECT_FALSE(ResolveDevice("auto").empty());
}

}  // namespace
}  // namespace cusp::worker
