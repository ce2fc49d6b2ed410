#include "server/api/call_turns.h"

#include <algorithm>
#include <utility>

namespace cusp::server {

absl::Status CallTurns::Add(Call call) {
  if (call.kind == LongCallKind::kUsers) {
    const auto user = users_.find(call.user);
    if (user != users_.end() &&
        user->second.running + user->second.waiting >= limits_.held_per_user) {
      return absl::ResourceExhaustedError(
          "you have " + std::to_string(limits_.held_per_user) +
          " long calls (SQL, exports, imports) open, as many as one user may; wait until one ends");
    }
  }
  if (kinds_[call.kind].waiting >= limits_.waiting) {
    return absl::ResourceExhaustedError(
        call.kind == LongCallKind::kUsers
            ? "too many long calls (SQL, exports, imports) of all users wait; try again later"
            : "too many backups, prunings and diagnoses wait; try again later");
  }
  Change(call, 0, 1);
  waiting_.push_back(std::move(call));
  return absl::OkStatus();
}

std::optional<CallTurns::Call> CallTurns::Next() {
  const auto next = std::find_if(waiting_.begin(), waiting_.end(),
                                 [this](const Call& call) { return MayRun(call); });
  if (next == waiting_.end()) {
    return std::nullopt;
  }
  Call call = std::move(*next);
  waiting_.erase(next);
  Change(call, 1, -1);
  return call;
}

void CallTurns::Done(const Call& call) { Change(call, -1, 0); }

bool CallTurns::MayRun(const Call& call) const {
  if (call.kind == LongCallKind::kAdministration) {
    return true;
  }
  const size_t for_users = std::max<size_t>(limits_.threads, 2) - 1;
  return kinds_.at(call.kind).running < for_users &&
         users_.at(call.user).running < limits_.running_per_user;
}

void CallTurns::Change(const Call& call, int running, int waiting) {
  const auto change = [&](Counts& counts) {
    counts.running += static_cast<size_t>(running);  // modulo 2^n, so minus one as well
    counts.waiting += static_cast<size_t>(waiting);
    return counts.running + counts.waiting == 0;
  };
  change(kinds_[call.kind]);
  if (call.kind == LongCallKind::kUsers && change(users_[call.user])) {
    users_.erase(call.user);
  }
}

}  // namespace cusp::server
