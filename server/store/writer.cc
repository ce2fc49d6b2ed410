#include "server/store/writer.h"

#include <iterator>
#include <utility>

#include "common/status_macros.h"

namespace cusp::server {
namespace {

// More waiting mutations are refused: memory must not grow with the load.
constexpr size_t kMaxWaiting = 20000;
// Bounds the time to the first answer of a group.
constexpr size_t kMaxGroup = 256;

}  // namespace

Writer::Writer(std::unique_ptr<Database> db, const Clock& clock, Listener listener)
    : db_(std::move(db)), clock_(clock), listener_(std::move(listener)) {
  thread_ = std::thread([this] { Loop(); });
}

Writer::~Writer() { Stop(); }

void Writer::Submit(Work work, Done done) {
  absl::Status refused;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) {
      refused = absl::UnavailableError("the service is stopping; try again");
    } else if (queue_.size() >= kMaxWaiting) {
      refused = absl::ResourceExhaustedError("too many requests wait; try again later");
    } else {
      queue_.push_back({std::move(work), std::move(done), absl::OkStatus()});
      if (!is_running_) {  // else whoever runs a group looks again after it
        wake_.notify_one();
      }
      return;
    }
  }
  done(refused);
}

void Writer::RunOrSubmit(Work work, Done done) {
  if (!BeginAlone()) {
    Submit(std::move(work), std::move(done));
    return;
  }
  std::vector<Item> group;
  group.push_back({std::move(work), std::move(done), absl::OkStatus()});
  RunGroup(group);
  const std::lock_guard<std::mutex> lock(mutex_);
  is_running_ = false;
  if (stopping_ || !queue_.empty()) {
    wake_.notify_one();
  }
}

bool Writer::BeginAlone() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_ || is_running_ || !queue_.empty()) {
    return false;
  }
  is_running_ = true;
  return true;
}

void Writer::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Writer::Loop() {
  std::vector<Item> group;
  while (true) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [this] { return !is_running_ && (stopping_ || !queue_.empty()); });
      if (queue_.empty()) {
        return;
      }
      is_running_ = true;
      while (!queue_.empty() && group.size() < kMaxGroup) {
        group.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    RunGroup(group);
    group.clear();
    const std::lock_guard<std::mutex> lock(mutex_);
    is_running_ = false;
  }
}

void Writer::RunGroup(std::vector<Item>& group) {
  Changes changes;
  const Clock::Monotonic began = clock_.Now();
  const absl::Status committed = RunAll(group, changes);
  stats_.Record(static_cast<int64_t>(group.size()), clock_.Now() - began, committed.ok(),
                changes.counts);
  if (!committed.ok() && db_->InTransaction()) {
    db_->Execute("ROLLBACK").IgnoreError();
  }
  for (Item& item : group) {
    // Nothing of a group that did not commit is acknowledged.
    item.done(committed.ok() ? item.status : committed);
  }
  if (committed.ok() && !changes.empty()) {
    listener_(changes);
  }
}

absl::Status Writer::RunAll(std::vector<Item>& group, Changes& changes) {
  CUSP_RETURN_IF_ERROR(Run(*db_, "BEGIN IMMEDIATE"));
  const int64_t now_us = clock_.WallMicros();
  for (Item& item : group) {
    Changes own;
    item.status = RunItem(item, own, now_us, group.size() == 1);
    if (!db_->InTransaction()) {
      // A full disk or an I/O error has rolled back the whole transaction.
      return item.status.ok() ? absl::InternalError("database: the transaction was lost")
                              : item.status;
    }
    if (item.status.ok()) {
      changes.jobs.merge(own.jobs);
      changes.queued_devices.insert(changes.queued_devices.end(), own.queued_devices.begin(),
                                    own.queued_devices.end());
      changes.counts.Add(own.counts);
    }
  }
  if (group.size() == 1 && !group.front().status.ok()) {
    return Run(*db_, "ROLLBACK");
  }
  return Run(*db_, "COMMIT");
}

absl::Status Writer::RunItem(Item& item, Changes& changes, int64_t now_us, bool alone) {
  Transaction transaction{*db_, changes, now_us};
  if (alone) {
    return item.work(transaction);  // the transaction itself is its savepoint
  }
  CUSP_RETURN_IF_ERROR(Run(*db_, "SAVEPOINT item"));
  absl::Status status = item.work(transaction);
  if (!db_->InTransaction()) {
    return status;
  }
  if (!status.ok()) {
    CUSP_RETURN_IF_ERROR(Run(*db_, "ROLLBACK TO item"));
  }
  const absl::Status released = Run(*db_, "RELEASE item");
  return status.ok() ? released : status;
}

}  // namespace cusp::server
