#include "server/api/translate.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "server/api/names.h"

namespace cusp::server {
namespace {

static_assert(static_cast<int>(JobState::kCancelled) == v1::Job::STATE_CANCELLED);
static_assert(static_cast<int>(JobState::kSucceeded) == v1::Job::STATE_SUCCEEDED);
static_assert(static_cast<int>(SweepState::kCancelled) == v1::Sweep::STATE_CANCELLED);
static_assert(kReasonOutOfMemory == v1::Failure::REASON_OUT_OF_MEMORY);
static_assert(kReasonInvalidConfig == v1::Failure::REASON_INVALID_CONFIG);
static_assert(kReasonDeadline == v1::Failure::REASON_DEADLINE);
static_assert(kReasonInternal == v1::Failure::REASON_INTERNAL);
static_assert(kReasonDependency == v1::Failure::REASON_DEPENDENCY);

constexpr size_t kMaxTextBytes = 4096;
constexpr size_t kMaxConditionsBytes = size_t{64} << 10U;
constexpr int64_t kMicrosPerSecond = 1000000;
constexpr int64_t kLastSecond = 253402300799;  // of the year 9999
constexpr int32_t kMaxNanos = 999999999;
constexpr int32_t kNanosPerMicro = 1000;

void SetFailure(const std::optional<Failure>& failure, v1::Failure* out) {
  out->set_reason(static_cast<v1::Failure::Reason>(failure->reason));
  out->set_message(failure->message);
}

// Nothing where nobody told of them.
void SetConditions(const Conditions& conditions, v1::Provenance& out) {
  if (!conditions.start_time_us) {
    return;
  }
  v1::SweepConditions& to = *out.mutable_conditions();
  *to.mutable_start_time() = ToTimestamp(*conditions.start_time_us);
  if (conditions.load_average) {
    to.set_load_average(*conditions.load_average);
  }
  if (conditions.runnable_threads) {
    to.set_runnable_threads(*conditions.runnable_threads);
  }
  if (conditions.device_processes) {
    to.set_device_processes(*conditions.device_processes);
  }
  for (const VariantConfig& variant : conditions.variants) {
    v1::VariantConfig& config = *to.add_variants();
    config.set_variant(variant.variant);
    config.set_config_sha256(variant.config_sha256);
  }
}

Conditions FromProto(const v1::SweepConditions& in) {
  Conditions conditions;
  if (in.has_start_time()) {
    conditions.start_time_us = FromTimestamp(in.start_time());
  }
  if (in.has_load_average() && std::isfinite(in.load_average())) {
    conditions.load_average = in.load_average();
  }
  if (in.has_runnable_threads()) {
    conditions.runnable_threads = in.runnable_threads();
  }
  if (in.has_device_processes()) {
    conditions.device_processes = in.device_processes();
  }
  for (const v1::VariantConfig& variant : in.variants()) {
    conditions.variants.push_back({variant.variant(), variant.config_sha256()});
  }
  return conditions;
}

// Parsed when it was stored, so it parses now.
v1::DeviceSpeed ParseSpeed(const std::string& stored) {
  v1::DeviceSpeed speed;
  (void)speed.ParseFromString(stored);
  return speed;
}

}  // namespace

google::protobuf::Timestamp ToTimestamp(int64_t micros) {
  google::protobuf::Timestamp time;
  time.set_seconds(micros / kMicrosPerSecond);
  time.set_nanos(static_cast<int32_t>(micros % kMicrosPerSecond * 1000));
  return time;
}

int64_t FromTimestamp(const google::protobuf::Timestamp& time) {
  const int64_t seconds = std::clamp<int64_t>(time.seconds(), 0, kLastSecond);
  return seconds * kMicrosPerSecond + std::clamp(time.nanos(), 0, kMaxNanos) / kNanosPerMicro;
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
  out.set_held(job.held);
  if (job.deadline_us) {
    *out.mutable_deadline() = ToTimestamp(*job.deadline_us);
  }
  for (const std::string& id : job.after_ok) {
    out.add_after_ok(JobName(id));
  }
  if (job.samples_pruned_us) {
    *out.mutable_samples_prune_time() = ToTimestamp(*job.samples_pruned_us);
  }
  out.set_original_owner(job.original_owner);
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
  if (!sweep.device_speed.empty()) {
    *out.mutable_device_speed() = ParseSpeed(sweep.device_speed);
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
  out.set_number_settings(p.number_settings);
  out.set_memory_bytes(p.memory_bytes);
  out.set_cpu_governor(p.cpu_governor);
  out.set_cpu_min_mhz(p.cpu_min_mhz);
  out.set_cpu_max_mhz(p.cpu_max_mhz);
  out.set_cpus(p.cpus);
  out.set_libc(p.libc);
  out.set_microcode(p.microcode);
  out.set_virtual_machine(p.virtual_machine);
  out.set_device_clock_mhz(p.device_clock_mhz);
  out.set_device_memory_clock_mhz(p.device_memory_clock_mhz);
  out.set_id(p.id);
  SetConditions(p.conditions, out);
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
  out.set_drain_reason(worker.drain_reason);
  out.set_draining(worker.TakesNothing());
  if (!worker.speed.empty()) {
    *out.mutable_speed() = ParseSpeed(worker.speed);
  }
  return out;
}

Failure FromProto(const v1::Failure& in) { return {in.reason(), Bounded(in.message())}; }

absl::StatusOr<Provenance> FromProto(const v1::Provenance& in) {
  const size_t conditions = in.conditions().ByteSizeLong();
  if (conditions > kMaxConditionsBytes) {
    return absl::InvalidArgumentError("the provenance's conditions are longer than 64 KiB");
  }
  if (in.ByteSizeLong() - conditions > kMaxTextBytes) {
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
  p.number_settings = in.number_settings();
  p.memory_bytes = in.memory_bytes();
  p.cpu_governor = in.cpu_governor();
  p.cpu_min_mhz = in.cpu_min_mhz();
  p.cpu_max_mhz = in.cpu_max_mhz();
  p.cpus = in.cpus();
  p.libc = in.libc();
  p.microcode = in.microcode();
  p.virtual_machine = in.virtual_machine();
  p.device_clock_mhz = in.device_clock_mhz();
  p.device_memory_clock_mhz = in.device_memory_clock_mhz();
  p.conditions = FromProto(in.conditions());
  return p;
}

absl::StatusOr<std::string> FromProto(const v1::DeviceSpeed& in) {
  if (in.ByteSizeLong() > kMaxTextBytes) {
    return absl::InvalidArgumentError("the device's speed is longer than 4 KiB");
  }
  return in.SerializeAsString();
}

}  // namespace cusp::server
