// The service as a group uses it: coordinator, worker and client as processes
// of their own, and what becomes of a job when one of them dies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "tests/e2e/planted_job.h"
#include "tests/e2e/result_check.h"
#include "tests/e2e/stack.h"

namespace cusp::e2e {
namespace {

using ::testing::HasSubstr;

class ServiceTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator()); }

  std::string Submit() {
    const auto result =
        stack_.Cusp({"submit", stack_.Write("job.yaml", kPlantedJob), "--parsable"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out.substr(0, result.out.find('\n'));
  }

  // Blocks that are durable in the coordinator's database.
  int64_t CommittedBlocks() { return stack_.QueryInt("SELECT COUNT(*) FROM blocks"); }

  void ExpectPlantedCrossing(const std::string& id) {
    EXPECT_EQ(DifferenceFromPlanted(stack_, id), "");
  }

  Stack stack_;
};

TEST_F(ServiceTest, ThreeProcessesFinishAJob) {
  stack_.StartWorker("w1", PlantedScript(0));
  const auto submitted =
      stack_.Cusp({"submit", stack_.Write("job.yaml", kPlantedJob), "--wait", "--timeout", "100s"});
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
  std::string job = kPlantedJob;
  job.replace(job.find("[latency]"), 9, "[latency, peak_memory]");
  stack_.StartWorker("w1", R"({"noise": 0.02})");  // the defaults have memory too
  const auto submitted = stack_.Cusp(
      {"submit", stack_.Write("job.yaml", job), "--wait", "--parsable", "--timeout", "100s"});
  ASSERT_EQ(submitted.exit_code, 0) << submitted.err;
  const std::string id = submitted.out.substr(0, submitted.out.find('\n'));
  const auto results = stack_.Cusp({"results", id, "--json"});
  ASSERT_EQ(results.exit_code, 0) << results.err;
  EXPECT_EQ(results.Json().at("comparisons").size(), 2U);
  EXPECT_EQ(DifferenceFromAnalysis(stack_, id, "bert"), "");
}

TEST_F(ServiceTest, CommandsWorkWhileTheJobRuns) {
  stack_.StartWorker("w1", PlantedScript(10));
  const std::string id = Submit();
  ASSERT_TRUE(WaitUntil([&] { return CommittedBlocks() > 3; }));
  EXPECT_EQ(stack_.Show(id).at("state"), "RUNNING");
  EXPECT_EQ(stack_.Cusp({"results", id, "--json"}).exit_code, 0);
  EXPECT_THAT(stack_.Cusp({"workers"}).out, HasSubstr("w1"));
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
  ExpectPlantedCrossing(id);
}

TEST_F(ServiceTest, KilledWorkersBlocksAreNotMeasuredAgain) {
  stack_.StartWorker("w1", PlantedScript(20));
  const std::string id = Submit();
  ASSERT_TRUE(WaitUntil([&] { return CommittedBlocks() >= 10; }));
  stack_.StopWorker("w1", SIGKILL);
  const int64_t committed = CommittedBlocks();

  // Another name: the lease of the dead one has to run out first.
  stack_.StartWorker("w2", PlantedScript(0));
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
  ExpectPlantedCrossing(id);
  EXPECT_EQ(stack_.QueryInt("SELECT COUNT(*) FROM attempts"), 2);
  EXPECT_EQ(stack_.QueryInt("SELECT COUNT(*) FROM generations"), 1);
  EXPECT_EQ(stack_.QueryInt("SELECT COUNT(*) FROM blocks WHERE attempt = 1"), committed);
  EXPECT_EQ(stack_.QueryInt("SELECT MIN(block) FROM blocks WHERE attempt = 2"),
            stack_.QueryInt("SELECT MAX(block) FROM blocks WHERE attempt = 1") + 1);
}

TEST_F(ServiceTest, StoppedAndRestartedCoordinatorLosesNothing) {
  stack_.StartWorker("w1", PlantedScript(20));
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
  stack_.StartWorker("w1", PlantedScript(100));
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
  stack_.StartWorker("w1", PlantedScript(20));
  const std::string id = Submit();
  ASSERT_TRUE(WaitUntil([&] { return CommittedBlocks() >= 3; }));
  EXPECT_EQ(stack_.StopWorker("w1", SIGTERM).code, 0);
  EXPECT_EQ(stack_.Show(id).at("sweeps").at(0).at("state"), "QUEUED");
  stack_.StartWorker("w2", PlantedScript(0));
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
  ExpectPlantedCrossing(id);
}

TEST_F(ServiceTest, SecondSignalStopsAWorkerAmidItsBlock) {
  stack_.StartWorker("w1", PlantedScript(5000));  // its block would take minutes
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
