#include "worker/runner/device.h"

#include <ATen/Context.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp::runner {
namespace {

using ::testing::HasSubstr;

class UnknownDeviceTest : public ::testing::TestWithParam<const char*> {};

TEST_P(UnknownDeviceTest, IsNamedWithTheRemedy) {
  EXPECT_THAT(OpenDevice(GetParam()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("use cpu or cuda:N")));
}

INSTANTIATE_TEST_SUITE_P(Names, UnknownDeviceTest,
                         ::testing::Values("", "tpu", "cuda:", "cuda:x", "cuda:-1", "cuda:0x",
                                           "cuda:1000", "CPU"));

TEST(DeviceTest, AbsentCudaDeviceIsInvalidConfiguration) {
  EXPECT_THAT(OpenDevice("cuda:99"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cuda:99 is not available")));
}

TEST(DeviceTest, ImpossibleThreadsAreRefused) {
  EXPECT_THAT(WarmProcess(c10::Device(c10::kCPU), -1),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("threads: -1")));
  EXPECT_THAT(WarmProcess(c10::Device(c10::kCPU), 1 << 20),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(DeviceTest, DescribesTheCpu) {
  const auto device = OpenDevice("cpu");
  ASSERT_THAT(device, IsOk());
  ASSERT_THAT(WarmProcess(*device, 1), IsOk());
  const auto facts = DescribeProcess(*device);
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->device(), "cpu");
  EXPECT_EQ(facts->threads(), 1);
  EXPECT_THAT(facts->torch_version(), HasSubstr("2."));
  EXPECT_FALSE(facts->device_class().empty());
  EXPECT_FALSE(facts->cpu_capability().empty());
  EXPECT_FALSE(facts->build_id().empty());
  EXPECT_THAT(facts->number_settings(), HasSubstr("tf32_matmul=off tf32_cudnn=off"));
  EXPECT_THAT(facts->number_settings(), HasSubstr("cudnn_benchmark=off"));
  EXPECT_GT(facts->memory_bytes(), 0);
}

TEST(DeviceTest, NumberSettingsAreReadBackAndNotAssumed) {
  const c10::Device cpu(c10::kCPU);
  ASSERT_THAT(WarmProcess(cpu, 1), IsOk());
  at::globalContext().setBenchmarkCuDNN(true);
  at::globalContext().setAllowBF16ReductionCuBLAS(true);
  const auto changed = DescribeProcess(cpu);
  ASSERT_THAT(changed, IsOk());
  EXPECT_THAT(changed->number_settings(), HasSubstr("cudnn_benchmark=on"));
  EXPECT_THAT(changed->number_settings(), HasSubstr("bf16_reduction=on"));
  ASSERT_THAT(WarmProcess(cpu, 1), IsOk());
  EXPECT_THAT(DescribeProcess(cpu)->number_settings(), HasSubstr("bf16_reduction=off"));
}

}  // namespace
}  // namespace cusp::runner
