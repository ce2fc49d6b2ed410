#include "server/api/retention.h"

#include "server/api/archive_import.h"
#include "tests/server/api/archive_example.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class RetentionTest : public ::testing::Test {
 protected:
  RetentionTest() {
    auto folder = DataFolder::Open(dir_.Join("data"));
    EXPECT_THAT(folder, IsOk());
    store_ = *Store::Open(*std::move(folder), clock_);
    for (const char* id : {"a1", "a2"}) {  // they ended in 1970
      auto records = ExampleRecords();
      records[0].mutable_job()->mutable_job()->set_name(std::string("jobs/") + id);
      records[1].mutable_sweep()->mutable_sweep()->set_name(std::string("jobs/") + id +
                                                            "/sweeps/1");
      const std::string bytes = ArchiveOf(records);
      EXPECT_THAT(store_->WriteAndWait([&](Transaction& tx) {
        ArchiveReader reader(SourceOf(bytes));
        return StoreArchive(tx, reader, "u").status();
      }),
                  IsOk());
    }
  }

  // After everything that was submitted before.
  int64_t Samples() {
    EXPECT_THAT(store_->WriteAndWait([](Transaction&) { return absl::OkStatus(); }), IsOk());
    return *store_->Read<int64_t>([](Database& db) -> absl::StatusOr<int64_t> {
      Query query(db, "SELECT count(*) FROM samples");
      return query.Next() ? query.Int(0) : -1;
    });
  }

  TempDir dir_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
};

TEST_F(RetentionTest, PolicyDropsOneJobASecond) {
  Retention retention(*store_, clock_, hours(24));
  retention.Tick();
  EXPECT_EQ(Samples(), 2);
  retention.Tick();  // not at once
  EXPECT_EQ(Samples(), 2);
  clock_.Advance(seconds(1));
  retention.Tick();
  EXPECT_EQ(Samples(), 0);
}

TEST_F(RetentionTest, WithNothingToDropItLooksAgainTenMinutesLater) {
  // The jobs are not old enough for five minutes more.
  const seconds age(clock_.WallMicros() / 1'000'000 - 1002);
  Retention retention(*store_, clock_, age + minutes(5));
  retention.Tick();
  EXPECT_EQ(Samples(), 4);
  clock_.Advance(minutes(9));
  retention.Tick();
  EXPECT_EQ(Samples(), 4);
  clock_.Advance(minutes(1));
  retention.Tick();
  EXPECT_EQ(Samples(), 2);
}

TEST_F(RetentionTest, WithoutAPolicyEverythingIsKept) {
  Retention retention(*store_, clock_, Clock::Duration::zero());
  clock_.Advance(hours(24 * 365));
  retention.Tick();
  EXPECT_EQ(Samples(), 4);
}

TEST_F(RetentionTest, PruneAllCountsAndEndsEarlyWhenTold) {
  int asked = 0;
  const auto one = PruneAll(*store_, clock_.WallMicros(), "a", [&] { return ++asked == 1; });
  ASSERT_THAT(one, IsOk());
  EXPECT_EQ(one->jobs, 1);
  const auto rest = PruneAll(*store_, clock_.WallMicros(), "a", [] { return true; });
  EXPECT_EQ(rest->jobs, 1);
  EXPECT_EQ(rest->blocks, 2);
  EXPECT_EQ(Samples(), 0);
}

}  // namespace
}  // namespace cusp::server
