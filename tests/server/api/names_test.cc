#include "server/api/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

TEST(NamesTest, NamesSurviveTheRoundTrip) {
  EXPECT_THAT(ParseJobName(JobName("abc")), IsOkAndHolds("abc"));
  EXPECT_EQ(ParseSweepName(SweepNameOf("abc", 2))->number, 2);
  EXPECT_EQ(ParseAttemptName(AttemptNameOf("abc", 2, 7))->number, 7);
  EXPECT_THAT(ParseWorkerName(WorkerName("gpu-1.lab_a")), IsOkAndHolds("gpu-1.lab_a"));
}

TEST(NamesTest, OtherFormsAreRefused) {
  const std::string long_name = "jobs/" + std::string(100000, 'a');
  for (const std::string& name :
       {std::string(), std::string("jobs"), std::string("jobs/"), std::string("jobs/A"),
        std::string("jobs/a/b"), std::string("jobs/%"), long_name}) {
    EXPECT_THAT(ParseJobName(name), StatusIs(absl::StatusCode::kInvalidArgument)) << name.size();
  }
  EXPECT_FALSE(ParseSweepName("jobs/a/sweeps/0").ok());
  EXPECT_FALSE(ParseSweepName("jobs/a/sweeps/99999999999999").ok());
  EXPECT_FALSE(ParseAttemptName("jobs/a/sweeps/1/attempts/-1").ok());
  EXPECT_FALSE(ParseWorkerName("workers/a b").ok());
}

TEST(NamesTest, WorkerNamesHaveUpToAHundredCharacters) {
  EXPECT_THAT(ParseWorkerName("workers/" + std::string(100, 'w')), IsOk());
  EXPECT_FALSE(ParseWorkerName("workers/" + std::string(101, 'w')).ok());
  EXPECT_FALSE(ParseWorkerName("workers/").ok());
}

TEST(NamesTest, RefusalsNameTheFormAndShowOnlyTheBeginning) {
  const auto refused = ParseSweepName("jobs/a/" + std::string(100000, 's'));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("{id}/sweeps/{n}")));
  EXPECT_LT(refused.status().message().size(), 500U);
}

TEST(NamesTest, RequestIdsAreUuids) {
  EXPECT_THAT(CheckRequestId("6f1c2a52-52a3-4c0e-9a55-0d6a4e2f9a10"), IsOk());
  EXPECT_THAT(CheckRequestId(""), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("UUID")));
}

TEST(NamesTest, PageSizesAreBounded) {
  EXPECT_THAT(PageSize(0), IsOkAndHolds(100));
  EXPECT_THAT(PageSize(7), IsOkAndHolds(7));
  EXPECT_THAT(PageSize(5000), IsOkAndHolds(1000));
  EXPECT_THAT(PageSize(-1), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(NamesTest, PageTokensBelongToTheirList) {
  EXPECT_THAT(DecodePageToken('w', EncodePageToken('w', "name")), IsOkAndHolds("name"));
  EXPECT_THAT(DecodeNumericPageToken('b', EncodePageToken('b', "12")), IsOkAndHolds(12));
  const std::string any_bytes("\0\xff/\n", 4);
  EXPECT_THAT(DecodePageToken('w', EncodePageToken('w', any_bytes)), IsOkAndHolds(any_bytes));
  EXPECT_FALSE(DecodePageToken('j', EncodePageToken('w', "name")).ok());
  EXPECT_FALSE(DecodeNumericPageToken('w', EncodePageToken('w', "name")).ok());
  const auto pair = DecodePairPageToken('h', EncodePairPageToken('h', {7, 12}));
  ASSERT_THAT(pair, IsOk());
  EXPECT_EQ(pair->first, 7);
  EXPECT_EQ(pair->second, 12);
  for (const char* position : {"7", "7.", ".7", "7.0", "7.1.2", "x.1"}) {
    EXPECT_FALSE(DecodePairPageToken('h', EncodePageToken('h', position)).ok()) << position;
  }
  for (const char* token : {"z", "zz", "777"}) {
    EXPECT_FALSE(DecodePageToken('w', token).ok()) << token;
  }
}

}  // namespace
}  // namespace cusp::server
