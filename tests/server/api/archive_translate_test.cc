#include "server/api/archive_translate.h"

#include <gmock/gmock.h>

#include "tests/server/api/archive_example.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ArchiveTranslateTest, JobHasVariantsTimesAndSpec) {
  const auto records = ExampleRecords();
  const auto archived = ArchivedJobOf(records[0].job());
  ASSERT_THAT(archived, IsOk());
  EXPECT_EQ(archived->job.public_id, "k3f9");
  EXPECT_EQ(archived->job.owner, "bob");
  EXPECT_EQ(archived->job.end_time_us, 1'002'000'000);
  EXPECT_EQ(archived->job.device, "cpu");
  EXPECT_THAT(archived->baselines, ElementsAre("a"));
  EXPECT_THAT(archived->candidates, ElementsAre("b"));
  EXPECT_EQ(archived->job.spec, records[0].job().job().spec().SerializeAsString());
}

TEST(ArchiveTranslateTest, SweepHasItsWorkerAndResult) {
  const auto records = ExampleRecords();
  const auto job = *ArchivedJobOf(records[0].job());
  const auto archived = ArchivedSweepOf(records[1].sweep(), job, records[0].job().job().spec(), 1);
  ASSERT_THAT(archived, IsOk());
  EXPECT_EQ(archived->sweep.worker, "far");
  EXPECT_EQ(archived->sweep.blocks_committed, 2);
  EXPECT_EQ(archived->sweep.provenance->device_class, "CPU");
  EXPECT_EQ(archived->result.costs.size(), 1U);
}

// More lies are told in archive_import_test.cc.
TEST(ArchiveTranslateTest, FaultsAreNamed) {
  auto records = ExampleRecords();
  records[0].mutable_job()->mutable_job()->clear_end_time();
  EXPECT_THAT(ArchivedJobOf(records[0].job()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("has no end")));
}

}  // namespace
}  // namespace cusp::server
