#include "client/cli/show.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "client/lib/job_file.h"
#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using ShowTest = CliTest;

TEST_F(ShowTest, PrintsTheJob) {
  const CuspResult result = CallCusp({"show", "k3f9"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, testing::HasSubstr("state      succeeded"));
}

TEST_F(ShowTest, JsonHasSweeps) {
  const auto json = nlohmann::json::parse(CallCusp({"show", "k3f9x2a1bc", "--json"}).out);
  EXPECT_EQ(json["sweeps"][0]["dtype"], "float32");
}

TEST_F(ShowTest, ProvenanceComesWhenAskedFor) {
  job_.mutable_sweeps(0)->mutable_provenance()->set_id("0a1b2c3d");
  EXPECT_THAT(CallCusp({"show", "k3f9"}).out, testing::Not(testing::HasSubstr("0a1b2c3d")));
  EXPECT_THAT(CallCusp({"show", "k3f9", "--provenance"}).out,
              testing::HasSubstr("provenance  0a1b2c3d"));
  const auto json = nlohmann::json::parse(CallCusp({"show", "k3f9", "--provenance", "--json"}).out);
  EXPECT_EQ(json["sweeps"][0]["provenance"]["id"], "0a1b2c3d");
}

TEST_F(ShowTest, SpecIsAJobFile) {
  job_ = SpeechJob();
  const CuspResult yaml = CallCusp({"show", "k3f9", "--spec"});
  EXPECT_EQ(yaml.code, 0);
  const std::string json = CallCusp({"show", "k3f9", "--spec", "--json"}).out;
  for (const std::string& text : {yaml.out, json}) {
    const auto spec = ParseJobFile(text, "x.yaml", "");
    ASSERT_TRUE(spec.ok()) << spec.status();
    EXPECT_EQ(spec->DebugString(), job_.spec().DebugString());
  }
}

TEST_F(ShowTest, SpecAndProvenanceExcludeEachOther) {
  EXPECT_EQ(CallCusp({"show", "k3f9", "--spec", "--provenance"}).code, kExitUsage);
}

TEST_F(ShowTest, UnknownJobHasItsExitCode) {
  EXPECT_EQ(CallCusp({"show", "zzz"}).code, kExitNotFound);
}

}  // namespace
}  // namespace cusp::client
