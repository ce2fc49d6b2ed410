#include "worker/daemon/worker_options.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/status_matchers.h"
#include "worker/daemon/weights_cache.h"

namespace cusp::worker {
namespace {

std::variant<WorkerOptions, int> Parse(std::vector<const char*> args) {
  args.insert(args.begin(), "cusp-worker");
  return ParseCommandLine(static_cast<int>(args.size()), args.data());
}

TEST(WorkerOptionsTest, DefaultsAreSensible) {
  const auto parsed = Parse({"--server", "unix:/s"});
  ASSERT_TRUE(std::holds_alternative<WorkerOptions>(parsed));
  const auto& options = std::get<WorkerOptions>(parsed);
  EXPECT_EQ(options.channel.server, "unix:/s");
  EXPECT_EQ(options.device, "auto");
  EXPECT_TRUE(options.runner.ends_with("/cusp-runner"));
  EXPECT_FALSE(options.once);
}

TEST(WorkerOptionsTest, WeightsAreKeptWhereAndAsLongAsToldSo) {
  const auto defaults = std::get<WorkerOptions>(Parse({"--server", "unix:/s"}));
  EXPECT_EQ(defaults.weights_cache, DefaultWeightsCache());
  EXPECT_EQ(defaults.weights_cache_size, "50G");
  const auto told = std::get<WorkerOptions>(
      Parse({"--server", "unix:/s", "--weights-cache", "/w", "--weights-cache-size", "1T"}));
  EXPECT_EQ(told.weights_cache, "/w");
  EXPECT_EQ(told.weights_cache_size, "1T");
}

TEST(WorkerOptionsTest, BadCommandLinesAreUsageErrors) {
  EXPECT_EQ(std::get<int>(Parse({})), 2);
  EXPECT_EQ(std::get<int>(Parse({"--server", "a:1", "--device", "tpu"})), 2);
  EXPECT_EQ(std::get<int>(Parse({"--server", "a:1", "--device", "cuda:x"})), 2);
  EXPECT_EQ(std::get<int>(Parse({"--server", "a:1", "--nonsense"})), 2);
  EXPECT_EQ(std::get<int>(Parse({"--version"})), 0);
}

TEST(WorkerOptionsTest, SelfTestNeedsNoCoordinator) {
  const auto parsed = Parse({"--self-test", "--json", "--threads", "2"});
  ASSERT_TRUE(std::holds_alternative<WorkerOptions>(parsed));
  EXPECT_TRUE(std::get<WorkerOptions>(parsed).self_test);
  EXPECT_EQ(std::get<WorkerOptions>(parsed).threads, 2);
  EXPECT_EQ(std::get<int>(Parse({"--server", "unix:/s", "--json"})), 2);
  EXPECT_EQ(std::get<int>(Parse({"--self-test", "--threads", "0"})), 2);
}

TEST(WorkerOptionsTest, SandboxIsAWord) {
  EXPECT_EQ(std::get<WorkerOptions>(Parse({"--server", "a:1"})).sandbox, "auto");
  EXPECT_EQ(std::get<WorkerOptions>(Parse({"--server", "a:1", "--sandbox", "on"})).sandbox, "on");
  EXPECT_EQ(std::get<int>(Parse({"--server", "a:1", "--sandbox", "maybe"})), 2);
}

TEST(WorkerOptionsTest, MemoryLimitsHaveUnits) {
  EXPECT_THAT(ParseMemoryLimit("80%", 1000), IsOkAndHolds(800));
  EXPECT_THAT(ParseMemoryLimit("2G", 1000), IsOkAndHolds(int64_t{2} << 30));
  EXPECT_THAT(ParseMemoryLimit("1.5K", 0), IsOkAndHolds(1536));
  EXPECT_THAT(ParseMemoryLimit("4096", 0), IsOkAndHolds(4096));
  for (const char* bad : {"", "much", "-1", "120%", "3X", "3GB", "1e300", "nan"}) {
    EXPECT_THAT(ParseMemoryLimit(bad, 1000), StatusIs(absl::StatusCode::kInvalidArgument)) << bad;
  }
}

TEST(WorkerOptionsTest, ContainersLimitCounts) {
  const char meminfo[] = "MemTotal: 9 kB\nMemAvailable:    4 kB\n";
  EXPECT_EQ(AvailableMemory(meminfo, "max\n"), 4096);
  EXPECT_EQ(AvailableMemory(meminfo, "1000\n"), 1000);
  EXPECT_EQ(AvailableMemory(meminfo, ""), 4096);
  EXPECT_EQ(AvailableMemory("", "1000"), 1000);
}

TEST(WorkerOptionsTest, NamesArePlainAndKeepTheDevice) {
  EXPECT_EQ(DefaultName("GPU.box", "cuda:0"), "gpu-box-cuda-0");
  EXPECT_TRUE(DefaultName(std::string(200, 'x'), "cuda:7").ends_with("-cuda-7"));
  EXPECT_LE(DefaultName(std::string(200, 'x'), "cuda:7").size(), 63U);
}

}  // namespace
}  // namespace cusp::worker
