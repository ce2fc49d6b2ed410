// Waiting for a job: run, watch and submit --wait.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/interrupt.h"
#include "client/cli/progress.h"
#include "client/lib/client.h"

namespace cusp::client {

struct FollowOptions {
  std::chrono::milliseconds timeout{0};  // 0: none
  // Called several times a second; a value ends the wait with that exit code.
  std::function<std::optional<int>()> supervise;
  // Why the job waits is not shown before this time has passed: for a worker
  // that is only just being started.
  std::chrono::milliseconds waiting_shown_after{0};
};

// How a wait ended: the job's own end, or an exit code for what came first.
struct FollowEnd {
  v1::Job job;  // newest snapshot; empty where there was none
  std::optional<int> exit_code;
};

// Shows progress until the job ends, the time is over (kExitTimeout), a signal
// comes (128 + its number), or the coordinator refuses (reported, its code).
// `name` is a whole "jobs/{id}".
FollowEnd Follow(Client& client, const std::string& name, const FollowOptions& options,
                 const Interrupt& interrupt, ProgressLine& progress);

// Exit code of a job that has ended: kExitDone, kExitJobFailed or
// kExitJobCancelled.
int ExitCodeOf(const v1::Job& job);

}  // namespace cusp::client
