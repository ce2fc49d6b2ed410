#include "server/store/sql_memory.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>
#include <thread>

#include "server/store/sql_console.h"
#include "tests/support/fake_clock.h"

namespace cusp::server {
namespace {

class NoSink final : public SqlSink {
 public:
  absl::Status Columns(std::vector<std::string> /*names*/) override { return absl::OkStatus(); }
  absl::Status Row(std::vector<SqlValue> /*values*/) override { return absl::OkStatus(); }
  bool IsCancelled() override { return false; }
};

class SqlMemoryBudgetTest : public ::testing::Test {
 protected:
  bool CanAllocate(int bytes) {
    void* const memory = sqlite3_malloc(bytes);
    sqlite3_free(memory);
    return memory != nullptr;
  }

  FakeClock clock_;
  NoSink sink_;
  SqlWatch watch_{clock_, clock_.Now() + std::chrono::seconds(10), sink_};
};

TEST_F(SqlMemoryBudgetTest, GivesAsMuchAsIsLeft) {
  const SqlMemoryBudget budget(100'000, watch_);
  void* first = sqlite3_malloc(60'000);
  ASSERT_NE(first, nullptr);
  first = sqlite3_realloc(first, 80'000);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(sqlite3_realloc(first, 200'000), nullptr);
  EXPECT_TRUE(budget.is_spent());
  EXPECT_FALSE(CanAllocate(16));  // what was refused once is to end
  sqlite3_free(first);
}

TEST_F(SqlMemoryBudgetTest, WhatIsFreedIsGivenAgain) {
  const SqlMemoryBudget budget(100'000, watch_);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(CanAllocate(60'000));
  }
  EXPECT_FALSE(budget.is_spent());
}

TEST_F(SqlMemoryBudgetTest, NothingIsGivenAfterTheDeadline) {
  const SqlMemoryBudget budget(100'000, watch_);
  clock_.Advance(std::chrono::seconds(11));
  EXPECT_FALSE(CanAllocate(5'000));
  EXPECT_FALSE(CanAllocate(16));
  EXPECT_FALSE(budget.is_spent());
}

TEST_F(SqlMemoryBudgetTest, OtherThreadsAndLaterStatementsAreFree) {
  {
    const SqlMemoryBudget budget(1'000, watch_);
    EXPECT_FALSE(CanAllocate(5'000));
    std::thread other([this] { EXPECT_TRUE(CanAllocate(5'000)); });
    other.join();
  }
  EXPECT_TRUE(CanAllocate(5'000));
}

}  // namespace
}  // namespace cusp::server
