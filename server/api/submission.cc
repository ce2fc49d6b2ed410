#include "server/api/submission.h"

#include <vector>

#include "catalog/job_check.h"
#include "common/ids.h"
#include "common/status_macros.h"
#include "server/api/names.h"

namespace cusp::server {
namespace {

constexpr int32_t kMaxPriority = 100;
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

}  // namespace

absl::StatusOr<NewJob> CheckSubmission(const v1::SubmitJobRequest& request,
                                       const std::string& owner) {
  CUSP_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  if (request.priority() < -kMaxPriority || request.priority() > kMaxPriority) {
    return absl::InvalidArgumentError("priority " + std::to_string(request.priority()) +
                                      " is not within -100 to 100");
  }
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
  for (const v1::VariantSpec& variant : spec.baselines()) {
    job.baselines.push_back(variant.name());
  }
  for (const v1::VariantSpec& variant : spec.candidates()) {
    job.candidates.push_back(variant.name());
  }
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
