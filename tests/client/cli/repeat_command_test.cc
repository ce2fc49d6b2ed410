#include "client/cli/repeat_command.h"

#include <gtest/gtest.h>

#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

TEST(RepeatCommandTest, PrivateJobIsRunAgain) {
  EXPECT_EQ(RepeatCommand(ExampleJob(), {}, true),
            "cusp show k3f9x2a1bc --spec > text-encoders-k3f9x2a1bc.yaml && "
            "cusp run text-encoders-k3f9x2a1bc.yaml");
}

TEST(RepeatCommandTest, JobOfAServerIsSubmittedAgainWithItsFlags) {
  Invocation invocation;
  invocation.server = "gpu.lab:7000";
  invocation.token_file = "my token";
  EXPECT_EQ(RepeatCommand(ExampleJob(), invocation, false),
            "cusp show k3f9x2a1bc --spec --server gpu.lab:7000 --token-file 'my token' > "
            "text-encoders-k3f9x2a1bc.yaml && cusp submit --wait text-encoders-k3f9x2a1bc.yaml "
            "--server gpu.lab:7000 --token-file 'my token'");
}

TEST(RepeatCommandTest, NamesThatMeanSomethingToAShellAreNoFileNames) {
  for (const char* name : {"a; rm -rf x", "../up", "-flag", ".hidden", "$(x)", "it's", ""}) {
    v1::Job job = ExampleJob();
    job.set_display_name(name);
    EXPECT_EQ(RepeatCommand(job, {}, true),
              "cusp show k3f9x2a1bc --spec > k3f9x2a1bc.yaml && cusp run k3f9x2a1bc.yaml")
        << name;
  }
}

TEST(RepeatCommandTest, QuotesInsideFlagsAreKept) {
  Invocation invocation;
  invocation.state = "it's";
  EXPECT_NE(RepeatCommand(ExampleJob(), invocation, true).find(R"(--state 'it'\''s')"),
            std::string::npos);
}

TEST(RepeatCommandTest, TableNamesEachVersionOnce) {
  v1::JobResult result;
  for (int i = 0; i < 2; ++i) {
    v1::Provenance* provenance = result.add_provenances();
    provenance->set_cusp_version("0.1.0");
    provenance->set_torch_version("2.11.0");
  }
  EXPECT_EQ(RenderRepeat("cusp run x.yaml", result),
            "\nrepeat: cusp run x.yaml\n        measured with Cusp 0.1.0, LibTorch 2.11.0\n");
}

}  // namespace
}  // namespace cusp::client
