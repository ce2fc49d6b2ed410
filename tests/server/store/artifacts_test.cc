#include "server/store/artifacts.h"

#include <gmock/gmock.h>

#include "common/sha256.h"
#include "server/store/job_changes.h"
#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::UnorderedElementsAre;

class ArtifactsTest : public DatabaseTest {
 protected:
  // At the time `now_us`.
  Transaction At(int64_t now_us) { return {*db_, changes_, now_us}; }

  void Put(const std::string& sha256, int64_t now_us = 1000, std::vector<std::string> parts = {}) {
    Transaction tx = At(now_us);
    ASSERT_THAT(InsertArtifact(tx, "u", {sha256, 10, std::move(parts)}), IsOk());
  }

  std::vector<std::string> Collect(int64_t since_us) {
    Transaction tx = At(since_us);
    const auto removed = RemoveUnusedArtifacts(tx, since_us, 100);
    EXPECT_THAT(removed, IsOk());
    return removed.value_or(std::vector<std::string>{"failed"});
  }

  const std::string a_ = Sha256Hex("a");
  const std::string b_ = Sha256Hex("b");
};

TEST_F(ArtifactsTest, IsThereOnceItIsPut) {
  EXPECT_THAT(ArtifactSize(*db_, a_), IsOkAndHolds(Eq(std::nullopt)));
  Put(a_);
  EXPECT_THAT(ArtifactSize(*db_, a_), IsOkAndHolds(Optional(Eq(10))));
}

TEST_F(ArtifactsTest, SecondSenderPaysNothing) {
  Put(a_);
  Transaction tx = Tx();
  ASSERT_THAT(InsertArtifact(tx, "v", {a_, 10, {}}), IsOk());
  EXPECT_EQ(LoadAllowance(tx, "u")->used_bytes, 10);
  EXPECT_EQ(LoadAllowance(tx, "v")->used_bytes, 0);
  EXPECT_GT(LoadAllowance(tx, "v")->max_bytes, 0);
  EXPECT_EQ(Count("artifacts"), 1);
}

TEST_F(ArtifactsTest, UnknownPartsAreRefused) {
  Transaction tx = Tx();
  EXPECT_THAT(InsertArtifact(tx, "u", {a_, 10, {b_}}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ArtifactsTest, UnusedOnesGoByAge) {
  Put(a_, 1000);
  Put(b_, 2000);
  EXPECT_THAT(Collect(1000), IsEmpty());
  EXPECT_THAT(Collect(1001), ElementsAre(a_));
  EXPECT_THAT(Collect(5000), ElementsAre(b_));
  EXPECT_EQ(Count("artifacts"), 0);
}

TEST_F(ArtifactsTest, TouchingKeeps) {
  Put(b_, 1000);
  Put(a_, 1000, {b_});
  Transaction tx = At(3000);
  ASSERT_THAT(TouchArtifact(tx, a_), IsOk());
  EXPECT_THAT(Collect(2000), IsEmpty());
}

TEST_F(ArtifactsTest, PartsStayAsLongAsTheirWhole) {
  Put(b_, 1000);
  Put(a_, 2000, {b_});
  EXPECT_THAT(Collect(1500), IsEmpty());
  EXPECT_THAT(Collect(5000), ElementsAre(a_));
  EXPECT_THAT(Collect(5000), ElementsAre(b_));
}

TEST_F(ArtifactsTest, JobsKeepWhatTheyNeedUntilTheirEndIsOld) {
  Put(a_, 1000);
  const Job job = Insert("j");
  {
    Transaction tx = Tx();
    ASSERT_THAT(LinkArtifacts(tx, job.id, {a_, b_}), IsOk());  // b_ is not there
  }
  EXPECT_EQ(Count("job_artifacts"), 1);
  EXPECT_THAT(Collect(5000), IsEmpty());
  Transaction end = At(6000);
  ASSERT_THAT(CancelJob(end, job.id, {.user = "u"}), IsOk());
  EXPECT_THAT(Collect(6000), IsEmpty());
  EXPECT_THAT(Collect(6001), ElementsAre(a_));
  EXPECT_EQ(Count("job_artifacts"), 0);
}

TEST_F(ArtifactsTest, NoMoreThanTheLimitGoAtOnce) {
  Put(a_);
  Put(b_);
  Transaction tx = At(5000);
  EXPECT_EQ(RemoveUnusedArtifacts(tx, 5000, 1)->size(), 1U);
  EXPECT_EQ(Count("artifacts"), 1);
}

}  // namespace
}  // namespace cusp::server
