#include "tests/server/queue/queue_simulation.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <queue>

#include "common/random.h"
#include "server/queue/fair_share.h"
#include "server/queue/matching.h"

namespace cusp::server {
namespace {

constexpr int64_t kMicros = 1'000'000;

struct UserState {
  std::deque<QueuedSweep> queued;
  Share share;
  int64_t last_turn_us = 0;
  int64_t next_job_s = 0;  // INT64_MAX: none comes
};

struct Running {
  int64_t end_s = 0;
  size_t device = 0;
  size_t user = 0;
  bool operator>(const Running& other) const { return end_s > other.end_s; }
};

class Simulation {
 public:
  Simulation(const SimulatedQueue& queue, SimulatedOrder order)
      : queue_(queue), order_(order), random_(queue.seed), outcomes_(queue.users.size()) {
    for (const std::string& device_class : queue.device_classes) {
      Worker& worker = devices_.emplace_back();
      worker.device = "cuda:0";
      worker.device_class = device_class;
      idle_.push_back(true);
    }
    for (const SimulatedUser& user : queue.users) {
      UserState& state = states_.emplace_back();
      state.share.weight = user.weight;
      state.share.max_running = user.max_running;
      state.next_job_s = user.start_s;
    }
  }

  std::vector<SimulatedOutcome> Run() {
    while (now_s_ < queue_.end_s) {
      Submit();
      while (StartOne()) {
      }
      NoteQueues();
      Advance();
    }
    for (size_t i = 0; i < states_.size(); ++i) {
      outcomes_[i].left = static_cast<int64_t>(states_[i].queued.size());
      if (!states_[i].queued.empty()) {
        NoteWait(i, states_[i].queued.front());
      }
    }
    return outcomes_;
  }

 private:
  int64_t NowUs() const { return now_s_ * kMicros; }

  void Submit() {
    for (size_t i = 0; i < states_.size(); ++i) {
      UserState& state = states_[i];
      const SimulatedUser& user = queue_.users[i];
      while (state.next_job_s <= now_s_) {
        const int64_t jobs = state.next_job_s == user.start_s ? std::max<int64_t>(user.jobs, 1) : 1;
        for (int64_t n = 0; n < jobs; ++n) {
          ++last_job_;
          state.queued.push_back({last_job_, user.priority, last_job_, 1, NowUs()});
        }
        state.next_job_s = user.every_s > 0 ? state.next_job_s + user.every_s : INT64_MAX;
      }
    }
  }

  // The user whose sweep the device takes.
  std::optional<size_t> Choose(const Worker& device) const {
    std::vector<size_t> users;
    std::vector<Claim> claims;
    for (size_t i = 0; i < states_.size(); ++i) {
      const UserState& state = states_[i];
      if (!state.queued.empty() && Serves(device, queue_.users[i].device)) {
        const QueuedSweep& head = state.queued.front();
        users.push_back(i);
        claims.push_back({head, WaitsSince({head}, state.last_turn_us), state.share});
      }
    }
    if (order_ == SimulatedOrder::kQueue) {
      const std::optional<size_t> claim = ChooseClaim(claims, NowUs());
      return claim ? std::optional<size_t>(users[*claim]) : std::nullopt;
    }
    const auto oldest = std::min_element(
        claims.begin(), claims.end(),
        [](const Claim& a, const Claim& b) { return a.sweep.job_id < b.sweep.job_id; });
    return oldest == claims.end()
               ? std::nullopt
               : std::optional<size_t>(users[static_cast<size_t>(oldest - claims.begin())]);
  }

  bool StartOne() {
    for (size_t device = 0; device < devices_.size(); ++device) {
      if (const auto user = idle_[device] ? Choose(devices_[device]) : std::nullopt) {
        Start(device, *user);
        return true;
      }
    }
    return false;
  }

