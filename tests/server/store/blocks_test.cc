#include "server/store/blocks.h"

#include "server/store/provenances.h"
#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

class BlocksTest : public DatabaseTest {
 protected:
  BlocksTest() : job_(Insert("abc")), name_(LeaseTo("w")) {}

  static Block SomeBlock(int64_t number) {
    Block block{number, 64, 1, 0.0, {}};
    block.samples = {{"a", 1, 0.5, 1, 2, 0, ""}, {"b", 1, 0, 2, 0, 1, "no memory"}};
    return block;
  }
  static Provenance OnHost(const std::string& host) {
    Provenance provenance;
    provenance.device_class = "CPU";
    provenance.device = "cpu";
    provenance.host = host;
    return provenance;
  }
  absl::StatusOr<AppendOutcome> Append(const AttemptName& name, const std::string& host,
                                       const std::vector<Block>& blocks) {
    Transaction tx = Tx();
    return AppendBlocks(tx, name, OnHost(host), blocks);
  }
  BlockPage List(int64_t after, int limit, int max_samples) {
    auto page = ListBlocks(*db_, *LoadSweep(*db_, "abc", 1), after, limit, max_samples);
    EXPECT_THAT(page, IsOk());
    return *page;
  }

  Job job_;
  AttemptName name_;
};

TEST_F(BlocksTest, BlockIsStoredOnceHoweverOftenItComes) {
  ASSERT_THAT(Append(name_, "h", {SomeBlock(1), SomeBlock(2)}), IsOk());
  ASSERT_THAT(Append(name_, "h", {SomeBlock(2), SomeBlock(1), SomeBlock(3)}), IsOk());
  EXPECT_EQ(Count("blocks"), 3);
  EXPECT_EQ(Count("samples"), 6);
  EXPECT_EQ(LoadSweep(*db_, "abc", 1)->blocks_committed, 3);
}

TEST_F(BlocksTest, SamplesComeBackInTheirOrder) {
  ASSERT_THAT(Append(name_, "h", {SomeBlock(1)}), IsOk());
  const BlockPage page = List(0, 10, 100);
  ASSERT_EQ(page.blocks.size(), 1U);
  EXPECT_EQ(page.blocks[0].samples[0].variant, "a");
  EXPECT_EQ(page.blocks[0].samples[0].value, 0.5);
  EXPECT_EQ(page.blocks[0].samples[1].failure_message, "no memory");
  EXPECT_FALSE(page.more);
}

TEST_F(BlocksTest, WhatDisturbedABlockComesBack) {
  Block block = SomeBlock(1);
  block.others_share = 0.25;
  block.wait_share = 0.5;
  block.involuntary_switches = 7;
  block.major_faults = 2;
  block.allocator_retries = 3;
  block.device_clock_mhz = 1410;
  block.clock_limits = 0x24;
  block.device_others = 1;
  ASSERT_THAT(Append(name_, "h", {block}), IsOk());
  const Block stored = List(0, 10, 100).blocks.at(0);
  EXPECT_EQ(stored.others_share, 0.25);
  EXPECT_EQ(stored.wait_share, 0.5);
  EXPECT_EQ(stored.involuntary_switches, 7);
  EXPECT_EQ(stored.major_faults, 2);
  EXPECT_EQ(stored.allocator_retries, 3);
  EXPECT_EQ(stored.device_clock_mhz, 1410);
  EXPECT_EQ(stored.clock_limits, 0x24);
  EXPECT_EQ(stored.device_others, 1);
}

TEST_F(BlocksTest, PagesEndAfterTheirLimits) {
  ASSERT_THAT(Append(name_, "h", {SomeBlock(1), SomeBlock(2), SomeBlock(3)}), IsOk());
  EXPECT_EQ(List(0, 2, 100).blocks.size(), 2U);
  EXPECT_TRUE(List(0, 2, 100).more);
  EXPECT_EQ(List(0, 10, 1).blocks.size(), 1U);
  EXPECT_EQ(List(2, 10, 100).blocks[0].block, 3);
}

TEST_F(BlocksTest, FirstBlocksNeedAProvenance) {
  Transaction tx = Tx();
  EXPECT_THAT(AppendBlocks(tx, name_, std::nullopt, {SomeBlock(1)}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("provenance")));
}

