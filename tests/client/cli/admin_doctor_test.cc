#include "client/cli/admin_doctor.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/client/cli/operations_fixture.h"

namespace cusp::client {
namespace {

class AdminDoctorTest : public OperationsCliTest {
 protected:
  void Find(v1::Finding::Level level) {
    v1::Finding finding;
    finding.set_check("disk");
    finding.set_level(level);
    finding.set_message("3 MiB are free");
    finding.set_remedy(level == v1::Finding::LEVEL_OK ? "" : "make room");
    fake_.operations.findings = {finding};
  }
};

TEST_F(AdminDoctorTest, OneLineForEachCheck) {
  Find(v1::Finding::LEVEL_OK);
  const CuspResult result = CallCusp({"admin", "doctor"});
  EXPECT_EQ(result.out, "ok       disk: 3 MiB are free\n");
  EXPECT_EQ(result.code, 0);
}

TEST_F(AdminDoctorTest, WarningsHaveARemedyAndNoFailureCode) {
  Find(v1::Finding::LEVEL_WARNING);
  const CuspResult result = CallCusp({"admin", "doctor"});
  EXPECT_EQ(result.out, "warning  disk: 3 MiB are free; make room\n");
  EXPECT_EQ(result.code, 0);
}

TEST_F(AdminDoctorTest, WhatFailsIsTheExitCode) {
  Find(v1::Finding::LEVEL_FAIL);
  EXPECT_EQ(CallCusp({"admin", "doctor"}).code, 1);
  const CuspResult result = CallCusp({"admin", "doctor", "--json"});
  EXPECT_EQ(result.code, 1);
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["findings"][0]["level"], "fail");
  EXPECT_EQ(json["findings"][0]["remedy"], "make room");
}

TEST_F(AdminDoctorTest, LevelOfANewerCoordinatorCountsAsFailure) {
  Find(static_cast<v1::Finding::Level>(9));
  EXPECT_EQ(CallCusp({"admin", "doctor"}).code, 1);
}

}  // namespace
}  // namespace cusp::client
