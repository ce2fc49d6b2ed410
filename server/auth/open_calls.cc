#include "server/auth/open_calls.h"

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace cusp::server {
namespace {

using UserCalls = std::pair<std::string, CallKind>;

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

int64_t ExpireTimeOf(const CuttableCall& call) { return call.expire_time_us.value_or(kNever); }

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

  const Caps caps;
  // Recursive, since a call that is cut may give up its slot at once.
  std::recursive_mutex mutex;
  std::map<UserCalls, int> counts;              // guarded by mutex
  std::map<const void*, CuttableCall> by_slot;  // guarded by mutex
  // No call's token expires before; guarded by mutex.
  int64_t next_expire_time_us = kNever;
};

OpenCalls::OpenCalls(const Caps& caps) : state_(std::make_shared<State>(caps)) {}

absl::StatusOr<CallSlot> OpenCalls::Take(const std::string& user, CallKind kind,
                                         std::optional<CuttableCall> cuttable) const {
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
  if (cuttable.has_value()) {
    state_->next_expire_time_us = std::min(state_->next_expire_time_us, ExpireTimeOf(*cuttable));
    state_->by_slot[slot.get()] = *std::move(cuttable);
  }
  return slot;
}

void OpenCalls::Cut(int64_t token_id) const {
  CutWhere([token_id](const CuttableCall& call) { return call.token_id == token_id; });
}

void OpenCalls::CutExpired(int64_t now_us) const {
  const std::lock_guard<std::recursive_mutex> lock(state_->mutex);
  if (now_us < state_->next_expire_time_us) {
    return;
  }
  CutWhere([now_us](const CuttableCall& call) { return ExpireTimeOf(call) <= now_us; });
  // A call that was cut and still lives is cut again at the next look, to no effect.
  state_->next_expire_time_us = kNever;
  for (const auto& [slot, call] : state_->by_slot) {
    state_->next_expire_time_us = std::min(state_->next_expire_time_us, ExpireTimeOf(call));
  }
}

void OpenCalls::CutWhere(const std::function<bool(const CuttableCall&)>& is_due) const {
  const std::lock_guard<std::recursive_mutex> lock(state_->mutex);
  std::vector<const void*> slots;
  for (const auto& [slot, call] : state_->by_slot) {
    if (is_due(call)) {
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
