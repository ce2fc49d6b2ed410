#include "client/cli/report.h"

#include <gtest/gtest.h>

#include "client/cli/exit_code.h"
#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

TEST(ReportTest, StrictMindsWhatHasNoVerdict) {
  v1::JobResult result = ExampleResult();
  EXPECT_EQ(StrictExitCode(result), kExitDone);
  v1::Comparison& undecided = *result.add_comparisons();
  undecided.set_metric(v1::METRIC_FORWARD);
  EXPECT_EQ(StrictExitCode(result), kExitDone);  // recorded beside, and asked for by nobody
  undecided.set_metric(v1::METRIC_LATENCY);
  EXPECT_EQ(StrictExitCode(result), kExitUndecided);
}

}  // namespace
}  // namespace cusp::client
