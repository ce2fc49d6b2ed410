// The calls that users have open, how many they may have, and how to cut them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace cusp::server {

// What calls are counted as, each for itself.
enum class CallKind { kCall, kWatch, kWorkerCall };

// Counts as one of a user's calls for as long as a copy of it lives.
using CallSlot = std::shared_ptr<const void>;

// A call that may end before it is done, with the token that it was made with.
struct CuttableCall {
  int64_t token_id = 0;
  std::optional<int64_t> expire_time_us;  // the token's, since 1970 UTC; nothing: never
  // Ends the call; only called while its slot lives.
  std::function<void()> cut;
};

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

  // RESOURCE_EXHAUSTED where the user has as many as may be.
  absl::StatusOr<CallSlot> Take(const std::string& user, CallKind kind,
                                std::optional<CuttableCall> cuttable = std::nullopt) const;

  // Cuts the calls that were made with this token and can be.
  void Cut(int64_t token_id) const;

  // The same for all tokens that have expired by `now_us`. Cheap where none has.
  void CutExpired(int64_t now_us) const;

 private:
  struct State;
  void CutWhere(const std::function<bool(const CuttableCall&)>& is_due) const;

  std::shared_ptr<State> state_;
};

}  // namespace cusp::server
