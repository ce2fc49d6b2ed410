// Talks to a real cusp-runner as a worker does, for benchmarks.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "common/frame.h"
#include "common/status_macros.h"
#include "common/subprocess.h"
#include "cusp/runner/v1/runner.pb.h"

namespace cusp {

// Owns the runner's process. Not thread-safe.
class RunnerConversation {
 public:
  // Spawns the runner of this build.
  static absl::StatusOr<RunnerConversation> Start(int32_t threads,
                                                  const std::string& device = "cpu") {
    CUSP_ASSIGN_OR_RETURN(
        Subprocess process,
        Subprocess::Spawn(
            {.argv = {CUSP_BIN_DIR "/cusp-runner"}, .extra_env = {}, .with_socket = true}));
    RunnerConversation conversation(std::move(process));
    runner::v1::Request start;
    start.mutable_start()->set_device(device);
    start.mutable_start()->set_threads(threads);
    CUSP_ASSIGN_OR_RETURN(const runner::v1::Response started, conversation.Call(start));
    conversation.facts_ = started.start();
    return conversation;
  }

  // INTERNAL with the answer's text where it is a failure.
  absl::StatusOr<runner::v1::Response> Call(runner::v1::Request request) {
    request.set_id(++last_id_);
    CUSP_RETURN_IF_ERROR(WriteFrame(process_.socket_fd(), request.SerializeAsString()));
    CUSP_ASSIGN_OR_RETURN(const std::string frame, ReadFrame(process_.socket_fd()));
    runner::v1::Response response;
    if (!response.ParseFromString(frame) || response.has_failure()) {
      return absl::InternalError("the runner answered: " + response.ShortDebugString());
    }
    return response;
  }

  // Of the process and its device.
  const runner::v1::StartResponse& facts() const { return facts_; }

 private:
  explicit RunnerConversation(Subprocess process) : process_(std::move(process)) {}

  Subprocess process_;
  runner::v1::StartResponse facts_;
  uint64_t last_id_ = 0;
};

}  // namespace cusp
