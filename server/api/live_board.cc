#include "server/api/live_board.h"

#include "server/queue/lease_table.h"
#include "server/queue/matching.h"

namespace cusp::server {

void LiveBoard::Heard(const Worker& worker, bool draining, const std::string& not_ready) {
  const std::lock_guard<std::mutex> lock(mutex_);
  workers_[worker.name] = {worker, clock_.Now(), clock_.WallMicros(), draining, not_ready};
}

bool LiveBoard::IsAlive(const Entry& entry) const { return clock_.Now() - entry.at < kLeaseTime; }

bool LiveBoard::Takes(const Entry& entry, const std::string& device) const {
  return IsAlive(entry) && !entry.draining && entry.not_ready.empty() &&
         !entry.worker.TakesNothing() && Serves(entry.worker, device);
}

std::optional<LiveBoard::Seen> LiveBoard::Find(const std::string& worker) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto it = workers_.find(worker);
  if (it == workers_.end()) {
    return std::nullopt;
  }
  return Seen{it->second.wall_us, IsAlive(it->second), it->second.draining, it->second.not_ready};
}

LiveBoard::Counts LiveBoard::CountFor(const std::string& device) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  Counts counts;
  for (const auto& [name, entry] : workers_) {
    if (IsAlive(entry)) {
      ++counts.alive;
      counts.serving += Serves(entry.worker, device) ? 1 : 0;
      counts.taking += Takes(entry, device) ? 1 : 0;
    }
  }
  return counts;
}

std::vector<Worker> LiveBoard::TakersOf(const std::string& device) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<Worker> workers;
  for (const auto& [name, entry] : workers_) {
    if (Takes(entry, device)) {
      workers.push_back(entry.worker);
    }
  }
  return workers;
}

void LiveBoard::SetProgress(int64_t sweep_id, const v1::SweepProgress& progress) {
  const std::lock_guard<std::mutex> lock(mutex_);
  progress_[sweep_id] = progress;
}

void LiveBoard::DropProgress(int64_t sweep_id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  progress_.erase(sweep_id);
}

std::optional<v1::SweepProgress> LiveBoard::Progress(int64_t sweep_id) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto it = progress_.find(sweep_id);
  return it == progress_.end() ? std::nullopt : std::optional<v1::SweepProgress>(it->second);
}

}  // namespace cusp::server
