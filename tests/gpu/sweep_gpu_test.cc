// `cusp run` on a CUDA device with the real runner: every metric in every mode.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <set>
#include <string>

#include "common/file.h"
#include "common/subprocess.h"
#include "tests/gpu/gpu_runner.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp {
namespace {

constexpr size_t kMaxOutput = 8U << 20U;

class SweepGpuTest : public runner::GpuRunnerTest {
 protected:
  // What `cusp run --json` prints of this job.
  nlohmann::json Run(const std::string& spec) {
    // Its own runner would be a process of others on the device.
    runner_.process().Kill(SIGKILL);
    EXPECT_TRUE(runner_.process().Wait(std::chrono::seconds(30)).has_value());
    Subprocess::Options options;
    options.argv = {
        BinFolder() + "/cusp", "run", temp_.Write("job.yaml", spec), "--json", "--quiet", "--state",
        temp_.Join("state")};
    options.extra_env = {"HOME=" + temp_.path(), "XDG_CONFIG_HOME=" + temp_.path()};
    const int out = creat(temp_.Join("out").c_str(), 0600);
    options.stdout_fd = out;
    auto process = Subprocess::Spawn(options);
    close(out);
    EXPECT_THAT(process, IsOk());
    const auto status = process->Wait(std::chrono::minutes(20));
    EXPECT_TRUE(status.has_value() && status->code == 0);
    return nlohmann::json::parse(ReadFile(temp_.Join("out"), kMaxOutput).value_or(""), nullptr,
                                 false);
  }

  // Of the compared metrics.
  static std::set<std::string> Metrics(const nlohmann::json& result) {
    std::set<std::string> metrics;
    for (const nlohmann::json& comparison : result["comparisons"]) {
      metrics.insert(comparison["metric"]);
    }
    return metrics;
  }

  TempDir temp_;
};

TEST_F(SweepGpuTest, EveryMetricOfInferenceAndTraining) {
  const nlohmann::json result = Run(R"(name: gpu
preset: tiny
baselines: [bert]
candidates: [longformer]
modes: [inference, training]
metrics: [latency, latency_p90, throughput, peak_memory, energy, flops, components]
dtypes: [bfloat16]
lengths: {list: [512, 2048]}
device: cuda
budget: 5m
)");
  EXPECT_THAT(Metrics(result), ::testing::IsSupersetOf({"latency", "latency_p90", "throughput",
                                                        "peak_memory", "energy", "flops"}));
  ASSERT_FALSE(result["provenances"].empty());
  EXPECT_EQ(result["provenances"][0]["device"], "cuda:0");
  EXPECT_EQ(result["provenances"][0]["device_processes"], 0);
}

TEST_F(SweepGpuTest, DecodingWithItsPercentilesAndComponents) {
  const nlohmann::json result = Run(R"(name: gpu-decode
preset: tiny
baselines: [bert]
candidates: [linear_transformer]
modes: [decode]
metrics: [latency, latency_p90, components]
dtypes: [float16]
lengths: {list: [512, 2048]}
device: cuda
budget: 2m
)");
  EXPECT_THAT(Metrics(result), ::testing::IsSupersetOf({"latency", "latency_p90"}));
}

}  // namespace
}  // namespace cusp