  void Start(size_t device, size_t user) {
    UserState& state = states_[user];
    NoteWait(user, state.queued.front());
    state.queued.pop_front();
    state.last_turn_us = NowUs();
    Count(user, 1);
    ++outcomes_[user].sweeps;
    const int64_t spread = queue_.longest_s - queue_.shortest_s + 1;
    const int64_t end_s = now_s_ + queue_.shortest_s +
                          static_cast<int64_t>(random_.Below(static_cast<size_t>(spread)));
    const int64_t from = std::max(now_s_, queue_.measured_from_s);
    outcomes_[user].device_s +=
        static_cast<double>(std::max<int64_t>(std::min(end_s, queue_.end_s) - from, 0));
    idle_[device] = false;
    running_.push({end_s, device, user});
  }

  void Count(size_t user, int delta) {
    Usage& usage = states_[user].share.usage;
    usage = UsageAt(usage, NowUs());
    usage.running += delta;
  }

  void NoteWait(size_t user, const QueuedSweep& sweep) {
    const int64_t waits_since = WaitsSince({sweep}, states_[user].last_turn_us);
    SimulatedOutcome& outcome = outcomes_[user];
    outcome.longest_wait_s =
        std::max(outcome.longest_wait_s, (NowUs() - sweep.queue_time_us) / kMicros);
    outcome.longest_gap_s = std::max(outcome.longest_gap_s, (NowUs() - waits_since) / kMicros);
  }

  void NoteQueues() {
    for (size_t i = 0; i < states_.size() && now_s_ >= queue_.measured_from_s; ++i) {
      outcomes_[i].backlogged = outcomes_[i].backlogged && !states_[i].queued.empty();
    }
  }

  // To the next end or submission, and ends what ends then.
  void Advance() {
    int64_t next = queue_.end_s;
    if (now_s_ < queue_.measured_from_s) {
      next = queue_.measured_from_s;  // so that the queues are noted there
    }
    for (const UserState& state : states_) {
      next = std::min(next, state.next_job_s);
    }
    if (!running_.empty()) {
      next = std::min(next, running_.top().end_s);
    }
    now_s_ = next;
    while (!running_.empty() && running_.top().end_s <= now_s_) {
      idle_[running_.top().device] = true;
      Count(running_.top().user, -1);
      running_.pop();
    }
  }

  const SimulatedQueue& queue_;
  const SimulatedOrder order_;
  Random random_;
  std::vector<Worker> devices_;
  std::vector<bool> idle_;
  std::vector<UserState> states_;
  std::priority_queue<Running, std::vector<Running>, std::greater<>> running_;
  std::vector<SimulatedOutcome> outcomes_;
  int64_t now_s_ = 0;
  int64_t last_job_ = 0;
};

// `part` of each backlogged user over the sum of them.
std::vector<double> Normalized(const SimulatedQueue& queue,
                               const std::vector<SimulatedOutcome>& outcomes, int priority,
                               const std::function<double(size_t)>& part) {
  std::vector<double> parts(outcomes.size());
  double sum = 0;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].backlogged && queue.users[i].priority == priority) {
      parts[i] = part(i);
      sum += parts[i];
    }
  }
  for (double& one : parts) {
    one = sum > 0 ? one / sum : 0;
  }
  return parts;
}

}  // namespace

std::vector<SimulatedOutcome> Simulate(const SimulatedQueue& queue, SimulatedOrder order) {
  return Simulation(queue, order).Run();
}

std::vector<double> SharesOfBacklogged(const SimulatedQueue& queue,
                                       const std::vector<SimulatedOutcome>& outcomes,
                                       int priority) {
  return Normalized(queue, outcomes, priority, [&](size_t i) { return outcomes[i].device_s; });
}

std::vector<double> DueShares(const SimulatedQueue& queue,
                              const std::vector<SimulatedOutcome>& outcomes, int priority) {
  return Normalized(queue, outcomes, priority, [&](size_t i) { return queue.users[i].weight; });
}

}  // namespace cusp::server
