#include "server/queue/lease_table.h"

namespace cusp::server {

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
