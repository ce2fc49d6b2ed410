#include "server/store/pruning.h"

#include <gmock/gmock.h>

#include "server/store/blocks.h"
#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

class PruningTest : public DatabaseTest {
 protected:
  // A job that ended at `end_time_us` with two blocks of two samples.
  void Finished(const std::string& public_id, int64_t end_time_us) {
    Insert(public_id);
    const AttemptName name = LeaseTo("w");
    Provenance provenance;
    provenance.device_class = "CPU";
    provenance.device = "cpu";
    provenance.host = "h";
    std::vector<Block> blocks(2);
    for (size_t i = 0; i < blocks.size(); ++i) {
      blocks[i].block = static_cast<int64_t>(i) + 1;
      blocks[i].length = 64;
      for (const char* variant : {"a", "b"}) {
        Sample& sample = blocks[i].samples.emplace_back();
        sample.variant = variant;
        sample.metric = 1;
        sample.value = 0.5;
        sample.outcome = kOutcomeOk;
      }
    }
    Transaction tx = Tx();
    ASSERT_THAT(AppendBlocks(tx, name, provenance, blocks), IsOk());
    SweepResult result;
    Cost& cost = result.costs.emplace_back();
    cost.variant = "a";
    cost.metric = 1;
    cost.length = 64;
    cost.outcome = kOutcomeOk;
    tx.now_us = end_time_us;
    ASSERT_THAT(FinishAttempt(tx, name, AttemptEnd::kSucceeded, result, std::nullopt), IsOk());
  }
};

TEST_F(PruningTest, DropsSamplesAndBlocksOfTheOldestAndKeepsTheRest) {
  Finished("old", 1'000);
  Finished("older", 500);
  Transaction tx = Tx();
  const auto counts = PruneOldestJob(tx, 5'000, "alice");
  ASSERT_THAT(counts, IsOk());
  EXPECT_EQ(counts->jobs, 1);
  EXPECT_EQ(counts->blocks, 2);
  EXPECT_EQ(counts->samples, 4);
  EXPECT_EQ(Count("samples"), 4);
  EXPECT_EQ(Count("costs"), 2);
  EXPECT_EQ(Count("provenances"), 1);
  const auto job = LoadJob(*db_, *ResolveJob(*db_, "older"), false);
  ASSERT_THAT(job, IsOk());
  EXPECT_EQ(job->samples_pruned_us, tx.now_us);
  EXPECT_EQ(job->sweeps[0].blocks_committed, 2);  // how much was measured stays known
  EXPECT_EQ(LoadJob(*db_, *ResolveJob(*db_, "old"), false)->samples_pruned_us, std::nullopt);
  EXPECT_EQ(Count("audit WHERE action = 'samples_pruned' AND actor = 'alice'"), 1);
}

TEST_F(PruningTest, NothingIsDroppedTwiceOrTooEarly) {
  Finished("old", 1'000);
  Insert("waits");
  Transaction tx = Tx();
  EXPECT_EQ(PruneOldestJob(tx, 1'000, "a")->jobs, 0);  // not before its end
  EXPECT_EQ(PruneOldestJob(tx, 1'001, "a")->jobs, 1);
  EXPECT_EQ(PruneOldestJob(tx, INT64_MAX, "a")->jobs, 0);
}

TEST_F(PruningTest, CountingChangesNothing) {
  Finished("old", 1'000);
  Finished("new", 9'000);
  const auto counts = CountPrunable(*db_, 5'000);
  ASSERT_THAT(counts, IsOk());
  EXPECT_EQ(counts->jobs, 1);
  EXPECT_EQ(counts->blocks, 2);
  EXPECT_EQ(counts->samples, 4);
  EXPECT_EQ(Count("samples"), 8);
  EXPECT_EQ(CountPrunable(*db_, 0)->samples, 0);
}

}  // namespace
}  // namespace cusp::server
