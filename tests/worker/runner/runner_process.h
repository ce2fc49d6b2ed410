// A real cusp-runner at the other end of a socket.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/subprocess.h"
#include "cusp/runner/v1/runner.pb.h"

namespace cusp::runner {

// A small `bert` of two layers for `positions` tokens, as config.json.
std::string TinyBert(int64_t positions);

// Owns the process. Calls fail the test where the conversation breaks. Not
// thread-safe.
class RunnerProcess {
 public:
  RunnerProcess();

  // Sends the request with the next id and waits for its response.
  v1::Response Call(v1::Request request);

  // The usual requests. Start expects success.
  v1::StartResponse Start(const std::string& device = "cpu", int64_t memory_limit_bytes = 0,
                          v1::StartRequest::Purpose purpose = v1::StartRequest::PURPOSE_TIMING);
  v1::Response Build(const v1::BuildRequest& build);
  v1::RunResponse Run(const std::vector<v1::Step>& steps);
  v1::ComponentsResponse Components(const v1::Step& step);
  v1::MemoryResponse Memory();

  // Raw bytes onto the socket.
  void Send(std::string_view bytes);

  Subprocess& process() { return process_; }

 private:
  Subprocess process_;
  uint64_t next_id_ = 1;
};

// Requests with every field filled.
v1::BuildRequest BuildOf(int32_t variant, const std::string& config, const std::string& mode,
                         const std::string& dtype = "float32");
v1::Step StepOf(int32_t variant, int64_t length, int calls = 1);

}  // namespace cusp::runner
