#include "worker/runner/host_facts.h"

#include <gtest/gtest.h>

namespace cusp::runner {
namespace {

cpu_set_t Cpus(std::initializer_list<size_t> numbers) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  for (const size_t number : numbers) {
    CPU_SET(number, &cpus);
  }
  return cpus;
}

TEST(HostFactsTest, FindsTheProcessorsName) {
  EXPECT_EQ(ParseCpuModel("processor\t: 0\nmodel\t\t: 85\nmodel name\t: Fast CPU @ 2 GHz\nx: 1\n"),
            "Fast CPU @ 2 GHz");
}

TEST(HostFactsTest, FallsBackToTheArchitecture) {
  EXPECT_NE(ParseCpuModel("processor\t: 0\nCPU implementer\t: 0x41\n").find("processor"),
            std::string::npos);
  EXPECT_NE(ParseCpuModel("model name\t:").find("processor"), std::string::npos);
}

TEST(HostFactsTest, ListsCpusAsRanges) {
  EXPECT_EQ(CpuListText(Cpus({})), "");
  EXPECT_EQ(CpuListText(Cpus({3})), "3");
  EXPECT_EQ(CpuListText(Cpus({0, 1, 2, 5, 7, 8})), "0-2,5,7-8");
  EXPECT_EQ(CpuListText(Cpus({CPU_SETSIZE - 2, CPU_SETSIZE - 1})), "1022-1023");
}

TEST(HostFactsTest, DescribesThisHost) {
  EXPECT_FALSE(CpuModel().empty());
  EXPECT_FALSE(CpuListText(AllowedCpus()).empty());
  EXPECT_GT(HostMemoryBytes(), 1 << 24);
}

}  // namespace
}  // namespace cusp::runner
