#include "client/cli/admin_user.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AdminUserTest : public CliTest {
 protected:
  AdminUserTest() {
    coordinator_.admin.list_users = [](const auto&, auto& response) {
      v1::User* user = response.add_users();
      user->set_name("ann");
      user->set_share_weight(1.5);
      user->set_max_queued(200000);
      user->set_artifact_bytes(int64_t{3} << 29U);
      user->set_max_artifact_bytes(int64_t{200} << 30U);
      return grpc::Status::OK;
    };
    coordinator_.admin.update_user = [this](const auto& request, auto& response) {
      request_ = request;
      *response.mutable_user() = request.user();
      return grpc::Status::OK;
    };
  }

  v1::UpdateUserRequest request_;
};

TEST_F(AdminUserTest, ListShowsSharesAndCaps) {
  EXPECT_THAT(
      CallCusp({"admin", "user", "list"}).out,
      HasSubstr("ann   -           1.5     200,000         none   1.50 GiB        200 GiB"));
  const auto json = nlohmann::json::parse(CallCusp({"admin", "user", "list", "--json"}).out);
  EXPECT_EQ(json["users"][0]["max_queued"], 200000);
}

TEST_F(AdminUserTest, SetSendsWhatWasGivenAndNothingElse) {
  EXPECT_EQ(CallCusp({"admin", "user", "set", "ann", "--max-running", "0"}).code, 0);
  EXPECT_EQ(request_.user().name(), "ann");
  EXPECT_THAT(request_.update_mask().paths(), ElementsAre("max_running"));
  EXPECT_EQ(CallCusp({"admin", "user", "set", "ann", "--weight", "2.5", "--max-queued", "9"}).code,
            0);
  EXPECT_THAT(request_.update_mask().paths(),
              testing::UnorderedElementsAre("share_weight", "max_queued"));
  EXPECT_EQ(request_.user().share_weight(), 2.5);
  EXPECT_EQ(request_.user().max_queued(), 9);
}

TEST_F(AdminUserTest, SizesHaveUnits) {
  const auto size_of = [this](const std::string& text) {
    EXPECT_EQ(CallCusp({"admin", "user", "set", "ann", "--max-artifacts", text}).code, 0) << text;
    EXPECT_THAT(request_.update_mask().paths(), ElementsAre("max_artifact_bytes"));
    return request_.user().max_artifact_bytes();
  };
  EXPECT_EQ(size_of("500GiB"), int64_t{500} << 30U);
  EXPECT_EQ(size_of("2GB"), 2'000'000'000);
  EXPECT_EQ(size_of("0"), 0);
  const CuspResult result = CallCusp({"admin", "user", "set", "ann", "--max-artifacts", "5 acres"});
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("--max-artifacts"));
}

TEST_F(AdminUserTest, SetNeedsSomethingToSet) {
  const CuspResult result = CallCusp({"admin", "user", "set", "ann"});
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("--max-running"));
}

}  // namespace
}  // namespace cusp::client
