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
