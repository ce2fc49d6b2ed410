#include "server/store/provenances.h"

#include "common/sha256.h"
#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ProvenancesTest = DatabaseTest;

TEST_F(ProvenancesTest, EqualOnesAreStoredOnceAndOthersApart) {
  Transaction tx = Tx();
  Provenance one;
  one.host = "ab";
  one.kernel = "c";
  Provenance other;
  other.host = "a";
  other.kernel = "bc";
  const auto id = EnsureProvenance(tx, one);
  EXPECT_THAT(EnsureProvenance(tx, one), IsOkAndHolds(*id));
  EXPECT_NE(*EnsureProvenance(tx, other), *id);
  EXPECT_EQ(LoadProvenance(*db_, *id)->kernel, "c");
  EXPECT_THAT(LoadProvenance(*db_, 99), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ProvenancesTest, WhateverTheMachineSaysOfItselfTellsApart) {
  Transaction tx = Tx();
  ASSERT_THAT(EnsureProvenance(tx, Provenance()), IsOk());
  int64_t count = 1;
  const auto expect_new = [&](const auto& change) {
    Provenance other;
    change(other);
    EXPECT_THAT(EnsureProvenance(tx, other), IsOk());
    EXPECT_EQ(Count("provenances"), ++count);
  };
  expect_new([](Provenance& p) { p.number_settings = "tf32=on"; });
  expect_new([](Provenance& p) { p.memory_bytes = 1; });
  expect_new([](Provenance& p) { p.cpu_governor = "x"; });
  expect_new([](Provenance& p) { p.cpu_min_mhz = 1; });
  expect_new([](Provenance& p) { p.cpu_max_mhz = 1; });
  expect_new([](Provenance& p) { p.cpus = 1; });
  expect_new([](Provenance& p) { p.libc = "x"; });
  expect_new([](Provenance& p) { p.microcode = "x"; });
  expect_new([](Provenance& p) { p.virtual_machine = true; });
  expect_new([](Provenance& p) { p.device_clock_mhz = 1; });
  expect_new([](Provenance& p) { p.device_memory_clock_mhz = 1; });
}

TEST_F(ProvenancesTest, IdIsTheBeginningOfTheHash) {
  Transaction tx = Tx();
  const auto id = EnsureProvenance(tx, Provenance());
  EXPECT_EQ(LoadProvenance(*db_, *id)->id, Sha256Hex("0:0:0:0:0:0:0:0:0:0:0:0").substr(0, 8));
}

TEST_F(ProvenancesTest, ConditionsTellNothingApart) {
  Transaction tx = Tx();
  Provenance busy;
  busy.conditions.load_average = 9;
  busy.conditions.start_time_us = 5;
  const auto id = EnsureProvenance(tx, Provenance());
  EXPECT_THAT(EnsureProvenance(tx, busy), IsOkAndHolds(*id));
}

}  // namespace
}  // namespace cusp::server
