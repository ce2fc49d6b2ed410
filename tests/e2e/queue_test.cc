// What users do to queued jobs, with coordinator, workers and client as processes of
// their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <vector>

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

std::string Script(double sleep_scale) {
  return R"({"variants": [{"a": 1e-3, "b": 0, "c": 1e-8}, {"a": 1e-3, "b": 4e-6, "c": 0}],
             "noise": 0.005, "sleep_scale": )" +
         std::to_string(sleep_scale) + "}";
}

class QueueTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator()); }

  std::string Submit(const std::vector<std::string>& flags = {}, const std::string& job = kJob) {
    std::vector<std::string> args = {"submit", stack_.Write("job.yaml", job), "--parsable"};
    args.insert(args.end(), flags.begin(), flags.end());
    const auto result = stack_.Cusp(args);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out.substr(0, result.out.find('\n'));
  }

  int Call(const std::vector<std::string>& args) {
    const auto result = stack_.Cusp(args);
    EXPECT_EQ(result.err, "") << args.front();
    return result.exit_code;
  }

  std::string WaitingReason(const std::string& id) {
    return stack_.Show(id).value("waiting_reason", "");
  }

  int64_t CommittedBlocks() { return stack_.QueryInt("SELECT COUNT(*) FROM blocks"); }

  Stack stack_;
};

TEST_F(QueueTest, HeldJobStartsAtItsReleaseAndItsFollowerAfterIt) {
  const std::string first = Submit({"--hold"});
  const std::string follower = Submit({"--after-ok", first});
  stack_.StartWorker("w1", Script(0));
  ASSERT_TRUE(WaitUntil([&] { return stack_.QueryInt("SELECT COUNT(*) FROM workers") == 1; }));
  EXPECT_EQ(stack_.Show(first).at("state"), "HELD");
  EXPECT_THAT(WaitingReason(first), HasSubstr("held by its owner"));
  EXPECT_EQ(WaitingReason(follower), "waiting for job " + first + " to succeed");
  EXPECT_EQ(stack_.QueryInt("SELECT COUNT(*) FROM attempts"), 0);

  EXPECT_EQ(Call({"release", first}), 0);
  EXPECT_EQ(stack_.Cusp({"watch", follower}).exit_code, 0);
  EXPECT_EQ(stack_.Show(first).at("state"), "SUCCEEDED");
  EXPECT_EQ(
      stack_.QueryInt("SELECT (SELECT start_time_us FROM jobs WHERE public_id = '" + follower +
                      "') >= (SELECT end_time_us FROM jobs WHERE public_id = '" + first + "')"),
      1);
}

TEST_F(QueueTest, RetriedJobGoesOnAfterTheLastCommittedBlock) {
  stack_.StartWorker("w1", Script(20));
  const std::string id = Submit();
  ASSERT_TRUE(WaitUntil([&] { return CommittedBlocks() >= 5; }));
  EXPECT_EQ(Call({"cancel", id}), 0);
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 7);
  EXPECT_EQ(Call({"retry", id}), 0);
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
  EXPECT_EQ(stack_.QueryInt("SELECT COUNT(*) FROM generations"), 1);
  EXPECT_EQ(stack_.QueryInt("SELECT MAX(attempt) FROM blocks"), 2);
  EXPECT_EQ(stack_.QueryInt("SELECT MIN(block) FROM blocks WHERE attempt = 2"),
            stack_.QueryInt("SELECT MAX(block) FROM blocks WHERE attempt = 1") + 1);
  // There is nothing left to retry.
  EXPECT_EQ(stack_.Cusp({"retry", id}).exit_code, 1);
}

TEST_F(QueueTest, HoldLetsTheRunningSweepEndAndKeepsTheRest) {
  std::string job = kJob;
  job.replace(job.find("[inference]"), 11, "[inference, training]");
  stack_.StartWorker("w1", Script(5));
  const std::string id = Submit({}, job);
  ASSERT_TRUE(WaitUntil([&] { return CommittedBlocks() >= 1; }));
  EXPECT_EQ(Call({"hold", id}), 0);
  ASSERT_TRUE(WaitUntil([&] { return stack_.Show(id).at("state") == "HELD"; }));
  const auto held = stack_.Show(id);
  EXPECT_EQ(held.at("sweeps").at(0).at("state"), "SUCCEEDED");
  EXPECT_EQ(held.at("sweeps").at(1).at("state"), "QUEUED");
  EXPECT_EQ(Call({"release", id}), 0);
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
}

TEST_F(QueueTest, DeadlineStopsAJobAlsoAcrossARestart) {
  stack_.StartWorker("w1", Script(5000));  // its block would take minutes
  const std::string id = Submit({"--deadline", "8s"});
  ASSERT_TRUE(WaitUntil([&] { return stack_.Show(id).at("state") != "QUEUED"; }));
  stack_.StopCoordinator(SIGKILL);
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 6);
  EXPECT_EQ(stack_.Show(id).at("failure").at("reason"), "deadline");
  EXPECT_TRUE(WaitUntil([&] {
    const auto workers = stack_.Cusp({"workers", "--json"}).Json();
    return workers.at("workers").at(0).at("state") == "IDLE";
  }));
}

TEST_F(QueueTest, FollowerOfACancelledJobFailsNamingIt) {
  const std::string first = Submit();
  const std::string follower = Submit({"--after-ok", first});
  EXPECT_EQ(Call({"cancel", first}), 0);
  EXPECT_EQ(stack_.Cusp({"watch", follower}).exit_code, 6);
  EXPECT_THAT(stack_.Show(follower).at("failure").at("message").get<std::string>(),
              HasSubstr("job " + first));
  EXPECT_EQ(
      stack_.Cusp({"submit", stack_.Write("job.yaml", kJob), "--after-ok", "nosuch"}).exit_code, 5);
}

TEST_F(QueueTest, PriorityMovesAJobAheadAndTheReasonTellsIt) {
  stack_.StartWorker("w1", Script(5000));
  const std::string running = Submit();
  ASSERT_TRUE(WaitUntil([&] { return stack_.Show(running).at("state") == "RUNNING"; }));
  const std::string second = Submit();
  const std::string third = Submit();
  EXPECT_THAT(WaitingReason(third), HasSubstr("1 ahead, estimated start "));
  EXPECT_FALSE(stack_.Show(third).at("estimated_start_time").is_null());
  EXPECT_EQ(Call({"priority", third, "5"}), 0);
  EXPECT_THAT(WaitingReason(third), HasSubstr("0 ahead"));
  EXPECT_THAT(WaitingReason(second), HasSubstr("1 ahead"));
}

TEST_F(QueueTest, WorkerThatFailsThreeSweepsIsDrainedAndShown) {
  std::string job = kJob;
  job.replace(job.find("[inference]"), 11, "[inference, training]");
  job += "dtypes: [float32, bfloat16]\n";
  stack_.StartWorker("broken", R"({"faults": [{"kind": "exit", "length": 0}]})");
  const std::string id = Submit({}, job);
  ASSERT_TRUE(WaitUntil(
      [&] { return stack_.Cusp({"workers"}).out.find("broken is drained") != std::string::npos; },
      std::chrono::seconds(120)));
  EXPECT_EQ(stack_.Show(id).at("sweeps").at(3).at("state"), "QUEUED");
  EXPECT_THAT(stack_.Cusp({"workers"}).out, HasSubstr("3 sweeps in a row failed on it"));
  // Another one takes what is left.
  stack_.StartWorker("sound", Script(0));
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 6);
  EXPECT_EQ(Call({"retry", id}), 0);
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
}

}  // namespace
}  // namespace cusp::e2e
