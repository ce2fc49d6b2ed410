// `cusp run` and the reading commands with real processes: cusp, cuspd,
// cusp-worker, and a scripted runner in place of cusp-runner.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/file.h"
#include "common/subprocess.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp {
namespace {

using ::testing::HasSubstr;

constexpr auto kPatience = std::chrono::seconds(120);
constexpr size_t kMaxOutput = 1U << 20U;

constexpr char kSpec[] = R"(name: tiny
preset: tiny
baselines: [bert]
candidates: [longformer]
modes: [inference]
metrics: [latency, peak_memory]
dtypes: [float32]
lengths: {min: 64, max: 2048}
device: cpu
threads: 1
budget: 60s
)";

struct Ended {
  int code = -1;
  std::string out;
  std::string err;
};

class CuspRunTest : public testing::Test {
 protected:
  CuspRunTest() : spec_(temp_.Write("job.yaml", kSpec)) {}

  // `name` names the files for what it prints.
  absl::StatusOr<Subprocess> Start(const std::vector<std::string>& arguments,
                                   const std::string& name) {
    Subprocess::Options options;
    options.argv = {BinFolder() + "/cusp"};
    options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
    options.argv.insert(options.argv.end(), {"--state", temp_.Join("state")});
    // In a sandbox the fake runner could not write beside its script.
    options.extra_env = {"CUSP_RUNNER=" + runner_, "CUSP_FAKE_RUNNER_SCRIPT=" + script_,
                         "CUSP_SANDBOX=off", "HOME=" + temp_.path(),
                         "XDG_CONFIG_HOME=" + temp_.path()};
    const int out = creat(temp_.Join(name + ".out").c_str(), 0600);
    const int err = creat(temp_.Join(name + ".err").c_str(), 0600);
    options.stdout_fd = out;
    options.stderr_fd = err;
    auto process = Subprocess::Spawn(options);
    close(out);
    close(err);
    return process;
  }

  Ended Finish(absl::StatusOr<Subprocess> process, const std::string& name) {
    EXPECT_THAT(process, IsOk());
    const auto status = process->Wait(kPatience);
    EXPECT_TRUE(status.has_value()) << "still running";
    return {.code = status ? status->code : -1,
            .out = ReadFile(temp_.Join(name + ".out"), kMaxOutput).value_or(""),
            .err = ReadFile(temp_.Join(name + ".err"), kMaxOutput).value_or("")};
  }

  Ended Call(const std::vector<std::string>& arguments) {
    return Finish(Start(arguments, "call"), "call");
  }

  nlohmann::json Jobs() {
    return nlohmann::json::parse(Call({"list", "--json"}).out, nullptr, false)["jobs"];
  }

  // Polls until the one job is RUNNING. The first of these calls may come before
  // `run` has its coordinator, so that run shares the call's for a moment.
  void WaitUntilRunning(Subprocess& run) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline &&
           !run.Wait(std::chrono::milliseconds(0)).has_value()) {
      const Ended list = Call({"list", "--json"});
      const auto jobs = nlohmann::json::parse(list.out, nullptr, false);
      if (!jobs.is_discarded() && !jobs["jobs"].empty() && jobs["jobs"][0]["state"] == "RUNNING") {
        return;
      }
    }
    FAIL() << "the job did not start: " << ReadFile(temp_.Join("run.err"), kMaxOutput).value_or("");
  }

  TempDir temp_;
  std::string spec_;
  std::string runner_ = BinFolder() + "/../tests/fake_runner";
  std::string script_;  // empty: the runner's defaults
};

TEST_F(CuspRunTest, JobRunsToItsTableAndCanBeReadAfterwards) {
  const Ended run = Call({"run", spec_});
  ASSERT_EQ(run.code, 0) << run.out << run.err
                         << ReadFile(temp_.Join("state/worker.log"), kMaxOutput).value_or("");
  EXPECT_THAT(run.out, HasSubstr("inference, float32, on Fake CPU"));
  EXPECT_THAT(run.out, HasSubstr("crosses at"));

  const auto jobs = Jobs();
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0]["state"], "SUCCEEDED");
  const std::string id = jobs[0]["id"];

  EXPECT_THAT(Call({"show", id}).out, HasSubstr("1 of 1 sweeps ended"));
  EXPECT_EQ(Call({"watch", id}).code, 0);
  const auto results = nlohmann::json::parse(Call({"results", id, "--json"}).out, nullptr, false);
  EXPECT_EQ(results["comparisons"].size(), 2U);
  EXPECT_EQ(results["comparisons"][0]["verdict"], "crosses");
  EXPECT_EQ(Call({"results", id, "--samples", temp_.Join("s.csv")}).code, 0);
  EXPECT_THAT(ReadFile(temp_.Join("s.csv"), size_t{64} << 20U),
              IsOkAndHolds(HasSubstr("\nlongformer,64,")));
  EXPECT_EQ(Call({"cancel", id}).code, 1);
  EXPECT_EQ(Call({"show", "zzzzzzzzzz"}).code, 5);
}

