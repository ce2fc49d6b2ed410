#include "worker/runner/session.h"

#include <string>
#include <utility>

#include "common/frame.h"
#include "common/status_macros.h"
#include "worker/runner/failure.h"

namespace cusp::runner {

absl::Status Session::Serve(int fd) {
  while (true) {
    const auto frame = ReadFrame(fd);
    if (absl::IsOutOfRange(frame.status())) {
      return absl::OkStatus();
    }
    CUSP_RETURN_IF_ERROR(frame.status());
    v1::Request request;
    if (!request.ParseFromString(*frame)) {
      return absl::DataLossError("a frame of " + std::to_string(frame->size()) +
                                 " bytes is no request");
    }
    const absl::Status written = WriteFrame(fd, Answer(request).SerializeAsString());
    if (absl::IsUnavailable(written)) {
      // The worker went away without waiting: its right.
      return absl::OkStatus();
    }
    CUSP_RETURN_IF_ERROR(written);
  }
}

v1::Response Session::Answer(const v1::Request& request) {
  v1::Response response;
  absl::Status status = CheckOrder(request);
  if (status.ok()) {
    last_id_ = request.id();
    status = RunCaught([&] { return Dispatch(request, response); });
  }
  response.set_id(request.id());
  if (!status.ok()) {
    *response.mutable_failure() = ToFailure(status);
  }
  return response;
}

absl::Status Session::CheckOrder(const v1::Request& request) const {
  if (request.id() <= last_id_) {
    return absl::FailedPreconditionError("request " + std::to_string(request.id()) + " after " +
                                         std::to_string(last_id_) + ": ids must grow");
  }
  if (request.kind_case() == v1::Request::KIND_NOT_SET) {
    return absl::FailedPreconditionError(
        "a request of a kind that this runner does not know; use worker and runner of one version");
  }
  if (request.has_start() == started_) {
    return absl::FailedPreconditionError(started_ ? "the runner has been started already"
                                                  : "the first request must be start");
  }
  return absl::OkStatus();
}

absl::Status Session::Dispatch(const v1::Request& request, v1::Response& response) {
  switch (request.kind_case()) {
    case v1::Request::kStart: {
      CUSP_ASSIGN_OR_RETURN(*response.mutable_start(), handler_.Start(request.start()));
      started_ = true;
      break;
    }
    case v1::Request::kBuild: {
      CUSP_ASSIGN_OR_RETURN(*response.mutable_build(), handler_.Build(request.build()));
      break;
    }
    case v1::Request::kRun: {
      CUSP_ASSIGN_OR_RETURN(*response.mutable_run(), handler_.Run(request.run()));
      break;
    }
    case v1::Request::kComponents: {
      CUSP_ASSIGN_OR_RETURN(*response.mutable_components(),
                            handler_.Components(request.components()));
      break;
    }
    case v1::Request::kMeasureCeiling: {
      CUSP_ASSIGN_OR_RETURN(*response.mutable_measure_ceiling(),
                            handler_.MeasureCeiling(request.measure_ceiling()));
      break;
    }
    case v1::Request::kMemory: {
      CUSP_ASSIGN_OR_RETURN(*response.mutable_memory(), handler_.Memory());
      break;
    }
    case v1::Request::kDrop: {
      CUSP_ASSIGN_OR_RETURN(*response.mutable_drop(), handler_.Drop(request.drop()));
      break;
    }
    case v1::Request::KIND_NOT_SET:
      break;
  }
  return absl::OkStatus();
}

}  // namespace cusp::runner
