#include "server/store/archives.h"

#include <gmock/gmock.h>

#include "server/store/blocks.h"
#include "server/store/provenances.h"
#include "server/store/sweeps.h"
#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

ArchivedJob SomeJob() {
  ArchivedJob archived;
  archived.job.public_id = "abc";
  archived.job.display_name = "elsewhere";
  archived.job.owner = "bob";
  archived.job.state = JobState::kSucceeded;
  archived.job.device = "cpu";
  archived.job.sweeps_total = 1;
  archived.job.create_time_us = 10;
  archived.job.start_time_us = 20;
  archived.job.end_time_us = 30;
  archived.job.spec = "spec";
  archived.baselines = {"a"};
  archived.candidates = {"b"};
  return archived;
}

ArchivedSweep SomeSweep() {
  ArchivedSweep archived;
  archived.sweep.number = 1;
  archived.sweep.mode = 1;
  archived.sweep.dtype = 2;
  archived.sweep.state = SweepState::kSucceeded;
  archived.sweep.attempt = 3;
  archived.sweep.generation = 2;
  archived.sweep.blocks_committed = 1;
  archived.sweep.last_block = 1;
  archived.sweep.worker = "far";
  archived.sweep.provenance.emplace();
  archived.sweep.provenance->device_class = "CPU";
  archived.sweep.provenance->conditions.start_time_us = 15;
  archived.end_time_us = 30;
  Cost& cost = archived.result.costs.emplace_back();
  cost.variant = "b";
  cost.length = 64;
  cost.outcome = kOutcomeOk;
  cost.median = 0.5;
  return archived;
}

class ArchivesTest : public DatabaseTest {};

TEST_F(ArchivesTest, JobIsStoredForItsImporterAndRemembersItsOwner) {
  Transaction tx = Tx();
  const auto id = InsertArchivedJob(tx, SomeJob(), "alice");
  ASSERT_THAT(id, IsOk());
  const auto job = LoadJob(*db_, *id, true);
  ASSERT_THAT(job, IsOk());
  EXPECT_EQ(job->owner, "alice");
  EXPECT_EQ(job->original_owner, "bob");
  EXPECT_EQ(job->state, JobState::kSucceeded);
  EXPECT_EQ(job->end_time_us, 30);
  EXPECT_EQ(job->spec, "spec");
  EXPECT_EQ(Count("audit WHERE action = 'job_imported'"), 1);
  EXPECT_THAT(FindJob(*db_, "abc"), IsOkAndHolds(*id));
  EXPECT_THAT(FindJob(*db_, "ab"), IsOkAndHolds(std::nullopt));  // no prefix
}

TEST_F(ArchivesTest, SweepComesWithProvenanceResultAndBlocks) {
  Transaction tx = Tx();
  const int64_t id = *InsertArchivedJob(tx, SomeJob(), "alice");
  const auto sweep = InsertArchivedSweep(tx, id, SomeSweep());
  ASSERT_THAT(sweep, IsOk());
  Block block;
  block.block = 1;
  block.length = 64;
  Sample& sample = block.samples.emplace_back();
  sample.variant = "b";
  sample.metric = 1;
  sample.outcome = kOutcomeOk;
  sample.value = 0.25;
  ASSERT_THAT(InsertArchivedBlock(tx, *sweep, *VariantNames(*db_, id), block, {3, 25}), IsOk());

  auto stored = LoadSweep(*db_, "abc", 1);
  ASSERT_THAT(stored, IsOk());
  EXPECT_EQ(stored->worker, "far");
  EXPECT_EQ(stored->attempt, 3);
  EXPECT_EQ(stored->blocks_committed, 1);
  EXPECT_EQ(stored->provenance->device_class, "CPU");
  EXPECT_THAT(LoadEndTime(*db_, *stored), IsOkAndHolds(30));
  EXPECT_EQ(LoadResult(*db_, *stored)->costs[0].median, 0.5);
  ASSERT_THAT(LoadConditions(*db_, *stored), IsOk());
  EXPECT_EQ(stored->provenance->conditions.start_time_us, 15);
  EXPECT_EQ(ListBlocks(*db_, *stored, 0, 10, 100)->blocks[0].samples[0].value, 0.25);
  EXPECT_EQ(LoadBlockOrigin(*db_, *stored, 1)->commit_time_us, 25);
  // Nobody can lease it, and no worker appeared.
  EXPECT_EQ(Count("sweeps WHERE state = 1"), 0);
  EXPECT_EQ(Count("workers"), 0);
}

TEST_F(ArchivesTest, OneIdIsOneJob) {
  Transaction tx = Tx();
  ASSERT_THAT(InsertArchivedJob(tx, SomeJob(), "alice"), IsOk());
  EXPECT_THAT(InsertArchivedJob(tx, SomeJob(), "carol"),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("abc")));
}

TEST_F(ArchivesTest, UnknownVariantsAreRefused) {
  Transaction tx = Tx();
  const int64_t id = *InsertArchivedJob(tx, SomeJob(), "alice");
  ArchivedSweep sweep = SomeSweep();
  sweep.result.costs[0].variant = "c";
  EXPECT_THAT(InsertArchivedSweep(tx, id, sweep),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"c\"")));
}

}  // namespace
}  // namespace cusp::server
