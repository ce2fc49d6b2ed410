// The conversation of a runner with its worker.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cusp/runner/v1/runner.pb.h"

namespace cusp::runner {

// What a request asks for. Methods may throw what LibTorch throws; statuses
// become failures as ToFailure says. Owned by one thread.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  virtual absl::StatusOr<v1::StartResponse> Start(const v1::StartRequest& request) = 0;
  virtual absl::StatusOr<v1::BuildResponse> Build(const v1::BuildRequest& request) = 0;
  virtual absl::StatusOr<v1::RunResponse> Run(const v1::RunRequest& request) = 0;
  virtual absl::StatusOr<v1::ComponentsResponse> Components(
      const v1::ComponentsRequest& request) = 0;
  virtual absl::StatusOr<v1::MeasureCeilingResponse> MeasureCeiling(
      const v1::MeasureCeilingRequest& request) = 0;
  virtual absl::StatusOr<v1::MemoryResponse> Memory() = 0;
  virtual absl::StatusOr<v1::DropResponse> Drop(const v1::DropRequest& request) = 0;
};

// Answers each request with one response, in order; decides nothing else than
// whether a request is in order. The handler outlives it. Not thread-safe.
class Session {
 public:
  explicit Session(RequestHandler& handler) : handler_(handler) {}

  // Serves a connected stream socket until its other end closes: OK. DATA_LOSS
  // or INVALID_ARGUMENT for bytes that aren't requests: nothing after them can
  // be trusted.
  absl::Status Serve(int fd);

  // The response to one request; never throws.
  v1::Response Answer(const v1::Request& request);

 private:
  absl::Status CheckOrder(const v1::Request& request) const;
  absl::Status Dispatch(const v1::Request& request, v1::Response& response);

  RequestHandler& handler_;
  uint64_t last_id_ = 0;
  bool started_ = false;
};

}  // namespace cusp::runner
