// Who holds what until when.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/clock.h"

namespace cusp::server {

// A lease lasts this long without a sync, and workers sync this often.
inline constexpr std::chrono::seconds kLeaseTime{15};
inline constexpr std::chrono::seconds kSyncInterval{5};

// Until when the call of an idle worker is held: within kSyncInterval of `now`, and for
// each worker at a moment of its own in every interval. Workers that come together, as
// all do when the service was away, are spread by their first call.
Clock::Monotonic HoldUntil(const std::string& worker, Clock::Monotonic now);

// One attempt, as the holder of a lease.
struct LeaseKey {
  int64_t sweep_id = 0;
  int64_t attempt = 0;

  // clang-tidy 14 takes the zero inside a defaulted comparison for a pointer.
  auto operator<=>(const LeaseKey&) const = default;  // NOLINT(modernize-use-nullptr)
};

// Ends of the running leases, by the coordinator's monotonic clock. Only in
// memory: after a restart every lease counts as just renewed. Not thread-safe.
class LeaseTable {
 public:
  void Renew(const LeaseKey& key, Clock::Monotonic now) { ends_[key] = now + kLeaseTime; }
  void Release(const LeaseKey& key) { ends_.erase(key); }

  // True where the lease ran out, not where there is none.
  bool HasExpired(const LeaseKey& key, Clock::Monotonic now) const;

  // All that ran out; they stay until released or renewed.
  std::vector<LeaseKey> Expired(Clock::Monotonic now) const;

  size_t size() const { return ends_.size(); }

 private:
  std::map<LeaseKey, Clock::Monotonic> ends_;
};

}  // namespace cusp::server
