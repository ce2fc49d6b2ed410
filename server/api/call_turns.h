// Whose long call runs next.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"

namespace cusp::server {

enum class LongCallKind {
  kUsers,           // SQL, archives
  kAdministration,  // backups, pruning, the diagnosis
};

// The calls that run and wait, without threads of its own. First come, first served among
// those that may run: of one user's calls two at a time, and of all users' one fewer than
// there are threads, so that administration never waits for them. Not thread-safe.
class CallTurns {
 public:
  struct Limits {
    size_t threads = 1;           // user's calls get all but one, and one at least
    size_t waiting = 16;          // of each kind
    size_t running_per_user = 2;  // the next two are of kUsers alone
    size_t held_per_user = 4;     // running or waiting
  };

  struct Call {
    std::string user;
    LongCallKind kind;
    std::function<void()> work;
  };

  explicit CallTurns(const Limits& limits) : limits_(limits) {}

  // RESOURCE_EXHAUSTED where the user has too many already, or too many of the kind wait.
  absl::Status Add(Call call);

  // Takes the first that may run, which counts as running until Done().
  std::optional<Call> Next();
  void Done(const Call& call);

  bool IsWaiting() const { return !waiting_.empty(); }

 private:
  struct Counts {
    size_t running = 0;
    size_t waiting = 0;
  };

  bool MayRun(const Call& call) const;
  void Change(const Call& call, int running, int waiting);

  const Limits limits_;
  std::deque<Call> waiting_;
  std::map<LongCallKind, Counts> kinds_;
  std::map<std::string, Counts> users_;  // of kUsers; none with zeros
};

}  // namespace cusp::server
