#include "server/queue/lease_table.h"

#include <functional>

namespace cusp::server {

Clock::Monotonic HoldUntil(const std::string& worker, Clock::Monotonic now) {
  constexpr Clock::Duration kInterval = kSyncInterval;
  const Clock::Duration own(std::hash<std::string>()(worker) %
                            static_cast<size_t>(kInterval.count()));
  const Clock::Duration since = (now.time_since_epoch() - own) % kInterval;
  // The remainder has the sign of what was divided.
  return now + (since < Clock::Duration::zero() ? -since : kInterval - since);
}

bool LeaseTable::HasExpired(const LeaseKey& key, Clock::Monotonic now) const {
  const auto it = ends_.find(key);
  return it != ends_.end() && it->second <= now;
}

std::vector<LeaseKey> LeaseTable::Expired(Clock::Monotonic now) const {
  std::vector<LeaseKey> expired;
  for (const auto& [key, end] : ends_) {
    if (end <= now) {
      expired.push_back(key);
    }
  }
  return expired;
}

}  // namespace cusp::server
