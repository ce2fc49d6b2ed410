#include "server/api/submission.h"

#include <vector>

#include "catalog/job_check.h"
#include "common/ids.h"
#include "common/status_macros.h"
#include "server/api/names.h"
#include "server/api/translate.h"

namespace cusp::server {
namespace {

constexpr int32_t kMaxPriority = 100;
constexpr int kMaxAfter = 64;
constexpr size_t kMaxProblemsShown = 10;

absl::Status CheckSpec(const v1::JobSpec& spec) {
  const std::vector<catalog::Problem> problems = catalog::CheckJob(spec);
  if (problems.empty()) {
    return absl::OkStatus();
  }
  std::string message;
  for (size_t i = 0; i < problems.size() && i < kMaxProblemsShown; ++i) {
    message += (i == 0 ? "" : "\n") + problems[i].path + ": " + problems[i].message;
  }
  return absl::InvalidArgumentError(message);
}

// When and after what it may start.
absl::Status SetWaits(const v1::SubmitJobRequest& request, NewJob& job) {
  if (request.after_ok_size() > kMaxAfter) {
    return absl::InvalidArgumentError("after_ok has " + std::to_string(request.after_ok_size()) +
                                      " jobs, more than " + std::to_string(kMaxAfter));
  }
  for (const std::string& name : request.after_ok()) {
    const absl::StatusOr<std::string> id = ParseJobName(name);
    CUSP_RETURN_IF_ERROR(Annotate(id.status(), "after_ok"));
    job.after_ok.push_back(*id);
  }
  job.hold = request.hold();
  if (request.has_deadline()) {
    job.deadline_us = FromTimestamp(request.deadline());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckPriority(int32_t priority) {
  if (priority < -kMaxPriority || priority > kMaxPriority) {
    return absl::InvalidArgumentError("priority " + std::to_string(priority) +
                                      " is not within -100 to 100");
  }
  return absl::OkStatus();
}

absl::StatusOr<NewJob> CheckSubmission(const v1::SubmitJobRequest& request,
                                       const std::string& owner) {
  CUSP_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  CUSP_RETURN_IF_ERROR(CheckPriority(request.priority()));
  if (request.spec().ByteSizeLong() > catalog::kMaxSpecBytes) {
    return absl::ResourceExhaustedError("the spec has " +
                                        std::to_string(request.spec().ByteSizeLong()) +
                                        " bytes, more than 256 KiB; shorten it");
  }
  CUSP_RETURN_IF_ERROR(CheckSpec(request.spec()));
  v1::JobSpec spec = request.spec();
  catalog::ApplyDefaults(spec);

  NewJob job;
  job.public_id = NewShortId();
  job.display_name = spec.name();
  job.owner = owner;
  job.priority = request.priority();
  job.device = spec.device();
  CUSP_RETURN_IF_ERROR(SetWaits(request, job));
  const auto take = [&job](const auto& variants, std::vector<std::string>& names) {
    for (const v1::VariantSpec& variant : variants) {
      names.push_back(variant.name());
      if (!variant.weights_sha256().empty()) {
        job.weights.push_back(variant.weights_sha256());
      }
    }
  };
  take(spec.baselines(), job.baselines);
  take(spec.candidates(), job.candidates);
  for (const int mode : spec.modes()) {
    for (const int dtype : spec.dtypes()) {
      job.sweeps.emplace_back(mode, dtype);
    }
  }
  // Stored with its defaults, so that a later version's other defaults do not
  // change what an old job means.
  job.spec = spec.SerializeAsString();
  return job;
}

}  // namespace cusp::server
