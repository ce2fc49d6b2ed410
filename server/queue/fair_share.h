// Whose turn it is: priority, then each user's fair share, with ageing. Pure
// functions; docs/queue.md has the equations and what follows from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace cusp::server {

// Usage halves in this time.
inline constexpr double kUsageHalfLifeSeconds = 24 * 3600;
// A lease counts so much ahead, so that devices that fall free together do not
// all go to the same user.
inline constexpr double kAheadSeconds = 600;
// Whoever is given nothing gains a point of priority in this time, up to the
// highest that is queued, ...
inline constexpr int64_t kAgeStepUs = int64_t{360} * 1'000'000;
// ... and after this time goes first.
inline constexpr int64_t kOverdueUs = int64_t{24} * 3600 * 1'000'000;
// So many turns of a user make one in which an own sweep that is overdue goes
// before his own higher priorities.
inline constexpr int64_t kOwnTurns = 4;

// Leased device time of one user.
struct Usage {
  double seconds = 0;   // as it had decayed at `time_us`
  int64_t time_us = 0;  // wall time
  int64_t running = 0;  // leases that go on since then
};

// The usage at another time, of the same leases: dU/dt = running - U ln 2 / half-life,
// solved, so that the answer does not depend on how often it is asked. A time
// before `time_us` (the date was set back) changes nothing but `time_us`.
Usage UsageAt(const Usage& usage, int64_t now_us);

// What the order asks of a user.
struct Share {
  Usage usage;
  double weight = 1;
  int64_t max_running = 0;  // 0: no cap
  int64_t turns = 0;        // sweeps that were ever given out
};

// Whether he may have no further sweep now.
bool IsAtCap(const Share& share);

// Lower goes first: usage, what runs counted ahead, for each unit of weight.
double LoadOf(const Share& share, int64_t now_us);

// A queued sweep by what orders it among those of its user.
struct QueuedSweep {
  int64_t sweep_id = 0;
  int priority = 0;
  int64_t job_id = 0;  // grows with each submission
  int number = 0;
  int64_t queue_time_us = 0;  // since when it could have been given out
};

// Order within one user: higher priority, then earlier submission, then number.
bool GoesBefore(const QueuedSweep& a, const QueuedSweep& b);

// A user's first queued sweep, and how long he has waited.
struct Claim {
  QueuedSweep sweep;
  int64_t waits_since_us = 0;  // see WaitsSince()
  Share share;
};

// Since when a user waits: since the oldest of `heads` was queued, or since he was
// last given a sweep that asked for the device of his first one, whichever is later.
// Of all his heads, so that a new one of higher priority does not end his waiting.
int64_t WaitsSince(const std::vector<QueuedSweep>& heads, int64_t last_turn_us);

// The claim whose turn it is, of one for each user; nothing where all are at
// their cap.
std::optional<size_t> ChooseClaim(const std::vector<Claim>& claims, int64_t now_us);

// `heads` are a user's first queued sweeps of each of his priorities. The one
// that this turn of his goes to although others of his go before it; nothing
// where it goes to the first of the order.
std::optional<size_t> ChooseOverdueOwn(const std::vector<QueuedSweep>& heads, int64_t turns,
                                       int64_t now_us);

// A user's claim with all that is queued behind it.
struct Backlog {
  struct Level {
    int priority = 0;
    int64_t sweeps = 0;  // positive
  };
  Claim claim;
  std::vector<Level> levels;  // highest first, not empty
};

// How many sweeps are given out before one that `own_ahead` of its own user's
// precede, if nothing is queued, ended or held meanwhile and a sweep takes
// `sweep_seconds`; counted up to `limit`. `backlogs[user]` is not at its cap.
int64_t CountAhead(std::vector<Backlog> backlogs, size_t user, int64_t own_ahead,
                   double sweep_seconds, int64_t now_us, int64_t limit);

}  // namespace cusp::server
