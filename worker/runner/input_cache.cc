#include "worker/runner/input_cache.h"

#include <algorithm>

#include "common/status_macros.h"

namespace cusp::runner {

absl::StatusOr<const models::Inputs*> InputCache::Get(const Key& key, const models::Model& model,
                                                      uint64_t seed) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const auto& entry) { return entry.first == key; });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
    return &entries_.front().second;
  }
  CUSP_ASSIGN_OR_RETURN(models::Inputs inputs,
                        model.RandomInputs(key.length, key.batch_size, seed));
  entries_.emplace_front(key, std::move(inputs));
  if (entries_.size() > capacity_) {
    entries_.pop_back();
  }
  return &entries_.front().second;
}

void InputCache::Drop(int32_t variant) {
  entries_.remove_if([&](const auto& entry) { return entry.first.variant == variant; });
}

}  // namespace cusp::runner