TEST_F(CuspRunTest, DryRunPredictsAndQueuesNothing) {
  const Ended dry = Call({"run", spec_, "--dry-run"});
  ASSERT_EQ(dry.code, 0) << dry.err
                         << ReadFile(temp_.Join("state/worker.log"), kMaxOutput).value_or("");
  EXPECT_THAT(dry.out, HasSubstr("candidates   longformer"));
  EXPECT_THAT(dry.out, HasSubstr("predicted for Fake CPU (cpu), 1 thread"));
  EXPECT_TRUE(Jobs().empty());
  const auto workers = nlohmann::json::parse(Call({"workers", "--json"}).out, nullptr, false);
  EXPECT_EQ(workers["workers"][0]["speed"][0]["flops_per_second"]["float32"], 1e11);

  ASSERT_EQ(Call({"run", spec_}).code, 0);
  const std::string id = Jobs()[0]["id"];
  EXPECT_THAT(Call({"results", id, "--flops"}).out, HasSubstr("GFLOP/s"));
  EXPECT_THAT(Call({"results", id}).out, HasSubstr("predicted crossings (measured): longformer/"));
  EXPECT_THAT(Call({"run", spec_, "--dry-run"}).out, HasSubstr("that were measured on it"));
}

TEST_F(CuspRunTest, SpeechIsReadAndToldInSeconds) {
  spec_ = temp_.Write("speech.yaml",
                      "baselines: [hubert]\ncandidates: [l_hubert]\npreset: tiny\n"
                      "lengths: {min: 0.5, max: 8}\ndevice: cpu\nthreads: 1\nbudget: 60s\n");
  script_ = temp_.Write("speech.json", R"({"variants": [{"a": 1e-3, "b": 0, "c": 4e-12},
                                                        {"a": 1e-3, "b": 1.6e-7, "c": 0}]})");
  const Ended run = Call({"run", spec_, "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto found = nlohmann::json::parse(run.out, nullptr, false);
  EXPECT_EQ(found["unit"], "seconds");
  const auto comparison = found["comparisons"][0];
  EXPECT_EQ(comparison["range"].dump(), "[0.5,8.0]");
  EXPECT_EQ(comparison["tokens_baseline"].dump(), "[24,399]");
  const double tipping = comparison["persistent"]["length"];
  EXPECT_NEAR(tipping, 2.5, 0.25);
  const std::string id = found["job"];
  EXPECT_THAT(Call({"results", id}).out, HasSubstr("cost at 0.5 (c / b)"));
  EXPECT_THAT(Call({"show", id, "--json"}).out, HasSubstr("\"min\": 0.5"));

  ASSERT_EQ(Call({"results", id, "--samples", temp_.Join("s.csv")}).code, 0);
  const Ended again = Call({"analyze", temp_.Join("s.csv"), "--baseline", "hubert", "--json"});
  ASSERT_EQ(again.code, 0) << again.err;
  const auto analyzed = nlohmann::json::parse(again.out, nullptr, false);
  EXPECT_EQ(analyzed["unit"], "seconds");
  EXPECT_EQ(analyzed["comparisons"][0]["range"], comparison["range"]);
  EXPECT_EQ(analyzed["comparisons"][0]["persistent"]["length"], tipping);
}

TEST_F(CuspRunTest, DecodingShowsStepsAndFirstTokens) {
  spec_ = temp_.Write("decode.yaml",
                      "baselines: [bert]\ncandidates: [linear_transformer]\npreset: tiny\n"
                      "modes: [decode]\nmetrics: [latency, peak_memory]\n"
                      "lengths: {min: 64, max: 2048}\ndevice: cpu\nthreads: 1\nbudget: 60s\n");
  const Ended run = Call({"run", spec_});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("decode, float32, on Fake CPU"));
  EXPECT_THAT(run.out, HasSubstr("crosses at"));
  EXPECT_THAT(run.out, HasSubstr("first token after 2,048 tokens: bert "));
}

TEST_F(CuspRunTest, WorkerThatDiesTwiceEndsTheRunAndTheJobCanBeContinued) {
  const std::string runner = runner_;
  runner_ = temp_.Join("no-runner");
  const Ended died = Call({"run", spec_});
  EXPECT_EQ(died.code, 9) << died.err;
  EXPECT_THAT(died.err, HasSubstr("no-runner"));
  runner_ = runner;
  const Ended continued = Call({"run", spec_});
  EXPECT_EQ(continued.code, 0) << continued.err;
  EXPECT_EQ(Jobs().size(), 1U);
}

TEST_F(CuspRunTest, TimeoutCancelsTheJob) {
  const Ended run = Call({"run", spec_, "--timeout", "1ms"});
  EXPECT_EQ(run.code, 124) << run.err;
  EXPECT_EQ(Jobs()[0]["state"], "CANCELLED");
}

TEST_F(CuspRunTest, CtrlCCancelsTheJobAndLeavesNothingRunning) {
  script_ = temp_.Write("slow.json", R"({"sleep_scale": 1000})");
  auto process = Start({"run", spec_}, "run");
  ASSERT_THAT(process, IsOk());
  WaitUntilRunning(*process);
  process->Kill(SIGINT);
  const Ended run = Finish(std::move(process), "run");
  EXPECT_EQ(run.code, 130) << run.err;
  EXPECT_THAT(run.out, HasSubstr("cancelled"));
  EXPECT_EQ(Jobs()[0]["state"], "CANCELLED");
}

TEST_F(CuspRunTest, KilledRunIsContinued) {
  script_ = temp_.Write("slow.json", R"({"sleep_scale": 1000})");
  auto process = Start({"run", spec_}, "run");
  ASSERT_THAT(process, IsOk());
  WaitUntilRunning(*process);
  process->Kill(SIGKILL);
  process->Wait(kPatience);
  script_.clear();
  const Ended run = Call({"run", spec_});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("continuing"));
  EXPECT_EQ(Jobs().size(), 1U);
}

}  // namespace
}  // namespace cusp
