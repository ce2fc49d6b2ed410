// Inputs of steps, kept so that a sample never pays for making them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <tuple>
#include <utility>

#include "absl/status/statusor.h"
#include "worker/models/model.h"

namespace cusp::runner {

// The most recently used inputs by (variant, length, batch size), at most
// `capacity` of them. Not thread-safe.
class InputCache {
 public:
  struct Key {
    int32_t variant = 0;
    int64_t length = 0;
    int64_t batch_size = 0;
    bool operator==(const Key&) const = default;
  };

  explicit InputCache(size_t capacity) : capacity_(capacity) {}

  // The inputs, made by `model` where there are none yet. Valid until the next
  // call. Errors are those of Model::RandomInputs.
  absl::StatusOr<const models::Inputs*> Get(const Key& key, const models::Model& model,
                                            uint64_t seed);

  // Forgets those of one variant, or all.
  void Drop(int32_t variant);
  void Clear() { entries_.clear(); }

  size_t size() const { return entries_.size(); }

 private:
  size_t capacity_;
  std::list<std::pair<Key, models::Inputs>> entries_;  // the latest used first
};

}  // namespace cusp::runner
