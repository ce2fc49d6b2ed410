#include "worker/measure/outcome.h"

#include <string>

namespace cusp::measure {

absl::Status ToStatus(const runner::v1::Failure& failure) {
  switch (failure.reason()) {
    case runner::v1::Failure::REASON_OUT_OF_MEMORY:
      return absl::ResourceExhaustedError(failure.message());
    case runner::v1::Failure::REASON_INVALID_CONFIG:
      return absl::InvalidArgumentError(failure.message());
    default:
      return absl::InternalError(failure.message());
  }
}

absl::Status CheckResponse(const runner::v1::Response& response,
                           runner::v1::Response::KindCase kind) {
  if (response.has_failure()) {
    return ToStatus(response.failure());
  }
  if (response.kind_case() != kind) {
    return absl::DataLossError("the runner's answer does not belong to the question");
  }
  return absl::OkStatus();
}

v1::Outcome OutcomeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return v1::OUTCOME_OK;
    case absl::StatusCode::kResourceExhausted:
      return v1::OUTCOME_OUT_OF_MEMORY;
    case absl::StatusCode::kDeadlineExceeded:
      return v1::OUTCOME_TIMED_OUT;
    case absl::StatusCode::kInvalidArgument:
      return v1::OUTCOME_INVALID;
    default:
      return v1::OUTCOME_CRASHED;
  }
}

void SetFailure(const absl::Status& status, v1::Sample& sample) {
  sample.set_outcome(OutcomeOf(status));
  sample.set_failure_message(std::string(status.message()));
}

v1::Failure FailureOf(const absl::Status& status) {
  v1::Failure failure;
  failure.set_message(std::string(status.message()));
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kNotFound:
      failure.set_reason(v1::Failure::REASON_CRASHED);
      break;
    case absl::StatusCode::kDeadlineExceeded:
      failure.set_reason(v1::Failure::REASON_TIMED_OUT);
      break;
    case absl::StatusCode::kDataLoss:
      failure.set_reason(v1::Failure::REASON_PROTOCOL);
      break;
    case absl::StatusCode::kInvalidArgument:
      failure.set_reason(v1::Failure::REASON_INVALID_CONFIG);
      break;
    case absl::StatusCode::kResourceExhausted:
      failure.set_reason(v1::Failure::REASON_OUT_OF_MEMORY);
      break;
    default:
      failure.set_reason(v1::Failure::REASON_INTERNAL);
  }
  return failure;
}

bool IsTransient(const absl::Status& status) {
  return !status.ok() && status.code() != absl::StatusCode::kResourceExhausted &&
         status.code() != absl::StatusCode::kInvalidArgument;
}

}  // namespace cusp::measure
