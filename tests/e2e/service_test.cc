// The service as a group uses it: coordinator, worker and client as processes
// of their own, and what becomes of a job when one of them dies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "tests/e2e/stack.h"

namespace cusp::e2e {
namespace {

using ::testing::HasSubstr;

constexpr char kJob[] = R"(
name: planted
preset: tiny
baselines: [bert]
candidates:
  - {name: lf, model: longformer, config: {attention_window: 16}}
modes: [inference]
metrics: [latency]
lengths: {min: 64, max: 1024}
threads: 1
seed: 7
)";

// bert costs 1e-3 + 1e-8 n^2 seconds, lf 1e-3 + 4e-6 n: they cross at 400.
std::string Script(double sleep_scale) {
  return R"({"variants": [{"a": 1e-3, "b": 0, "c": 1e-8}, {"a": 1e-3, "b": 4e-6, "c": 0}],
             "noise": 0.005, "sleep_scale": )" +
         std::to_string(sleep_scale) + "}";
}

class ServiceTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator()); }

  std::string Submit() {
    const auto result = stack_.Cusp({"submit", stack_.Write("job.yaml", kJob), "--parsable"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out.substr(0, result.out.find('\n'));
  }

  // Blocks that are durable in the coordinator's database.
  int64_t CommittedBlocks() { return stack_.QueryInt("SELECT COUNT(*) FROM blocks"); }

  void ExpectPlantedCrossing(const std::string& id) {
    const auto result = stack_.Cusp({"results", id, "--json"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const nlohmann::json comparison = result.Json().at("comparisons").at(0);
    EXPECT_EQ(comparison.at("baseline"), "bert");
    EXPECT_EQ(comparison.at("candidate"), "lf");
    EXPECT_EQ(comparison.at("verdict"), "crosses") << comparison.dump(1);
    EXPECT_NEAR(comparison.at("persistent").at("length").get<double>(), 400, 40);
  }

  Stack stack_;
};

TEST_F(ServiceTest, ThreeProcessesFinishAJob) {
  stack_.StartWorker("w1", Script(0));
  const auto submitted =
      stack_.Cusp({"submit", stack_.Write("job.yaml", kJob), "--wait", "--timeout", "100s"});
  EXPECT_EQ(submitted.exit_code, 0) << submitted.err;
  EXPECT_THAT(submitted.out, HasSubstr("lf"));

  const auto list = stack_.Cusp({"list", "--json"}).Json();
  ASSERT_EQ(list.at("jobs").size(), 1U);
  const std::string id = list.at("jobs").at(0).at("id");
  EXPECT_EQ(list.at("jobs").at(0).at("name"), "planted");
  EXPECT_EQ(list.at("jobs").at(0).at("state"), "SUCCEEDED");
  EXPECT_EQ(stack_.Show(id).at("state"), "SUCCEEDED");
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
  ExpectPlantedCrossing(id);
}

TEST_F(ServiceTest, AnalyzeOfExportedSamplesGivesTheJobsOwnAnswer) {
  std::string job = kJob;
  job.replace(job.find("[latency]"), 9, "[latency, peak_memory]");
  stack_.StartWorker("w1", R"({"noise": 0.02})");  // the defaults have memory too
  const auto submitted = stack_.Cusp(
      {"submit", stack_.Write("job.yaml", job), "--wait", "--parsable", "--timeout", "100s"});
  ASSERT_EQ(submitted.exit_code, 0) << submitted.err;
  const std::string id = submitted.out.substr(0, submitted.out.find('\n'));
  const std::string samples = stack_.Path("samples.csv");
  const auto results = stack_.Cusp({"results", id, "--samples", samples, "--json"});
  ASSERT_EQ(results.exit_code, 0) << results.err;
  const auto analyzed = stack_.Call({"cusp", "analyze", samples, "--baseline", "bert", "--json"});
  ASSERT_EQ(analyzed.exit_code, 0) << analyzed.err;

  const nlohmann::json expected = results.Json().at("comparisons");
  const nlohmann::json found = analyzed.Json().at("comparisons");
  ASSERT_EQ(expected.size(), 2U);
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    for (const auto& [key, value] : expected[i].items()) {
      // A job's note says why measuring ended; a file does not say of which datasets.
      if (key != "note" && key != "datasets") {
        EXPECT_EQ(found[i].at(key), value) << key;
      }
    }
  }
}

TEST_F(ServiceTest, CommandsWorkWhileTheJobRuns) {
  stack_.StartWorker("w1", Script(10));
  const std::string id = Submit();
  ASSERT_TRUE(WaitUntil([&] { return CommittedBlocks() > 3; }));
  EXPECT_EQ(stack_.Show(id).at("state"), "RUNNING");
  EXPECT_EQ(stack_.Cusp({"results", id, "--json"}).exit_code, 0);
  EXPECT_THAT(stack_.Cusp({"workers"}).out, HasSubstr("w1"));
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
  ExpectPlantedCrossing(id);
}

TEST_F(ServiceTest, KilledWorkersBlocksAreNotMeasuredAgain) {
  stack_.StartWorker("w1", Script(20));
  const std::string id = Submit();
  ASSERT_TRUE(WaitUntil([&] { return CommittedBlocks() >= 10; }));
  stack_.StopWorker("w1", SIGKILL);
  const int64_t committed = CommittedBlocks();

  // Another name: the lease of the dead one has to run out first.
  stack_.StartWorker("w2", Script(0));
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
  ExpectPlantedCrossing(id);
  EXPECT_EQ(stack_.QueryInt("SELECT COUNT(*) FROM attempts"), 2);
  EXPECT_EQ(stack_.QueryInt("SELECT COUNT(*) FROM generations"), 1);
  EXPECT_EQ(stack_.QueryInt("SELECT COUNT(*) FROM blocks WHERE attempt = 1"), committed);
  EXPECT_EQ(stack_.QueryInt("SELECT MIN(block) FROM blocks WHERE attempt = 2"),
            stack_.QueryInt("SELECT MAX(block) FROM blocks WHERE attempt = 1") + 1);
}

TEST_F(ServiceTest, StoppedAndRestartedCoordinatorLosesNothing) {
  stack_.StartWorker("w1", Script(20));
  const std::string id = Submit();
  for (const int signal : {SIGTERM, SIGKILL}) {
    const int64_t before = CommittedBlocks();
    ASSERT_TRUE(WaitUntil([&] { return CommittedBlocks() >= before + 5; }));
    const int64_t committed = CommittedBlocks();
    stack_.StopCoordinator(signal);
    EXPECT_GE(CommittedBlocks(), committed);
    ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  }
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
  ExpectPlantedCrossing(id);
  // The worker kept its attempt: nothing was measured a second time.
  EXPECT_EQ(stack_.QueryInt("SELECT COUNT(*) FROM attempts"), 1);
}

TEST_F(ServiceTest, CancelledJobStopsItsWorker) {
  stack_.StartWorker("w1", Script(100));
  const std::string id = Submit();
  ASSERT_TRUE(WaitUntil([&] { return CommittedBlocks() >= 1; }));
  EXPECT_EQ(stack_.Cusp({"cancel", id}).exit_code, 0);
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 7);
  EXPECT_TRUE(WaitUntil([&] {
    const auto workers = stack_.Cusp({"workers", "--json"}).Json();
    return workers.at("workers").at(0).at("state") == "IDLE";
  }));
}

TEST_F(ServiceTest, DrainedWorkerGivesItsSweepBack) {
  stack_.StartWorker("w1", Script(20));
  const std::string id = Submit();
  ASSERT_TRUE(WaitUntil([&] { return CommittedBlocks() >= 3; }));
  EXPECT_EQ(stack_.StopWorker("w1", SIGTERM).code, 0);
  EXPECT_EQ(stack_.Show(id).at("sweeps").at(0).at("state"), "QUEUED");
  stack_.StartWorker("w2", Script(0));
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
  ExpectPlantedCrossing(id);
}

TEST_F(ServiceTest, SecondSignalStopsAWorkerAmidItsBlock) {
  stack_.StartWorker("w1", Script(5000));  // its block would take minutes
  const std::string id = Submit();
  ASSERT_TRUE(WaitUntil([&] { return stack_.Show(id).at("state") == "RUNNING"; }));
  const auto logged = [&](const char* text) {
    return stack_.ReadText("worker.log").find(text) != std::string::npos;
  };
  const pid_t worker = stack_.WorkerPid("w1");
  kill(worker, SIGTERM);
  ASSERT_TRUE(WaitUntil([&] { return logged("draining"); }));
  EXPECT_FALSE(logged("stopping at once"));
  // What comes within 200 ms counts as the first signal's echo.
  ASSERT_TRUE(WaitUntil([&] {
    kill(worker, SIGTERM);
    return logged("stopping at once");
  }));
  EXPECT_EQ(stack_.StopWorker("w1", 0).signal, 0);
  EXPECT_EQ(stack_.Show(id).at("sweeps").at(0).at("state"), "QUEUED");
}

TEST_F(ServiceTest, ExitCodesTellWhatWentWrong) {
  EXPECT_EQ(stack_.Cusp({"show", "nosuchjob"}).exit_code, 5);
  EXPECT_EQ(stack_.Cusp({"submit", stack_.Write("bad.yaml", "nmae: x\n")}).exit_code, 2);
  const std::string id = Submit();  // no worker: it waits
  EXPECT_EQ(stack_.Cusp({"watch", id, "--timeout", "1s"}).exit_code, 124);
  EXPECT_THAT(stack_.Cusp({"show", id}).out, HasSubstr("wait"));
  stack_.StopCoordinator(SIGTERM);
  EXPECT_EQ(stack_.Cusp({"list"}).exit_code, 3);
}

}  // namespace
}  // namespace cusp::e2e
