#include "server/store/queue_order.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "common/status_macros.h"
#include "server/queue/fair_share.h"
#include "server/queue/matching.h"
#include "server/queue/waiting.h"
#include "server/store/sweeps.h"
#include "server/store/usage.h"

namespace cusp::server {
namespace {

// Above every priority.
constexpr int kNoPriority = 1000;

// All end at the first entry of the index that fits: the queue's length does not
// matter.
constexpr std::string_view kNextOwner =
    "SELECT owner_id FROM sweeps WHERE state = 1 AND blocked = 0 AND device = ? AND owner_id > ?"
    " ORDER BY owner_id LIMIT 1";
constexpr std::string_view kNextLevel =
    "SELECT id, priority, job_id, number, queue_time_us FROM sweeps"
    " WHERE state = 1 AND blocked = 0 AND device = ? AND owner_id = ? AND priority < ?"
    " ORDER BY priority DESC, job_id, number LIMIT 1";

// What a user has queued for some devices.
struct UserQueue {
  Claim claim;
  std::string device;              // of the claim's sweep
  std::vector<QueuedSweep> heads;  // the first of each device and priority
};

// The user after `owner_id` who has something queued for the device.
absl::StatusOr<std::optional<int64_t>> NextOwner(Database& db, const std::string& device,
                                                 int64_t owner_id) {
  Query query(db, kNextOwner, device, owner_id);
  std::optional<int64_t> next;
  if (query.Next()) {
    next = query.Int(0);
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return next;
}

// The first queued sweep of each priority of one user, for one device, highest first.
absl::StatusOr<std::vector<QueuedSweep>> HeadsOf(Database& db, int64_t owner_id,
                                                 const std::string& device) {
  std::vector<QueuedSweep> heads;
  int below = kNoPriority;
  while (true) {
    Query query(db, kNextLevel, device, owner_id, below);
    if (!query.Next()) {
      CUSP_RETURN_IF_ERROR(query.status());
      return heads;
    }
    heads.push_back({query.Int(0), query.AsInt(1), query.Int(2), query.AsInt(3), query.Int(4)});
    below = heads.back().priority;
  }
}

// By user, all who have something queued for one of `devices`.
absl::StatusOr<std::map<int64_t, UserQueue>> QueuesOn(Database& db,
                                                      const std::vector<std::string>& devices) {
  std::map<int64_t, UserQueue> queues;
  for (const std::string& device : devices) {
    CUSP_ASSIGN_OR_RETURN(std::optional<int64_t> owner, NextOwner(db, device, INT64_MIN));
    while (owner.has_value()) {
      CUSP_ASSIGN_OR_RETURN(const std::vector<QueuedSweep> heads, HeadsOf(db, *owner, device));
      UserQueue& queue = queues[*owner];
      if (queue.heads.empty() || GoesBefore(heads.front(), queue.claim.sweep)) {
        queue.claim.sweep = heads.front();
        queue.device = device;
      }
      queue.heads.insert(queue.heads.end(), heads.begin(), heads.end());
      CUSP_ASSIGN_OR_RETURN(owner, NextOwner(db, device, *owner));
    }
  }
  for (auto& [owner, queue] : queues) {
    CUSP_ASSIGN_OR_RETURN(const int64_t last_turn, LastTurn(db, owner, queue.device));
    queue.claim.waits_since_us = WaitsSince(queue.heads, last_turn);
    CUSP_ASSIGN_OR_RETURN(queue.claim.share, LoadShare(db, owner));
  }
  return queues;
}

absl::StatusOr<int64_t> CountLevel(Database& db, int64_t owner_id, const std::string& device,
                                   int priority) {
  Query query(db,
              "SELECT count(*) FROM (SELECT 1 FROM sweeps WHERE state = 1 AND blocked = 0"
              " AND device = ? AND owner_id = ? AND priority = ? LIMIT ?)",
              device, owner_id, priority, kMaxAhead + 1);
  const int64_t count = query.Next() ? query.Int(0) : 0;
  CUSP_RETURN_IF_ERROR(query.status());
  return count;
}

// What a user has queued for all of `devices`, by priority.
absl::StatusOr<std::vector<Backlog::Level>> LevelsOf(Database& db, int64_t owner_id,
                                                     const std::vector<std::string>& devices) {
  std::map<int, int64_t, std::greater<>> counts;
  for (const std::string& device : devices) {
    CUSP_ASSIGN_OR_RETURN(const std::vector<QueuedSweep> heads, HeadsOf(db, owner_id, device));
    for (const QueuedSweep& head : heads) {
      CUSP_ASSIGN_OR_RETURN(const int64_t count, CountLevel(db, owner_id, device, head.priority));
      counts[head.priority] += count;
    }
  }
  std::vector<Backlog::Level> levels;
  for (const auto& [priority, count] : counts) {
    levels.push_back({priority, count});
  }
  return levels;
}

// Of the same user, before the job.
absl::StatusOr<int64_t> OwnAhead(Database& db, const Job& job,
                                 const std::vector<std::string>& devices) {
  int64_t ahead = 0;
  for (const std::string& device : devices) {
    Query query(db,
                "SELECT count(*) FROM (SELECT 1 FROM sweeps WHERE state = 1 AND blocked = 0"
                " AND device = ?1 AND owner_id = ?2"
                " AND (priority > ?3 OR (priority = ?3 AND job_id < ?4)) LIMIT ?5)",
                device, job.owner_id, job.priority, job.id, kMaxAhead);
    ahead += query.Next() ? query.Int(0) : 0;
    CUSP_RETURN_IF_ERROR(query.status());
  }
  return ahead;
}

}  // namespace

absl::StatusOr<std::optional<Sweep>> NextSweepFor(Database& db, const Worker& worker,
                                                  int64_t now_us) {
  CUSP_ASSIGN_OR_RETURN(const auto by_owner, QueuesOn(db, DevicesServedBy(worker)));
  std::vector<const UserQueue*> queues;
  std::vector<Claim> claims;
  for (const auto& [owner, queue] : by_owner) {
    queues.push_back(&queue);
    claims.push_back(queue.claim);
  }
  const std::optional<size_t> chosen = ChooseClaim(claims, now_us);
  if (!chosen.has_value()) {
    return std::nullopt;
  }
  const UserQueue& queue = *queues[*chosen];
  const std::optional<size_t> own = ChooseOverdueOwn(queue.heads, queue.claim.share.turns, now_us);
  return LoadSweepById(db, own ? queue.heads[*own].sweep_id : queue.claim.sweep.sweep_id);
}

absl::StatusOr<int64_t> SweepsAhead(Database& db, const Job& job,
                                    const std::vector<std::string>& devices, double sweep_seconds,
                                    int64_t now_us) {
  CUSP_ASSIGN_OR_RETURN(const auto queues, QueuesOn(db, devices));
  if (queues.count(job.owner_id) == 0) {
    return 0;
  }
  CUSP_ASSIGN_OR_RETURN(const int64_t own_ahead, OwnAhead(db, job, devices));
  std::vector<Backlog> backlogs;
  size_t user = 0;
  for (const auto& [owner, queue] : queues) {
    CUSP_ASSIGN_OR_RETURN(std::vector<Backlog::Level> levels, LevelsOf(db, owner, devices));
    user = owner == job.owner_id ? backlogs.size() : user;
    backlogs.push_back({queue.claim, std::move(levels)});
  }
  return CountAhead(std::move(backlogs), user, own_ahead, sweep_seconds, now_us, kMaxAhead);
}

}  // namespace cusp::server
