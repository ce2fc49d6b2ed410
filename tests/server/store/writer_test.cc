#include "server/store/writer.h"

#include <gtest/gtest.h>

#include <future>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

TEST(WriterTest, WhatWaitsTogetherSharesOneTransactionInOrder) {
  FakeClock clock;
  auto db = Database::Open(":memory:", Database::Mode::kReadWrite);
  ASSERT_THAT(db, IsOk());
  std::promise<void> gate;
  std::vector<int> order;
  int groups = 0;
  {
    Writer writer(*std::move(db), clock, [&](const Changes&) { ++groups; });
    std::promise<void> started;
    writer.Submit(
        [&](Transaction&) {
          started.set_value();
          gate.get_future().wait();
          return absl::OkStatus();
        },
        [](const absl::Status&) {});
    started.get_future().wait();
    for (int i = 0; i < 5; ++i) {
      writer.Submit(
          [i](Transaction& tx) {
            tx.changes.jobs.insert(i);
            return absl::OkStatus();
          },
          [&order, i](const absl::Status&) { order.push_back(i); });
    }
    gate.set_value();
  }
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(groups, 1);
}

}  // namespace
}  // namespace cusp::server
