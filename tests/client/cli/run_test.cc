// What `cusp run` does before it starts anything; tests/integration has the
// rest, with real processes.
#include "client/cli/run.h"

#include <gmock/gmock.h>

#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

using RunTest = CliTest;

TEST_F(RunTest, MissingJobFileIsBadUsage) {
  const CuspResult result = CallCusp({"run", temp_.Join("missing.yaml")});
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("missing.yaml"));
}

TEST_F(RunTest, ServerFlagIsRefused) {
  const std::string file = temp_.Write("job.yaml",
                                       "preset: tiny\nbaselines: [bert]\ncandidates: [longformer]\n"
                                       "lengths: {min: 64, max: 512}\n");
  const CuspResult result = CallCusp({"run", file, "--server", "gpu:7870"});
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("cusp submit"));
}

}  // namespace
}  // namespace cusp::client
