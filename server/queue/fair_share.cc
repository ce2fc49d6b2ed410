#include "server/queue/fair_share.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <tuple>

namespace cusp::server {
namespace {

constexpr double kDecay = std::numbers::ln2 / kUsageHalfLifeSeconds;  // per second
// Of a weight that is none: next to nothing, but a finite load.
constexpr double kLeastWeight = 1e-9;

// What claims are ordered by; the least goes first.
using Key = std::tuple<bool, int64_t, int64_t, double, int64_t, int>;

Key KeyOf(const Claim& claim, int64_t top_priority, int64_t now_us) {
  const int64_t waited = std::max<int64_t>(now_us - claim.waits_since_us, 0);
  const bool overdue = waited >= kOverdueUs;
  const int64_t level = std::min(top_priority, claim.sweep.priority + waited / kAgeStepUs);
  return {!overdue,
          overdue ? claim.waits_since_us : 0,
          -level,
          LoadOf(claim.share, now_us),
          claim.sweep.job_id,
          claim.sweep.number};
}

}  // namespace

Usage UsageAt(const Usage& usage, int64_t now_us) {
  const double elapsed = 1e-6 * static_cast<double>(std::max<int64_t>(now_us - usage.time_us, 0));
  const auto running = static_cast<double>(usage.running);
  // -expm1(-x) is 1 - exp(-x), also where the lease began a moment ago.
  const double gained = running / kDecay * -std::expm1(-kDecay * elapsed);
  return {usage.seconds * std::exp(-kDecay * elapsed) + gained, now_us, usage.running};
}

bool IsAtCap(const Share& share) {
  return share.max_running > 0 && share.usage.running >= share.max_running;
}

double LoadOf(const Share& share, int64_t now_us) {
  const Usage now = UsageAt(share.usage, now_us);
  return (now.seconds + kAheadSeconds * static_cast<double>(now.running)) /
         std::max(share.weight, kLeastWeight);
}

bool GoesBefore(const QueuedSweep& a, const QueuedSweep& b) {
  return std::make_tuple(-a.priority, a.job_id, a.number) <
         std::make_tuple(-b.priority, b.job_id, b.number);
}

int64_t WaitsSince(const std::vector<QueuedSweep>& heads, int64_t last_turn_us) {
  const auto oldest = std::min_element(
      heads.begin(), heads.end(),
      [](const QueuedSweep& a, const QueuedSweep& b) { return a.queue_time_us < b.queue_time_us; });
  return oldest == heads.end() ? last_turn_us : std::max(oldest->queue_time_us, last_turn_us);
}

std::optional<size_t> ChooseClaim(const std::vector<Claim>& claims, int64_t now_us) {
  std::optional<int64_t> top;
  for (const Claim& claim : claims) {
    if (!IsAtCap(claim.share)) {
      top = std::max<int64_t>(top.value_or(claim.sweep.priority), claim.sweep.priority);
    }
  }
  std::optional<size_t> best;
  Key best_key;
  for (size_t i = 0; i < claims.size(); ++i) {
    if (IsAtCap(claims[i].share)) {
      continue;
    }
    const Key key = KeyOf(claims[i], *top, now_us);
    if (!best.has_value() || key < best_key) {
      best = i;
      best_key = key;
    }
  }
  return best;
}

std::optional<size_t> ChooseOverdueOwn(const std::vector<QueuedSweep>& heads, int64_t turns,
                                       int64_t now_us) {
  if (turns % kOwnTurns != kOwnTurns - 1) {
    return std::nullopt;
  }
  std::optional<size_t> oldest;
  for (size_t i = 0; i < heads.size(); ++i) {
    if (now_us - heads[i].queue_time_us >= kOverdueUs &&
        (!oldest.has_value() || heads[i].queue_time_us < heads[*oldest].queue_time_us)) {
      oldest = i;
    }
  }
  return oldest;
}

int64_t CountAhead(std::vector<Backlog> backlogs, size_t user, int64_t own_ahead,
                   double sweep_seconds, int64_t now_us, int64_t limit) {
  std::vector<Claim> claims;
  for (Backlog& backlog : backlogs) {
    // As of now, so that what a sweep adds below is of now too.
    backlog.claim.share.usage = UsageAt(backlog.claim.share.usage, now_us);
    claims.push_back(backlog.claim);
  }
  int64_t ahead = 0;
  while (ahead < limit) {
    const std::optional<size_t> next = ChooseClaim(claims, now_us);
    if (!next.has_value() || (*next == user && own_ahead-- == 0)) {
      break;
    }
    ++ahead;
    std::vector<Backlog::Level>& levels = backlogs[*next].levels;
    claims[*next].share.usage.seconds += sweep_seconds;
    claims[*next].waits_since_us = now_us;
    if (--levels.front().sweeps == 0) {
      levels.erase(levels.begin());
    }
    if (!levels.empty()) {
      claims[*next].sweep.priority = levels.front().priority;
      continue;
    }
    claims.erase(claims.begin() + static_cast<std::ptrdiff_t>(*next));
    backlogs.erase(backlogs.begin() + static_cast<std::ptrdiff_t>(*next));
    user -= *next < user ? 1 : 0;
  }
  return ahead;
}

}  // namespace cusp::server
