#include "server/api/archive_translate.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "catalog/job_check.h"
#include "common/status_macros.h"
#include "server/api/names.h"
#include "server/api/translate.h"
#include "server/api/translate_measurements.h"
#include "server/queue/transitions.h"

namespace cusp::server {
namespace {

constexpr int kMaxVariants = 64;
constexpr int kMaxSweeps = 64;

absl::Status Bad(const std::string& what) { return absl::InvalidArgumentError(what); }

std::optional<int64_t> OptionalTime(bool has, const google::protobuf::Timestamp& time) {
  return has ? std::optional<int64_t>(FromTimestamp(time)) : std::nullopt;
}

absl::Status AddNames(const google::protobuf::RepeatedPtrField<v1::VariantSpec>& variants,
                      std::set<std::string>& seen, std::vector<std::string>& names) {
  for (const v1::VariantSpec& variant : variants) {
    if (variant.name().empty() || !seen.insert(variant.name()).second) {
      return Bad("a variant of the job has no name, or another one's");
    }
    names.push_back(variant.name());
  }
  return absl::OkStatus();
}

absl::Status CheckTimes(const Job& job) {
  const int64_t start = job.start_time_us.value_or(job.create_time_us);
  if (!job.end_time_us || start < job.create_time_us || *job.end_time_us < start) {
    return Bad("the job's times are not in order, or it has no end");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ArchivedJob> ArchivedJobOf(const v1::ArchivedJob& in) {
  const v1::Job& from = in.job();
  ArchivedJob archived;
  Job& job = archived.job;
  CUSP_ASSIGN_OR_RETURN(job.public_id, ParseJobName(from.name()));
  if (from.spec().ByteSizeLong() > catalog::kMaxSpecBytes) {
    return Bad("the job's spec is longer than 256 KiB");
  }
  const v1::JobSpec& spec = from.spec();
  std::set<std::string> seen;
  CUSP_RETURN_IF_ERROR(AddNames(spec.baselines(), seen, archived.baselines));
  CUSP_RETURN_IF_ERROR(AddNames(spec.candidates(), seen, archived.candidates));
  if (seen.empty() || seen.size() > kMaxVariants) {
    return Bad("the job has " + std::to_string(seen.size()) + " variants; 1 to 64 are possible");
  }
  const int sweeps = spec.modes_size() * spec.dtypes_size();
  if (sweeps < 1 || sweeps > kMaxSweeps || from.sweeps_total() != sweeps) {
    return Bad("the job's spec asks for another number of sweeps than the job has");
  }
  job.state = static_cast<JobState>(from.state());
  if (!v1::Job::State_IsValid(from.state()) || !HasEnded(job.state)) {
    return Bad("the job has not ended");
  }
  job.display_name = Bounded(from.display_name());
  job.owner = Bounded(from.owner());
  job.priority = from.priority();
  job.device = Bounded(in.device());
  job.sweeps_total = sweeps;
  job.create_time_us = FromTimestamp(from.create_time());
  job.start_time_us = OptionalTime(from.has_start_time(), from.start_time());
  job.end_time_us = OptionalTime(from.has_end_time(), from.end_time());
  job.samples_pruned_us = OptionalTime(from.has_samples_prune_time(), from.samples_prune_time());
  if (from.has_failure()) {
    job.failure = FromProto(from.failure());
  }
  job.spec = spec.SerializeAsString();
  CUSP_RETURN_IF_ERROR(CheckTimes(job));
  return archived;
}

absl::StatusOr<ArchivedSweep> ArchivedSweepOf(const v1::ArchivedSweep& in, const ArchivedJob& job,
                                              const v1::JobSpec& spec, int number) {
  const v1::Sweep& from = in.sweep();
  ArchivedSweep archived;
  Sweep& sweep = archived.sweep;
  CUSP_ASSIGN_OR_RETURN(const SweepName name, ParseSweepName(from.name()));
  if (name.job != job.job.public_id || name.number != number) {
    return Bad("is sweep \"" + from.name().substr(0, 80) + "\"; sweep " + std::to_string(number) +
               " of the job must stand here");
  }
  sweep.number = number;
  sweep.mode = spec.modes((number - 1) / spec.dtypes_size());
  sweep.dtype = spec.dtypes((number - 1) % spec.dtypes_size());
  if (from.mode() != sweep.mode || from.dtype() != sweep.dtype) {
    return Bad("the sweep's mode or number type is not the spec's");
  }
  sweep.state = static_cast<SweepState>(from.state());
  if (!v1::Sweep::State_IsValid(from.state()) || !HasEnded(sweep.state)) {
    return Bad("the sweep has not ended");
  }
  sweep.attempt = from.attempt();
  sweep.generation = in.generation();
  sweep.blocks_committed = from.blocks_committed();
  sweep.last_block = in.last_block();
  if (sweep.attempt < 0 || sweep.generation < 1 || sweep.blocks_committed < 0 ||
      sweep.last_block < sweep.blocks_committed) {
    return Bad("the sweep's numbers of attempt, generation or blocks cannot be");
  }
  if (!from.worker().empty()) {
    CUSP_ASSIGN_OR_RETURN(sweep.worker, ParseWorkerName(from.worker()));
  }
  if (from.has_failure()) {
    sweep.failure = FromProto(from.failure());
  }
  if (from.has_provenance()) {
    CUSP_ASSIGN_OR_RETURN(sweep.provenance, FromProto(from.provenance()));
  } else if (sweep.blocks_committed > 0) {
    return Bad("the sweep has blocks and no provenance");
  }
  archived.end_time_us = OptionalTime(in.has_end_time(), in.end_time());
  if (!archived.end_time_us) {
    return Bad("the sweep has no time of its end");
  }
  CUSP_ASSIGN_OR_RETURN(archived.result, FromProto(in.result()));
  return archived;
}

}  // namespace cusp::server
