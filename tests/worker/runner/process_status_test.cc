#include "worker/runner/process_status.h"

#include <gtest/gtest.h>

namespace cusp::runner {
namespace {

constexpr char kText[] =
    "Name:\tVmHWM: 7 kB\nVmPeak:\t  900 kB\nVmHWM:\t     120 kB\nVmRSS:\t nonsense\nVmData:";

TEST(ProcessStatusTest, ReadsKilobytes) {
  EXPECT_EQ(ParseProcessStatus(kText, "VmHWM").value(), 120 * 1024);
  EXPECT_EQ(ParseProcessStatus(kText, "VmPeak").value(), 900 * 1024);
}

TEST(ProcessStatusTest, MissingOrMalformedFiguresAreNotFound) {
  EXPECT_EQ(ParseProcessStatus(kText, "VmSwap").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ParseProcessStatus(kText, "VmRSS").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ParseProcessStatus(kText, "VmData").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ParseProcessStatus("", "VmHWM").status().code(), absl::StatusCode::kNotFound);
}

TEST(ProcessStatusTest, ReadsThisProcess) {
  EXPECT_GT(ReadProcessStatus("VmHWM").value(), 1 << 20);
  EXPECT_GE(ReadDisturbances().involuntary_switches, 0);
  EXPECT_GT(ReadDisturbances().cpu_time_ns, 0);
}

TEST(ProcessStatusTest, WaitForACpuIsTheSecondNumber) {
  EXPECT_EQ(ParseCpuWait("122091 2872242 2\n"), 2872242);
  EXPECT_EQ(ParseCpuWait("122091"), 0);
  EXPECT_EQ(ParseCpuWait(""), 0);
}

}  // namespace
}  // namespace cusp::runner
