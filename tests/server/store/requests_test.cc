#include "server/store/requests.h"

#include "common/sha256.h"
#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ::testing::Eq;
using ::testing::Optional;

class RequestsTest : public DatabaseTest {
 protected:
  RequestKey key_{"u", "0b8f7a60-3c1e-4b5e-9d0a-111111111111", Sha256Hex("payload")};
};

TEST_F(RequestsTest, AnswerIsKeptForTheSameUserAndPayload) {
  Transaction tx = Tx();
  EXPECT_THAT(FindAnswer(tx, key_), IsOkAndHolds(Eq(std::nullopt)));
  ASSERT_THAT(RecordAnswer(tx, key_, "answer"), IsOk());
  EXPECT_THAT(FindAnswer(tx, key_), IsOkAndHolds(Optional(Eq("answer"))));
  RequestKey upper = key_;
  upper.request_id[0] = '0';
  upper.request_id[1] = 'B';
  EXPECT_THAT(FindAnswer(tx, upper), IsOkAndHolds(Optional(Eq("answer"))));
  RequestKey stranger = key_;
  stranger.user = "v";
  EXPECT_THAT(FindAnswer(tx, stranger), IsOkAndHolds(Eq(std::nullopt)));
}

TEST_F(RequestsTest, OtherPayloadIsRefused) {
  Transaction tx = Tx();
  ASSERT_THAT(RecordAnswer(tx, key_, "answer"), IsOk());
  key_.payload_sha256 = Sha256Hex("other");
  EXPECT_THAT(FindAnswer(tx, key_), StatusIs(absl::StatusCode::kAlreadyExists));
}

}  // namespace
}  // namespace cusp::server
