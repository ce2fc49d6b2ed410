#include "client/cli/report.h"

#include <gtest/gtest.h>

#include "client/cli/exit_code.h"
#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

TEST(ReportTest, StrictMindsWhatHasNoVerdict) {
  v1::JobResult result = ExampleResult();
  EXPECT_EQ(StrictExitCode(result), kExitDone);
  result.add_comparisons();
  EXPECT_EQ(StrictExitCode(result), kExitUndecided);
}

}  // namespace
}  // namespace cusp::client
