// What becomes of jobs when processes die, stand still or are cut off, and when the disk
// is full. Everything is as in use but the runner, which is the fake one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/e2e/fault_rounds.h"
#include "tests/e2e/planted_job.h"
#include "tests/e2e/result_check.h"
#include "tests/e2e/stack.h"
#include "tests/support/temp_dir.h"

namespace cusp::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FaultTest : public testing::Test {
 protected:
  std::string Submit(const std::string& job = kPlantedJob) {
    const auto result = stack_.Cusp({"submit", stack_.Write("job.yaml", job), "--parsable"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out.substr(0, result.out.find('\n'));
  }

  int64_t Blocks(const std::string& where = "1") {
    return stack_.QueryInt("SELECT COUNT(*) FROM blocks WHERE " + where);
  }

  bool Logged(const char* text) {
    return stack_.ReadText("worker.log").find(text) != std::string::npos;
  }

  Stack stack_;
};

TEST_F(FaultTest, KillsAtRandomMomentsLoseNothing) {
  FaultOptions options;
  for (int i = 0; i < 5; ++i) {
    options.victims.insert(options.victims.end(),
                           {Victim::kCoordinator, Victim::kRunner, Victim::kWorker});
  }
  options.script = PlantedScript(5);
  const FaultCounts counts = FaultRounds(stack_, options).Run();
  EXPECT_EQ(counts.rounds, 15);
  EXPECT_GT(counts.submitted, 0);
  EXPECT_GT(counts.sent_blocks, 0);
  EXPECT_GT(counts.killed_runners, 0);
  EXPECT_EQ(counts.lost_jobs, 0);
  EXPECT_EQ(counts.doubled_jobs, 0);
  EXPECT_EQ(counts.lost_blocks, 0);
  EXPECT_EQ(counts.changed_blocks, 0);
  EXPECT_EQ(counts.cut_blocks, 0);
  EXPECT_EQ(counts.miscounted, 0);
  EXPECT_EQ(counts.damaged, 0);
  EXPECT_THAT(counts.faults, IsEmpty());
}

TEST_F(FaultTest, WorkerThatStoodStillPastItsLeaseChangesNothingMore) {
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  stack_.StartWorker("w1", PlantedScript(20));
  const std::string id = Submit();
  ASSERT_TRUE(WaitUntil([&] { return Blocks() >= 3; }));
  kill(stack_.WorkerPid("w1"), SIGSTOP);
  stack_.StartWorker("w2", PlantedScript(20));
  ASSERT_TRUE(WaitUntil([&] { return Blocks("attempt = 2") >= 1; }));
  const int64_t before = Blocks("attempt = 1");
  kill(stack_.WorkerPid("w1"), SIGCONT);
  // It has blocks to deliver, and is told that they are nobody's.
  ASSERT_TRUE(WaitUntil([&] { return Logged("abandoned attempt=") || Logged("dropped"); }));
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
  EXPECT_EQ(Blocks("attempt = 1"), before);
  EXPECT_EQ(stack_.QueryInt("SELECT count(*) FROM attempts"), 2);
  EXPECT_EQ(DifferenceFromPlanted(stack_, id), "");
  EXPECT_EQ(DifferenceFromAnalysis(stack_, id, "bert"), "");
}

TEST_F(FaultTest, TwoWorkersNeverMeasureTheSameSweep) {
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  stack_.StartWorker("w1", PlantedScript(2));
  stack_.StartWorker("w2", PlantedScript(2));
  // Else the first one could have measured both sweeps before the second asks.
  ASSERT_TRUE(WaitUntil([&] {
    return stack_.Cusp({"workers", "--json"}).Json().at("workers").size() == 2;
  }));
  std::string job = kPlantedJob;
  job.replace(job.find("[inference]"), 11, "[inference, training]");
  const std::string id = Submit(job);
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
  EXPECT_EQ(stack_.QueryInt("SELECT count(*) FROM attempts"), 2);
  EXPECT_EQ(stack_.QueryInt("SELECT count(DISTINCT sweep_id) FROM attempts"), 2);
  EXPECT_EQ(stack_.QueryInt("SELECT count(DISTINCT worker_id) FROM attempts"), 2);
  // Numbered without a gap and each once: nobody measured a block that another had.
  EXPECT_EQ(stack_.QueryInt("SELECT count(*) FROM generations WHERE blocks <> last_block"), 0);
}

// For four leases. Its noise keeps the job's precision out of reach, so that the sweep
// goes on until its budget is spent, shortly after the minute.
TEST_F(FaultTest, WorkerMeasuresOnWhileTheCoordinatorIsAway) {
  constexpr std::chrono::seconds kAway{60};
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  std::string script = PlantedScript(5);
  script.replace(script.find("0.005"), 5, "0.05");
  stack_.StartWorker("w1", script);
  const std::string id = Submit(std::string(kPlantedJob) + "precision: 0.001\nbudget: 63s\n");
  ASSERT_TRUE(WaitUntil([&] { return Blocks() >= 3; }));
  stack_.StopCoordinator(SIGKILL);
  const auto gone = std::chrono::steady_clock::now();
  const int64_t before = Blocks();
  // The runner ends with its sweep. There is no coordinator before that, so whatever is
  // not stored yet was measured while it was away.
  ASSERT_TRUE(
      WaitUntil([&] { return Stack::ChildrenOf(stack_.WorkerPid("w1")).empty(); }, 2 * kAway));
  ASSERT_TRUE(WaitUntil([&] { return std::chrono::steady_clock::now() - gone >= kAway; }, kAway));
  EXPECT_EQ(Blocks(), before);
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
  EXPECT_GT(Blocks(), 2 * before);
  EXPECT_EQ(stack_.QueryInt("SELECT count(*) FROM attempts"), 1);
  EXPECT_EQ(stack_.QueryInt("SELECT count(*) FROM generations WHERE blocks <> last_block"), 0);
  EXPECT_EQ(DifferenceFromPlanted(stack_, id), "");
  EXPECT_EQ(DifferenceFromAnalysis(stack_, id, "bert"), "");
}

TEST_F(FaultTest, WatcherThatStandsStillHoldsNobodyUp) {
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  stack_.StartWorker("w1", PlantedScript(2));
  const std::string id = Submit();
  Subprocess watcher = stack_.StartCusp({"watch", id}, stack_.Path("watch.txt"));
  ASSERT_TRUE(WaitUntil([&] { return Blocks() >= 1; }));
  watcher.Kill(SIGSTOP);
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
  watcher.Kill(SIGCONT);
  const auto status = watcher.Wait(std::chrono::seconds(60));
  ASSERT_TRUE(status.has_value());
  EXPECT_TRUE(status->ok()) << status->ToString();
  EXPECT_THAT(stack_.ReadText("watch.txt"), HasSubstr("lf"));
}

TEST_F(FaultTest, CoordinatorRaisesItsLimitOfOpenFiles) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{.rlim_cur = 256, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit cuspds{};
  ASSERT_EQ(prlimit(stack_.CoordinatorPid(), RLIMIT_NOFILE, nullptr, &cuspds), 0);
  EXPECT_EQ(cuspds.rlim_cur, before.rlim_max);
}

// A file system of its own, small enough to fill.
class FullDiskTest : public FaultTest {
 protected:
  void SetUp() override {
    if (mount("tmpfs", disk_.path().c_str(), "tmpfs", 0, "size=64m") != 0) {
      GTEST_SKIP() << "needs a small tmpfs, and may not mount one: " << std::strerror(errno);
    }
    mounted_ = true;
    stack_.UseDataFolder(disk_.Join("data"));
    ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  }

  ~FullDiskTest() override {
    if (mounted_) {
      umount2(disk_.path().c_str(), MNT_DETACH);
    }
  }

  void Fill() {
    std::ofstream filler(disk_.Join("filler"), std::ios::binary | std::ios::app);
    const std::string page(4096, 'x');
    while (filler.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
    }
  }
  void MakeRoom() { std::filesystem::remove(disk_.Join("filler")); }

  int64_t Jobs() { return stack_.QueryInt("SELECT count(*) FROM jobs"); }

 private:
  TempDir disk_;
  bool mounted_ = false;
};

TEST_F(FullDiskTest, NothingIsAcknowledgedUntilThereIsRoom) {
  Submit();
  const std::string job = stack_.Write("job.yaml", kPlantedJob);
  const std::vector<std::string> command = {"submit", job, "--request-id",
                                            "6f1c2c1e-52a4-4a3c-9c4f-0d8a3c2b1a00"};
  Fill();
  const CommandResult refused = stack_.Cusp(command);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("make room"));
  EXPECT_EQ(Jobs(), 1);
  EXPECT_EQ(stack_.Cusp({"list", "--json"}).exit_code, 0);  // reading goes on
  MakeRoom();
  EXPECT_EQ(stack_.Cusp(command).exit_code, 0);
  EXPECT_EQ(stack_.Cusp(command).exit_code, 0);
  EXPECT_EQ(Jobs(), 2);
  EXPECT_EQ(stack_.QueryTexts("PRAGMA integrity_check"), std::vector<std::string>{"ok"});
}

TEST_F(FullDiskTest, WorkerDeliversOnceThereIsRoom) {
  stack_.StartWorker("w1", PlantedScript(10));
  const std::string id = Submit();
  ASSERT_TRUE(WaitUntil([&] { return Blocks() >= 3; }));
  Fill();
  ASSERT_TRUE(WaitUntil([&] { return Logged("make room"); }));
  MakeRoom();
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
  EXPECT_EQ(stack_.QueryInt("SELECT count(*) FROM generations WHERE blocks <> last_block"), 0);
  EXPECT_EQ(DifferenceFromPlanted(stack_, id), "");
}

}  // namespace
}  // namespace cusp::e2e
