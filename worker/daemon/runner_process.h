// The only place where runner processes are started, watched and ended.
#pragma once

#include <signal.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/frame.h"
#include "common/subprocess.h"
#include "worker/daemon/output_tail.h"
#include "worker/daemon/sandbox.h"
#include "worker/measure/runner_connection.h"

namespace cusp::worker {

class RunnerProcessLauncher;

// Owns one runner: its process, socket and output. Any error kills and reaps
// it, and so does the destructor. Not thread-safe, but for Kill().
class RunnerProcess final : public measure::RunnerConnection {
 public:
  ~RunnerProcess() override;
  RunnerProcess(const RunnerProcess&) = delete;
  RunnerProcess& operator=(const RunnerProcess&) = delete;

  absl::Status Send(runner::v1::Request request) override;
  absl::StatusOr<runner::v1::Response> Receive(Clock::Duration timeout) override;

  // Makes a running or future Receive() fail at once.
  void Kill() const { process_.Kill(SIGKILL); }

  pid_t pid() const { return process_.pid(); }

 private:
  friend class RunnerProcessLauncher;

  RunnerProcess(RunnerProcessLauncher& launcher, Subprocess process, OutputTail output);

  absl::StatusOr<runner::v1::Response> Decode(const std::string& frame);
  absl::Status ReadSome(bool& ended);
  // Reaps the process, and says how it ended and what it wrote last.
  absl::Status Died(const std::string& what);
  absl::Status KillAfter(const absl::Status& cause);
  std::string LastOutput();

  RunnerProcessLauncher& launcher_;
  Subprocess process_;
  OutputTail output_;
  FrameDecoder decoder_;
  uint64_t last_id_ = 0;
  absl::Status dead_;
};

// Starts runners of one executable, and can end all that live. Thread-safe. It
// must outlive its runners.
class RunnerProcessLauncher final : public measure::RunnerLauncher {
 public:
  // Without `sandbox` a runner reaches all that this process does. Its environment is
  // RunnerEnvironment() either way.
  explicit RunnerProcessLauncher(std::string executable,
                                 std::optional<Sandbox> sandbox = std::nullopt)
      : executable_(std::move(executable)), sandbox_(std::move(sandbox)) {}

  // NOT_FOUND with the remedy; CANCELLED after StopAll().
  absl::StatusOr<std::unique_ptr<measure::RunnerConnection>> Launch() override;

  // Kills every runner at once; no further one is started.
  void StopAll();

 private:
  friend class RunnerProcess;

  void Forget(RunnerProcess* runner);

  const std::string executable_;
  const std::optional<Sandbox> sandbox_;
  std::mutex mutex_;
  bool stopped_ = false;
  std::set<RunnerProcess*> runners_;
};

}  // namespace cusp::worker
