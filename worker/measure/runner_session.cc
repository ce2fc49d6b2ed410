#include "worker/measure/runner_session.h"

#include <string>
#include <utility>

#include "common/status_macros.h"
#include "worker/measure/outcome.h"

namespace cusp::measure {
namespace {

constexpr int kTries = 3;

using runner::v1::Request;
using runner::v1::Response;

// One result for each step, and no time that a clock can't have measured: a zero would
// make a ratio of costs that is no number.
absl::Status CheckResults(const runner::v1::RunResponse& response, size_t steps) {
  if (response.results_size() != static_cast<int>(steps)) {
    return absl::DataLossError("the runner answered with another number of results");
  }
  for (const runner::v1::StepResult& result : response.results()) {
    if (!result.has_failure() && result.duration_ns() <= 0) {
      return absl::DataLossError("the runner measured a step of " +
                                 std::to_string(result.duration_ns()) + " ns");
    }
  }
  return absl::OkStatus();
}

}  // namespace

RunnerSession::RunnerSession(const SweepSetup& setup, RunnerLauncher& launcher, SweepHost& host,
                             const Clock& clock)
    : setup_(setup), launcher_(launcher), host_(host), clock_(clock) {}

absl::Status RunnerSession::Start(Clock::Duration timeout) {
  const Clock::Monotonic begin = clock_.Now();
  CUSP_ASSIGN_OR_RETURN(connection_, launcher_.Launch());
  ++generation_;
  Request start;
  *start.mutable_start() = setup_.start;
  start.mutable_start()->set_purpose(runner::v1::StartRequest::PURPOSE_TIMING);
  CUSP_ASSIGN_OR_RETURN(const Response started, connection_->Call(start, timeout));
  CUSP_RETURN_IF_ERROR(
      Annotate(CheckResponse(started, Response::kStart), "the runner could not start"));
  host_.Started(started.start());
  for (size_t i = 0; i < setup_.builds.size(); ++i) {
    const std::string context = "variant '" + setup_.variants[i].name + "'";
    Request build;
    *build.mutable_build() = setup_.builds[i];
    const absl::StatusOr<Response> built = connection_->Call(build, timeout);
    CUSP_RETURN_IF_ERROR(Annotate(built.status(), context));
    CUSP_RETURN_IF_ERROR(Annotate(CheckResponse(*built, Response::kBuild), context));
  }
  start_time_ = clock_.Now() - begin;
  return absl::OkStatus();
}

absl::Status RunnerSession::EnsureReady(Clock::Duration timeout) {
  if (connection_ != nullptr) {
    return absl::OkStatus();
  }
  absl::Status status;
  for (int i = 0; i < kTries && host_.Stop() != StopRequest::kNow; ++i) {
    status = Start(timeout);
    if (status.ok()) {
      return status;
    }
    Close();
    if (!IsTransient(status)) {
      return status;
    }
  }
  return host_.Stop() == StopRequest::kNow ? absl::CancelledError("stopped") : status;
}

absl::StatusOr<runner::v1::RunResponse> RunnerSession::Run(
    const std::vector<runner::v1::Step>& steps, Clock::Duration timeout) {
  Request request;
  request.mutable_run()->mutable_steps()->Add(steps.begin(), steps.end());
  absl::StatusOr<Response> response = connection_->Call(std::move(request), timeout);
  absl::Status status = response.status();
  if (status.ok()) {
    status = CheckResponse(*response, Response::kRun);
  }
  if (status.ok()) {
    status = CheckResults(response->run(), steps.size());
  }
  if (!status.ok()) {
    Close();
    return status;
  }
  return std::move(*response->mutable_run());
}

absl::StatusOr<runner::v1::ComponentsResponse> RunnerSession::Components(
    const runner::v1::Step& step, Clock::Duration timeout) {
  Request request;
  *request.mutable_components()->mutable_step() = step;
  absl::StatusOr<Response> response = connection_->Call(std::move(request), timeout);
  absl::Status status = response.status();
  if (status.ok()) {
    status = CheckResponse(*response, Response::kComponents);
  }
  if (status.ok() && !response->components().has_failure() &&
      response->components().whole_ns() <= 0) {
    status = absl::DataLossError("the runner timed components of a step of no time");
  }
  if (!status.ok()) {
    Close();
    return status;
  }
  return std::move(*response->mutable_components());
}

}  // namespace cusp::measure
