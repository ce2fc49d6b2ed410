#include "worker/daemon/machine_facts.h"

#include <gtest/gtest.h>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::worker {
namespace {

class MachineFactsTest : public ::testing::Test {
 protected:
  void Write(const std::string& folder, const std::string& file, const std::string& content) {
    ASSERT_THAT(MakeDirectories(temp_.Join(folder)), IsOk());
    ASSERT_THAT(WriteFileAtomically(temp_.Join(folder + "/" + file), content), IsOk());
  }
  void WritePolicy(const std::string& number, const std::string& governor, const std::string& low,
                   const std::string& high) {
    const std::string folder = "sys/devices/system/cpu/cpufreq/policy" + number;
    Write(folder, "scaling_governor", governor + "\n");
    Write(folder, "scaling_min_freq", low + "\n");
    Write(folder, "scaling_max_freq", high + "\n");
  }

  TempDir temp_;
};

TEST_F(MachineFactsTest, GovernorsAndFrequenciesAreThoseOfAllCpus) {
  WritePolicy("0", "powersave", "800000", "3500000");
  WritePolicy("4", "performance", "400000", "2800000");
  WritePolicy("8", "performance", "800000", "2800000");
  const MachineFacts facts = ReadMachineFacts(temp_.path());
  EXPECT_EQ(facts.cpu_governor, "performance,powersave");
  EXPECT_EQ(facts.cpu_min_mhz, 400);
  EXPECT_EQ(facts.cpu_max_mhz, 3500);
}

TEST_F(MachineFactsTest, CpuinfoTellsMicrocodeAndHypervisor) {
  Write("proc", "cpuinfo",
        "processor\t: 0\nmicrocode\t: 0x1000065\nflags\t\t: fpu hypervisor lm\n\n"
        "processor\t: 1\nmicrocode\t: 0x1\n");
  const MachineFacts facts = ReadMachineFacts(temp_.path());
  EXPECT_EQ(facts.microcode, "0x1000065");
  EXPECT_TRUE(facts.virtual_machine);
}

TEST_F(MachineFactsTest, OnlyTheWholeWordMeansAHypervisor) {
  Write("proc", "cpuinfo", "flags\t\t: fpu hypervisor_x lm\n");
  EXPECT_FALSE(ReadMachineFacts(temp_.path()).virtual_machine);
}

TEST_F(MachineFactsTest, SilentSystemLeavesFieldsEmpty) {
  const MachineFacts facts = ReadMachineFacts(temp_.path());
  EXPECT_EQ(facts.cpu_governor, "");
  EXPECT_EQ(facts.cpu_max_mhz, 0);
  EXPECT_EQ(facts.microcode, "");
  EXPECT_GE(facts.cpus, 1);
  EXPECT_EQ(facts.libc.rfind("glibc 2.", 0), 0U);
  EXPECT_FALSE(ReadMachineLoad(temp_.path()).average.has_value());
}

TEST_F(MachineFactsTest, LoadLeavesTheReaderOut) {
  Write("proc", "loadavg", "1.81 1.41 1.20 3/97 15881\n");
  const MachineLoad load = ReadMachineLoad(temp_.path());
  EXPECT_EQ(load.average, 1.81);
  EXPECT_EQ(load.runnable_threads, 2);
}

TEST_F(MachineFactsTest, BrokenLoadIsNone) {
  Write("proc", "loadavg", "1.81 none\n");
  EXPECT_FALSE(ReadMachineLoad(temp_.path()).average.has_value());
}

}  // namespace
}  // namespace cusp::worker
