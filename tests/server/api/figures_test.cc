#include "server/api/figures.h"

#include <gmock/gmock.h>

#include "server/store/workers.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

class FiguresTest : public ::testing::Test {
 protected:
  FiguresTest() : board_(clock_), calls_(clock_) {
    auto folder = DataFolder::Open(dir_.Join("data"));
    EXPECT_THAT(folder, IsOk());
    store_ = *Store::Open(*std::move(folder), clock_);
  }

  Worker Registered(const std::string& name) {
    Worker worker;
    worker.name = name;
    worker.device_class = "CPU";
    worker.device = "cpu";
    EXPECT_THAT(store_->WriteAndWait(
                    [&](Transaction& tx) { return RegisterWorker(tx, worker, name).status(); }),
                IsOk());
    return worker;
  }

  TempDir dir_;
  FakeClock clock_;
  LiveBoard board_;
  CallLog calls_;
  std::unique_ptr<Store> store_;
};

TEST_F(FiguresTest, WorkersCountByWhatIsHeardOfThem) {
  Registered("silent");
  board_.Heard(Registered("idle"), false);
  board_.Heard(Registered("leaving"), true);
  const auto figures = ReadFigures(*store_, board_, calls_);
  ASSERT_THAT(figures, IsOk());
  EXPECT_EQ(figures->workers_by_state.at("lost"), 1);
  EXPECT_EQ(figures->workers_by_state.at("idle"), 1);
  EXPECT_EQ(figures->workers_by_state.at("draining"), 1);
  EXPECT_EQ(figures->workers_by_state.at("busy"), 0);
  EXPECT_GT(figures->schema_version, 0);
}

TEST_F(FiguresTest, CommitsAreCounted) {
  Registered("w");
  const auto figures = ReadFigures(*store_, board_, calls_);
  ASSERT_THAT(figures, IsOk());
  int64_t commits = 0;
  for (const int64_t count : figures->commits.seconds.counts) {
    commits += count;
  }
  EXPECT_EQ(commits, 1);
}

TEST_F(FiguresTest, ReadyWhileWritesCommitAndNoLonger) {
  EXPECT_THAT(CheckReady(*store_), IsOk());
  store_->Stop();
  EXPECT_THAT(CheckReady(*store_), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace cusp::server
