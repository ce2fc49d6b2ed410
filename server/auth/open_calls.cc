#include "server/auth/open_calls.h"

#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace cusp::server {
namespace {

using UserCalls = std::pair<std::string, CallKind>;

int CapOf(const OpenCalls::Caps& caps, CallKind kind) {
  switch (kind) {
    case CallKind::kWatch:
      return caps.watches;
    case CallKind::kWorkerCall:
      return caps.worker_calls;
    default:
      return caps.calls;
  }
}

absl::Status TooMany(const UserCalls& calls, int cap) {
  const std::string what = calls.second == CallKind::kWatch ? " jobs watched" : " calls open";
  return absl::ResourceExhaustedError("user \"" + calls.first + "\" has " + std::to_string(cap) +
                                      what +
                                      " at once, as many as one may have; end some, or try "
                                      "again later");
}

}  // namespace

struct OpenCalls::State {
  explicit State(const Caps& limits) : caps(limits) {}

  struct Cuttable {
    int64_t token_id;
    std::function<void()> cut;
  };

  const Caps caps;
  // Recursive, since a call that is cut may give up its slot at once.
  std::recursive_mutex mutex;
  std::map<UserCalls, int> counts;          // guarded by mutex
  std::map<const void*, Cuttable> by_slot;  // guarded by mutex
};

OpenCalls::OpenCalls(const Caps& caps) : state_(std::make_shared<State>(caps)) {}

absl::StatusOr<CallSlot> OpenCalls::Take(const std::string& user, CallKind kind, int64_t token_id,
                                         std::function<void()> cut) const {
  const UserCalls calls{user, kind};
  const std::lock_guard<std::recursive_mutex> lock(state_->mutex);
  int& count = state_->counts[calls];
  if (const int cap = CapOf(state_->caps, kind); count >= cap) {
    return TooMany(calls, cap);
  }
  ++count;
  const auto release = [state = state_, calls](const UserCalls* slot) {
    {
      const std::lock_guard<std::recursive_mutex> release_lock(state->mutex);
      state->by_slot.erase(slot);
      const auto it = state->counts.find(calls);
      if (--it->second == 0) {
        state->counts.erase(it);
      }
    }
    delete slot;
  };
  CallSlot slot = std::shared_ptr<UserCalls>(new UserCalls(calls), release);
  if (cut) {
    state_->by_slot[slot.get()] = {token_id, std::move(cut)};
  }
  return slot;
}

void OpenCalls::Cut(int64_t token_id) const {
  const std::lock_guard<std::recursive_mutex> lock(state_->mutex);
  std::vector<const void*> slots;
  for (const auto& [slot, cuttable] : state_->by_slot) {
    if (cuttable.token_id == token_id) {
      slots.push_back(slot);
    }
  }
  for (const void* slot : slots) {
    const auto it = state_->by_slot.find(slot);
    if (it != state_->by_slot.end()) {
      // A copy: the call may end, and take its entry along, while it is cut.
      const std::function<void()> cut = it->second.cut;
      cut();
    }
  }
}

}  // namespace cusp::server
