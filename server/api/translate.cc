#include "server/api/translate.h"

#include <string>

#include "server/api/names.h"

namespace cusp::server {
namespace {

static_assert(static_cast<int>(JobState::kCancelled) == v1::Job::STATE_CANCELLED);
static_assert(static_cast<int>(JobState::kSucceeded) == v1::Job::STATE_SUCCEEDED);
static_assert(static_cast<int>(SweepState::kCancelled) == v1::Sweep::STATE_CANCELLED);
static_assert(kReasonOutOfMemory == v1::Failure::REASON_OUT_OF_MEMORY);
static_assert(kReasonInternal == v1::Failure::REASON_INTERNAL);

constexpr size_t kMaxTextBytes = 4096;
constexpr int64_t kMicrosPerSecond = 1000000;

void SetFailure(const std::optional<Failure>& failure, v1::Failure* out) {
  out->set_reason(static_cast<v1::Failure::Reason>(failure->reason));
  out->set_message(failure->message);
}

}  // namespace

google::protobuf::Timestamp ToTimestamp(int64_t micros) {
  google::protobuf::Timestamp time;
  time.set_seconds(micros / kMicrosPerSecond);
  time.set_nanos(static_cast<int32_t>(micros % kMicrosPerSecond * 1000));
  return time;
}

std::string Bounded(const std::string& text) {
  if (text.size() <= kMaxTextBytes) {
    return text;
  }
  size_t end = kMaxTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
    --end;
  }
  return text.substr(0, end);
}

v1::Job ToProto(const Job& job) {
  v1::Job out;
  out.set_name(JobName(job.public_id));
  out.set_display_name(job.display_name);
  out.set_state(static_cast<v1::Job::State>(job.state));
  out.set_owner(job.owner);
  out.set_priority(job.priority);
  *out.mutable_create_time() = ToTimestamp(job.create_time_us);
  if (job.start_time_us) {
    *out.mutable_start_time() = ToTimestamp(*job.start_time_us);
  }
  if (job.end_time_us) {
    *out.mutable_end_time() = ToTimestamp(*job.end_time_us);
  }
  for (const Sweep& sweep : job.sweeps) {
    *out.add_sweeps() = ToProto(sweep, job.public_id);
  }
  if (job.failure) {
    SetFailure(job.failure, out.mutable_failure());
  }
  out.set_sweeps_ended(job.sweeps_ended);
  out.set_sweeps_total(job.sweeps_total);
  if (!job.spec.empty()) {
    // Parsed when it was submitted, so it parses now.
    (void)out.mutable_spec()->ParseFromString(job.spec);
  }
  return out;
}

v1::Sweep ToProto(const Sweep& sweep, const std::string& job) {
  v1::Sweep out;
  out.set_name(SweepNameOf(job, sweep.number));
  out.set_mode(static_cast<v1::Mode>(sweep.mode));
  out.set_dtype(static_cast<v1::DType>(sweep.dtype));
  out.set_state(static_cast<v1::Sweep::State>(sweep.state));
  out.set_attempt(sweep.attempt);
  if (!sweep.worker.empty()) {
    out.set_worker(WorkerName(sweep.worker));
  }
  out.set_blocks_committed(sweep.blocks_committed);
  if (sweep.failure) {
    SetFailure(sweep.failure, out.mutable_failure());
  }
  if (sweep.provenance) {
    *out.mutable_provenance() = ToProto(*sweep.provenance);
  }
  return out;
}

v1::Provenance ToProto(const Provenance& p) {
  v1::Provenance out;
  out.set_device_class(p.device_class);
  out.set_device(p.device);
  out.set_host(p.host);
  out.set_driver_version(p.driver_version);
  out.set_torch_version(p.torch_version);
  out.set_cusp_version(p.cusp_version);
  out.set_build_id(p.build_id);
  out.set_threads(p.threads);
  out.set_affinity(p.affinity);
  out.set_allocator(p.allocator);
  out.set_cpu_capability(p.cpu_capability);
  out.set_kernel(p.kernel);
  return out;
}

v1::Worker ToProto(const Worker& worker) {
  v1::Worker out;
  out.set_name(WorkerName(worker.name));
  out.set_device_class(worker.device_class);
  out.set_device(worker.device);
  out.set_host(worker.host);
  out.set_memory_bytes(worker.memory_bytes);
  out.set_cores(worker.cores);
  out.set_cusp_version(worker.cusp_version);
  return out;
}

Failure FromProto(const v1::Failure& in) { return {in.reason(), Bounded(in.message())}; }

absl::StatusOr<Provenance> FromProto(const v1::Provenance& in) {
  if (in.ByteSizeLong() > kMaxTextBytes) {
    return absl::InvalidArgumentError("the provenance is longer than 4 KiB");
  }
  Provenance p;
  p.device_class = in.device_class();
  p.device = in.device();
  p.host = in.host();
  p.driver_version = in.driver_version();
  p.torch_version = in.torch_version();
  p.cusp_version = in.cusp_version();
  p.build_id = in.build_id();
  p.threads = in.threads();
  p.affinity = in.affinity();
  p.allocator = in.allocator();
  p.cpu_capability = in.cpu_capability();
  p.kernel = in.kernel();
  return p;
}

}  // namespace cusp::server
