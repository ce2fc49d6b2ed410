#include "worker/runner/memory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <vector>

namespace cusp::runner {
namespace {

constexpr int64_t kBlockBytes = 64 << 20;

TEST(MemoryProbeTest, SeesWhatWasUsedAndFreedAgain) {
  MemoryProbe probe{c10::Device(c10::kCPU)};
  ASSERT_TRUE(probe.TakeBaseline(/*exact=*/true).ok());
  { const std::vector<char> block(kBlockBytes, 1); }
  const auto memory = probe.Read();
  ASSERT_TRUE(memory.ok());
  // Pages that were free already when the baseline was taken serve a small part.
  EXPECT_GE(memory->peak_bytes(), kBlockBytes - kBlockBytes / 16);
  EXPECT_EQ(memory->host_peak_bytes() - memory->host_baseline_bytes(), memory->peak_bytes());
  EXPECT_EQ(memory->peak_reserved_bytes(), 0);
}

// A cost of nothing could not be compared with another.
TEST(MemoryProbeTest, UseWithinAPageCountsAsThePage) {
  MemoryProbe probe{c10::Device(c10::kCPU)};
  ASSERT_TRUE(probe.TakeBaseline(/*exact=*/true).ok());
  EXPECT_GE(probe.Read()->peak_bytes(), sysconf(_SC_PAGESIZE));
}

TEST(MemoryProbeTest, PeakBeforeTheBaselineDoesNotCount) {
  { const std::vector<char> block(kBlockBytes, 1); }
  MemoryProbe probe{c10::Device(c10::kCPU)};
  ASSERT_TRUE(probe.TakeBaseline(/*exact=*/true).ok());
  EXPECT_LT(probe.Read()->peak_bytes(), kBlockBytes / 4);
}

}  // namespace
}  // namespace cusp::runner
