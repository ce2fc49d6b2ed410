#include "client/cli/import.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/client/cli/operations_fixture.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

using ImportCommandTest = OperationsCliTest;

TEST_F(ImportCommandTest, SaysWhetherTheJobIsNew) {
  const std::string path = temp_.Write("job.cusp", "bytes");
  EXPECT_EQ(CallCusp({"import", path}).out, "job k3f9 imported\n");
  EXPECT_EQ(fake_.archives.taken, "bytes");
  fake_.archives.already_present = true;
  EXPECT_THAT(CallCusp({"import", path}).out, HasSubstr("is here already"));
  const auto json = nlohmann::json::parse(CallCusp({"import", path, "--json"}).out);
  EXPECT_EQ(json["already_present"], true);
  EXPECT_EQ(CallCusp({"import", path, "--quiet"}).out, "");
}

TEST_F(ImportCommandTest, BadFilesAreBadUsage) {
  EXPECT_EQ(CallCusp({"import", temp_.Join("none")}).code, kExitUsage);
  fake_.archives.status = {grpc::StatusCode::INVALID_ARGUMENT, "record 1 (byte 8): no"};
  const CuspResult result = CallCusp({"import", temp_.Write("x.cusp", "x")});
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("x.cusp: record 1"));
  fake_.archives.status = {grpc::StatusCode::ALREADY_EXISTS, "another content"};
  EXPECT_EQ(CallCusp({"import", temp_.Join("x.cusp")}).code, kExitUsage);
}

}  // namespace
}  // namespace cusp::client
