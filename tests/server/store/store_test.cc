#include "server/store/store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

#include "server/store/requests.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

class StoreTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Store>> Open() {
    auto folder = DataFolder::Open(dir_.path());
    if (!folder.ok()) {
      return folder.status();
    }
    return Store::Open(*std::move(folder), clock_);
  }

  static absl::StatusOr<int64_t> CountUsers(Store& store) {
    return store.Read<int64_t>([](Database& db) -> absl::StatusOr<int64_t> {
      Query query(db, "SELECT count(*) FROM users");
      return query.Next() ? absl::StatusOr<int64_t>(query.Int(0)) : query.status();
    });
  }

  TempDir dir_;
  FakeClock clock_;
};

TEST_F(StoreTest, AcknowledgedWriteIsThereAfterReopening) {
  {
    auto store = Open();
    ASSERT_THAT(store, IsOk());
    ASSERT_THAT(
        (*store)->WriteAndWait([](Transaction& tx) { return EnsureUser(tx, "u").status(); }),
        IsOk());
  }
  auto store = Open();
  ASSERT_THAT(store, IsOk());
  EXPECT_THAT(CountUsers(**store), IsOkAndHolds(1));
}

TEST_F(StoreTest, FailedMutationOfAGroupTakesNoOtherWithIt) {
  auto store = Open();
  ASSERT_THAT(store, IsOk());
  std::vector<std::future<bool>> answers;
  for (int i = 0; i < 40; ++i) {
    auto promise = std::make_shared<std::promise<bool>>();
    answers.push_back(promise->get_future());
    (*store)->Write<int64_t>(
        [i](Transaction& tx) -> absl::StatusOr<int64_t> {
          const auto id = EnsureUser(tx, "u" + std::to_string(i));
          return i % 2 == 0 ? id : absl::InvalidArgumentError("odd");
        },
        [promise](const absl::StatusOr<int64_t>& id) { promise->set_value(id.ok()); });
  }
  int committed = 0;
  for (auto& answer : answers) {
    committed += answer.get() ? 1 : 0;
  }
  EXPECT_EQ(committed, 20);
  EXPECT_THAT(CountUsers(**store), IsOkAndHolds(20));
}

TEST_F(StoreTest, ListenerHearsOnlyOfWhatWasCommitted) {
  auto store = Open();
  ASSERT_THAT(store, IsOk());
  std::atomic<int> heard{0};
  (*store)->SetListener(
      [&](const Changes& changes) { heard += static_cast<int>(changes.jobs.size()); });
  (void)(*store)->WriteAndWait([](Transaction& tx) {
    tx.changes.jobs.insert(1);
    return absl::InternalError("no");
  });
  (void)(*store)->WriteAndWait([](Transaction& tx) {
    tx.changes.jobs.insert(2);
    return absl::OkStatus();
  });
  (*store)->Stop();
  EXPECT_EQ(heard, 1);
}

TEST_F(StoreTest, StoppedStoreRefusesWrites) {
  auto store = Open();
  ASSERT_THAT(store, IsOk());
  (*store)->Stop();
  EXPECT_THAT((*store)->WriteAndWait([](Transaction&) { return absl::OkStatus(); }),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(StoreTest, FullDiskAcknowledgesNothingAndTheStoreLives) {
  auto store = Open();
  ASSERT_THAT(store, IsOk());
  ASSERT_THAT((*store)->WriteAndWait([](Transaction& tx) {
    // Allowed inside a transaction; the number of pages is the disk.
    return tx.db.Execute("PRAGMA max_page_count = 45");
  }),
              IsOk());
  const std::string large(4 << 20, 'x');
  EXPECT_THAT(
      (*store)->WriteAndWait([&](Transaction& tx) { return EnsureUser(tx, large).status(); }),
      StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(
      (*store)->WriteAndWait([](Transaction& tx) { return EnsureUser(tx, "small").status(); }),
      IsOk());
  EXPECT_THAT(CountUsers(**store), IsOkAndHolds(1));
}

TEST_F(StoreTest, DamagedDatabaseIsRefused) {
  dir_.Write("cusp.db", std::string(8192, 'x'));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("cusp.db")));
  EXPECT_THAT(Open().status().message(), HasSubstr("put a backup in its place"));
}

}  // namespace
}  // namespace cusp::server
