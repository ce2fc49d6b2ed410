// A runner process, as a sweep sees it.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/status_macros.h"
#include "cusp/runner/v1/runner.pb.h"

namespace cusp::measure {

// One live runner. Destroying it ends the process. After any error it is dead:
// UNAVAILABLE (the process ended; the message has signal or exit code and the
// end of its stderr), DEADLINE_EXCEEDED (no answer in time) or DATA_LOSS (an
// answer that is no message). Not thread-safe.
class RunnerConnection {
 public:
  virtual ~RunnerConnection() = default;

  // Sends a request; its id is filled in.
  virtual absl::Status Send(runner::v1::Request request) = 0;

  // Waits for the response to the last request sent.
  virtual absl::StatusOr<runner::v1::Response> Receive(Clock::Duration timeout) = 0;

  // Both.
  absl::StatusOr<runner::v1::Response> Call(runner::v1::Request request, Clock::Duration timeout) {
    CUSP_RETURN_IF_ERROR(Send(std::move(request)));
    return Receive(timeout);
  }
};

// Starts runner processes. Several may live at once.
class RunnerLauncher {
 public:
  virtual ~RunnerLauncher() = default;

  // A fresh process that has been told nothing yet. NOT_FOUND, UNAVAILABLE.
  virtual absl::StatusOr<std::unique_ptr<RunnerConnection>> Launch() = 0;
};

}  // namespace cusp::measure