TEST_F(BlocksTest, ConditionsAreThoseOfTheFirstBlocksAndStartNoGeneration) {
  Transaction tx = Tx();
  Provenance provenance = OnHost("h");
  provenance.conditions = {.start_time_us = 7,
                           .load_average = 0.5,
                           .runnable_threads = 2,
                           .device_processes = 1,
                           .variants = {{"b", "bb"}}};
  ASSERT_THAT(AppendBlocks(tx, name_, provenance, {SomeBlock(1)}), IsOk());
  ASSERT_THAT(ExpireAttempt(tx, {job_.sweeps[0].id, 1}), IsOk());
  const AttemptName second = LeaseTo("x");
  provenance.conditions.load_average = 8;
  EXPECT_THAT(AppendBlocks(tx, second, provenance, {SomeBlock(2)}),
              IsOkAndHolds(AppendOutcome::kStored));
  Sweep sweep = *LoadSweep(*db_, "abc", 1);
  EXPECT_EQ(sweep.generation, 1);
  EXPECT_EQ(sweep.blocks_committed, 2);
  ASSERT_THAT(LoadConditions(*db_, sweep), IsOk());
  const Conditions& conditions = sweep.provenance->conditions;
  EXPECT_EQ(conditions.start_time_us, 7);
  EXPECT_EQ(conditions.load_average, 0.5);
  EXPECT_EQ(conditions.runnable_threads, 2);
  EXPECT_EQ(conditions.device_processes, 1);
  ASSERT_EQ(conditions.variants.size(), 1U);
  EXPECT_EQ(conditions.variants[0].variant, "b");
  EXPECT_EQ(conditions.variants[0].config_sha256, "bb");
}

TEST_F(BlocksTest, ConditionsOfAnUnknownVariantAreRefused) {
  Transaction tx = Tx();
  Provenance provenance = OnHost("h");
  provenance.conditions.variants = {{"c", "cc"}};
  EXPECT_THAT(AppendBlocks(tx, name_, provenance, {SomeBlock(1)}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"c\"")));
}

TEST_F(BlocksTest, UnknownVariantIsRefused) {
  Block block = SomeBlock(1);
  block.samples[0].variant = "c";
  EXPECT_THAT(Append(name_, "h", {block}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"c\"")));
}

TEST_F(BlocksTest, WorkerElsewhereStartsAGeneration) {
  ASSERT_THAT(Append(name_, "h", {SomeBlock(1)}), IsOk());
  Transaction tx = Tx();
  ASSERT_THAT(ExpireAttempt(tx, {job_.sweeps[0].id, 1}), IsOk());
  const AttemptName other = LeaseTo("x", "elsewhere");
  EXPECT_EQ(LoadSweep(*db_, "abc", 1)->blocks_committed, 0);
  ASSERT_THAT(Append(other, "elsewhere", {SomeBlock(1)}), IsOk());
  EXPECT_EQ(LoadSweep(*db_, "abc", 1)->generation, 2);
  EXPECT_EQ(List(0, 10, 100).blocks.size(), 1U);
  EXPECT_EQ(Count("blocks"), 2);
}

TEST_F(BlocksTest, OtherSoftwareOnTheSameWorkerRestartsTheSweep) {
  ASSERT_THAT(Append(name_, "h", {SomeBlock(1)}), IsOk());
  Transaction tx = Tx();
  ASSERT_THAT(ExpireAttempt(tx, {job_.sweeps[0].id, 1}), IsOk());
  const AttemptName second = LeaseTo("x");
  Provenance upgraded = OnHost("h");
  upgraded.torch_version = "9";
  EXPECT_THAT(AppendBlocks(tx, second, upgraded, {SomeBlock(2)}),
              IsOkAndHolds(AppendOutcome::kRestarted));
  const auto sweep = LoadSweep(*db_, "abc", 1);
  EXPECT_EQ(sweep->state, SweepState::kQueued);
  EXPECT_EQ(sweep->generation, 2);
  EXPECT_EQ(Count("blocks"), 1);
  EXPECT_THAT(Append(second, "h", {SomeBlock(2)}), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace cusp::server
