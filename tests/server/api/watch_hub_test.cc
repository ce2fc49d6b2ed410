#include "server/api/watch_hub.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

class Recorder final : public JobWatcher {
 public:
  void Offer(std::shared_ptr<const v1::Job> job) override {
    if (++offers_ == 1) {
      first_.set_value(job->name());
    }
  }
  void Fail(const absl::Status& status) override { failure_ = status; }

  std::promise<std::string> first_;
  std::atomic<int> offers_{0};
  absl::Status failure_;
};

absl::StatusOr<v1::Job> ReadJob(int64_t id) {
  v1::Job job;
  job.set_name("jobs/" + std::to_string(id));
  return job;
}

TEST(WatchHubTest, NewWatcherGetsASnapshot) {
  WatchHub hub(ReadJob);
  Recorder watcher;
  hub.Add(7, &watcher);
  EXPECT_EQ(watcher.first_.get_future().get(), "jobs/7");
  hub.Remove(7, &watcher);
}

TEST(WatchHubTest, KnowsWhichJobsAreWatched) {
  WatchHub hub(ReadJob);
  Recorder watcher;
  hub.Add(7, &watcher);
  EXPECT_TRUE(hub.IsWatched(7));
  EXPECT_FALSE(hub.IsWatched(8));
  hub.Remove(7, &watcher);
  EXPECT_FALSE(hub.IsWatched(7));
}

TEST(WatchHubTest, StoppedHubFailsItsWatchersAndLaterOnes) {
  WatchHub hub(ReadJob);
  Recorder early;
  Recorder late;
  hub.Add(7, &early);
  hub.Stop();
  hub.Add(7, &late);
  EXPECT_THAT(early.failure_, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(late.failure_, StatusIs(absl::StatusCode::kUnavailable));
}

TEST(WatchHubTest, OneReadServesAllWatchersOfAJob) {
  std::promise<void> both_added;
  std::atomic<int> reads{0};
  WatchHub hub([&, added = both_added.get_future().share()](int64_t id) {
    ++reads;
    added.wait();
    return ReadJob(id);
  });
  Recorder a;
  Recorder b;
  hub.Add(7, &a);
  hub.Add(7, &b);
  both_added.set_value();
  EXPECT_EQ(a.first_.get_future().get(), "jobs/7");
  EXPECT_EQ(b.first_.get_future().get(), "jobs/7");
  hub.Stop();
  EXPECT_LE(reads, 2);  // two where the first had begun before the second came
}

TEST(WatchHubTest, ChangesThatComeFasterThanReadsAreMerged) {
  std::promise<void> reading;
  std::promise<void> notified;
  std::promise<void> read_again;
  std::atomic<int> reads{0};
  WatchHub hub([&](int64_t id) {
    const int read = ++reads;
    if (read == 1) {
      reading.set_value();
      notified.get_future().wait();
    } else if (read == 2) {
      read_again.set_value();
    }
    return ReadJob(id);
  });
  Recorder watcher;
  hub.Add(7, &watcher);
  reading.get_future().wait();
  for (int i = 0; i < 100; ++i) {
    hub.Notify({7, 8});
  }
  notified.set_value();
  read_again.get_future().wait();  // a change during a read is not lost
  hub.Stop();
  EXPECT_EQ(reads, 2);
}

TEST(WatchHubTest, RemovedWatcherHearsNothingMore) {
  WatchHub hub(ReadJob);
  Recorder gone;
  hub.Add(7, &gone);
  gone.first_.get_future().wait();
  hub.Remove(7, &gone);
  Recorder stays;
  hub.Add(7, &stays);
  stays.first_.get_future().wait();
  hub.Stop();
  EXPECT_EQ(gone.offers_, 1);
  EXPECT_THAT(gone.failure_, IsOk());
}

TEST(WatchHubTest, FailedReadReachesOnlyTheWatchersOfThatJob) {
  WatchHub hub([](int64_t id) -> absl::StatusOr<v1::Job> {
    if (id == 7) {
      return absl::NotFoundError("no such job");
    }
    return ReadJob(id);
  });
  Recorder failed;
  Recorder other;
  hub.Add(7, &failed);
  hub.Add(8, &other);
  other.first_.get_future().wait();  // jobs are read one after another, 7 first
  hub.Remove(7, &failed);
  EXPECT_THAT(failed.failure_, StatusIs(absl::StatusCode::kNotFound));
  hub.Remove(8, &other);
  EXPECT_THAT(other.failure_, IsOk());
}

TEST(WatchHubTest, UnwatchedJobsAreNotRead) {
  std::atomic<int> reads{0};
  WatchHub hub([&](int64_t id) {
    ++reads;
    return ReadJob(id);
  });
  hub.Notify({1, 2, 3});
  hub.Stop();
  EXPECT_EQ(reads, 0);
}

}  // namespace
}  // namespace cusp::server
