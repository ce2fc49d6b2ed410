#include "server/store/writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>
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

std::unique_ptr<Database> InMemory() {
  auto db = Database::Open(":memory:", Database::Mode::kReadWrite);
  EXPECT_THAT(db, IsOk());
  return *std::move(db);
}

TEST(WriterTest, ALoneMutationRunsOnItsCallersThread) {
  FakeClock clock;
  std::thread::id heard;
  Writer writer(InMemory(), clock, [&](const Changes&) { heard = std::this_thread::get_id(); });
  bool is_done = false;
  writer.RunOrSubmit(
      [](Transaction& tx) {
        tx.changes.jobs.insert(1);
        return tx.db.Execute("CREATE TABLE t (x INTEGER)");
      },
      [&](const absl::Status& status) { is_done = status.ok(); });
  EXPECT_TRUE(is_done);
  EXPECT_EQ(heard, std::this_thread::get_id());
}

TEST(WriterTest, WhileAnotherRunsALoneMutationWaitsItsTurn) {
  FakeClock clock;
  std::promise<void> started;
  std::promise<void> gate;
  std::promise<std::thread::id> ran;
  Writer writer(InMemory(), clock, [](const Changes&) {});
  writer.Submit(
      [&](Transaction&) {
        started.set_value();
        gate.get_future().wait();
        return absl::OkStatus();
      },
      [](const absl::Status&) {});
  started.get_future().wait();
  auto thread = ran.get_future();
  writer.RunOrSubmit([](Transaction&) { return absl::OkStatus(); },
                     [&](const absl::Status&) { ran.set_value(std::this_thread::get_id()); });
  EXPECT_EQ(thread.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  gate.set_value();
  EXPECT_NE(thread.get(), std::this_thread::get_id());
}

TEST(WriterTest, WhatALoneMutationBringsAboutRunsAfterIt) {
  FakeClock clock;
  std::vector<int> order;
  std::promise<void> second_done;
  Writer writer(InMemory(), clock, [](const Changes&) {});
  writer.RunOrSubmit([](Transaction&) { return absl::OkStatus(); },
                     [&](const absl::Status&) {
                       writer.RunOrSubmit([](Transaction&) { return absl::OkStatus(); },
                                          [&](const absl::Status&) {
                                            order.push_back(2);
                                            second_done.set_value();
                                          });
                       order.push_back(1);
                     });
  second_done.get_future().wait();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(WriterTest, MutationsOfManyThreadsExcludeOneAnother) {
  FakeClock clock;
  int running = 0;  // unguarded: TSan and the count tell of an overlap
  int most = 0;
  std::atomic<int> answered{0};
  {
    Writer writer(InMemory(), clock, [](const Changes&) {});
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (int k = 0; k < 100; ++k) {
          const Writer::Work work = [&](Transaction&) {
            most = std::max(most, ++running);
            --running;
            return absl::OkStatus();
          };
          const Writer::Done done = [&](const absl::Status&) { ++answered; };
          i % 2 == 0 ? writer.RunOrSubmit(work, done) : writer.Submit(work, done);
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }
  EXPECT_EQ(most, 1);
  EXPECT_EQ(answered, 400);
}

TEST(WriterTest, AStoppedWriterRefusesALoneMutation) {
  FakeClock clock;
  Writer writer(InMemory(), clock, [](const Changes&) {});
  writer.Stop();
  absl::Status answer;
  writer.RunOrSubmit([](Transaction&) { return absl::OkStatus(); },
                     [&](const absl::Status& status) { answer = status; });
  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace cusp::server
