// The calls that users have open, how many they may have, and how to cut them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace cusp::server {

// What calls are counted as, each for itself.
enum class CallKind { kCall, kWatch, kWorkerCall };

// Counts as one of a user's calls for as long as a copy of it lives.
using CallSlot = std::shared_ptr<const void>;

// Thread-safe; copies are of the same calls.
class OpenCalls {
 public:
  // Most calls of a user at once. A worker has two open, a sync and its samples, and
  // all workers of a group may have one user.
  struct Caps {
    int calls = 256;
    int watches = 128;
    int worker_calls = 4096;
  };

  OpenCalls() : OpenCalls(Caps()) {}
  explicit OpenCalls(const Caps& caps);

  // RESOURCE_EXHAUSTED where the user has as many as may be. `cut`, where set, ends
  // the call early; it is only called while the slot lives.
  absl::StatusOr<CallSlot> Take(const std::string& user, CallKind kind, int64_t token_id,
                                std::function<void()> cut) const;

  // Cuts the calls that were made with this token and can be.
  void Cut(int64_t token_id) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cusp::server
