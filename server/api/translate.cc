#include "server/api/translate.h"

#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "common/status_macros.h"
#include "server/api/names.h"

namespace cusp::server {
namespace {

static_assert(static_cast<int>(JobState::kCancelled) == v1::Job::STATE_CANCELLED);
static_assert(static_cast<int>(JobState::kSucceeded) == v1::Job::STATE_SUCCEEDED);
static_assert(static_cast<int>(SweepState::kCancelled) == v1::Sweep::STATE_CANCELLED);
static_assert(kReasonOutOfMemory == v1::Failure::REASON_OUT_OF_MEMORY);
static_assert(kReasonInternal == v1::Failure::REASON_INTERNAL);
static_assert(kOutcomeOk == v1::OUTCOME_OK && kOutcomeOutOfMemory == v1::OUTCOME_OUT_OF_MEMORY);

constexpr size_t kMaxTextBytes = 4096;
constexpr int64_t kMicrosPerSecond = 1000000;

void SetFailure(const std::optional<Failure>& failure, v1::Failure* out) {
  out->set_reason(static_cast<v1::Failure::Reason>(failure->reason));
  out->set_message(failure->message);
}

void SetCrossing(const Crossing& crossing, v1::Crossing* out) {
  out->set_length(crossing.length);
  out->set_low(crossing.low);
  out->set_high(crossing.high);
  out->set_direction(static_cast<v1::Direction>(crossing.direction));
}

absl::Status Bad(const std::string& what) { return absl::InvalidArgumentError(what); }

// What workers tell is stored for good, so its size is bounded. Cut between
// characters of UTF-8: protobuf refuses a whole message for half of one.
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

absl::StatusOr<Sample> FromProto(const v1::Sample& in, int64_t block) {
  const std::string where = "block " + std::to_string(block) + ", variant \"" + in.variant() + "\"";
  if (!v1::Metric_IsValid(in.metric()) || in.metric() == v1::METRIC_UNSPECIFIED) {
    return Bad(where + ": the metric is missing or unknown");
  }
  if (!v1::Outcome_IsValid(in.outcome()) || in.outcome() == v1::OUTCOME_UNSPECIFIED) {
    return Bad(where + ": the outcome is missing or unknown");
  }
  if (in.outcome() == v1::OUTCOME_OK && !std::isfinite(in.value())) {
    return Bad(where + ": the value is not finite");
  }
  Sample sample;
  sample.variant = in.variant();
  sample.metric = in.metric();
  sample.value = in.value();
  sample.outcome = in.outcome();
  sample.calls = in.calls();
  sample.order = in.order();
  sample.failure_message = Bounded(in.failure_message());
  return sample;
}

absl::StatusOr<Crossing> FromProto(const v1::Crossing& in) {
  if (std::isnan(in.length()) || std::isnan(in.low()) || std::isnan(in.high())) {
    return Bad("a crossing has a length that is no number");
  }
  return Crossing{in.length(), in.low(), in.high(), in.direction()};
}

absl::StatusOr<Comparison> FromProto(const v1::Comparison& in) {
  Comparison c;
  c.baseline = in.baseline();
  c.candidate = in.candidate();
  c.metric = in.metric();
  c.batch_size = in.batch_size();
  c.range_min = in.range_min();
  c.range_max = in.range_max();
  c.verdict = in.verdict();
  for (const v1::Crossing& crossing : in.crossings()) {
    CUSP_ASSIGN_OR_RETURN(Crossing one, FromProto(crossing));
    c.crossings.push_back(one);
  }
  if (in.has_first()) {
    CUSP_ASSIGN_OR_RETURN(c.first, FromProto(in.first()));
  }
  if (in.has_persistent()) {
    CUSP_ASSIGN_OR_RETURN(c.persistent, FromProto(in.persistent()));
  }
  c.undecided_lengths.assign(in.undecided_lengths().begin(), in.undecided_lengths().end());
  c.equal_lengths.assign(in.equal_lengths().begin(), in.equal_lengths().end());
  c.blocks_used = in.blocks_used();
  c.note = Bounded(in.note());
  return c;
}

absl::StatusOr<Cost> FromProto(const v1::Cost& in) {
  if (in.outcome() == v1::OUTCOME_OK &&
      (std::isnan(in.median()) || std::isnan(in.low()) || std::isnan(in.high()))) {
    return Bad("the cost of \"" + in.variant() + "\" at length " + std::to_string(in.length()) +
               " is no number");
  }
  Cost c;
  c.variant = in.variant();
  c.metric = in.metric();
  c.batch_size = in.batch_size();
  c.length = in.length();
  c.median = in.median();
  c.low = in.low();
  c.high = in.high();
  c.samples = in.samples();
  c.outcome = in.outcome();
  c.failure_message = Bounded(in.failure_message());
  return c;
}

void SetComparison(const Comparison& c, const Sweep& sweep, v1::Comparison* out) {
  out->set_baseline(c.baseline);
  out->set_candidate(c.candidate);
  out->set_metric(static_cast<v1::Metric>(c.metric));
  out->set_mode(static_cast<v1::Mode>(sweep.mode));
  out->set_dtype(static_cast<v1::DType>(sweep.dtype));
  out->set_batch_size(c.batch_size);
  out->set_range_min(c.range_min);
  out->set_range_max(c.range_max);
  out->set_verdict(static_cast<v1::Verdict>(c.verdict));
  for (const Crossing& crossing : c.crossings) {
    SetCrossing(crossing, out->add_crossings());
  }
  if (c.first) {
    SetCrossing(*c.first, out->mutable_first());
  }
  if (c.persistent) {
    SetCrossing(*c.persistent, out->mutable_persistent());
  }
  out->mutable_undecided_lengths()->Add(c.undecided_lengths.begin(), c.undecided_lengths.end());
  out->mutable_equal_lengths()->Add(c.equal_lengths.begin(), c.equal_lengths.end());
  out->set_blocks_used(c.blocks_used);
  out->set_note(c.note);
}

void SetCost(const Cost& c, const Sweep& sweep, v1::Cost* out) {
  out->set_variant(c.variant);
  out->set_metric(static_cast<v1::Metric>(c.metric));
  out->set_mode(static_cast<v1::Mode>(sweep.mode));
  out->set_dtype(static_cast<v1::DType>(sweep.dtype));
  out->set_batch_size(c.batch_size);
  out->set_length(c.length);
  out->set_median(c.median);
  out->set_low(c.low);
  out->set_high(c.high);
  out->set_samples(c.samples);
  out->set_outcome(static_cast<v1::Outcome>(c.outcome));
  out->set_failure_message(c.failure_message);
}

}  // namespace

google::protobuf::Timestamp ToTimestamp(int64_t micros) {
  google::protobuf::Timestamp time;
  time.set_seconds(micros / kMicrosPerSecond);
  time.set_nanos(static_cast<int32_t>(micros % kMicrosPerSecond * 1000));
  return time;
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

v1::Block ToProto(const Block& block) {
  v1::Block out;
  out.set_block(block.block);
  out.set_length(block.length);
  out.set_batch_size(block.batch_size);
  out.set_steal_share(block.steal_share);
  for (const Sample& sample : block.samples) {
    v1::Sample* one = out.add_samples();
    one->set_variant(sample.variant);
    one->set_metric(static_cast<v1::Metric>(sample.metric));
    one->set_value(sample.value);
    one->set_outcome(static_cast<v1::Outcome>(sample.outcome));
    one->set_calls(sample.calls);
    one->set_order(sample.order);
    one->set_failure_message(sample.failure_message);
  }
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

void AppendResult(const SweepResult& result, const Sweep& sweep,
                  google::protobuf::RepeatedPtrField<v1::Comparison>* comparisons,
                  google::protobuf::RepeatedPtrField<v1::Cost>* costs) {
  for (const Comparison& comparison : result.comparisons) {
    SetComparison(comparison, sweep, comparisons->Add());
  }
  for (const Cost& cost : result.costs) {
    SetCost(cost, sweep, costs->Add());
  }
}

Failure FromProto(const v1::Failure& in) { return {in.reason(), Bounded(in.message())}; }

absl::StatusOr<Provenance> FromProto(const v1::Provenance& in) {
  if (in.ByteSizeLong() > kMaxTextBytes) {
    return Bad("the provenance is longer than 4 KiB");
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

absl::StatusOr<Block> FromProto(const v1::Block& in) {
  const std::string where = "block " + std::to_string(in.block());
  if (in.block() < 1 || in.length() < 1 || in.batch_size() < 1) {
    return Bad(where + ": block, length and batch_size count from 1");
  }
  if (in.samples().empty()) {
    return Bad(where + " has no samples");
  }
  Block block;
  block.block = in.block();
  block.length = in.length();
  block.batch_size = in.batch_size();
  block.steal_share = std::isfinite(in.steal_share()) ? in.steal_share() : 0;
  std::set<std::pair<std::string_view, int>> seen;
  for (const v1::Sample& sample : in.samples()) {
    if (!seen.emplace(sample.variant(), sample.metric()).second) {
      return Bad(where + " has variant \"" + sample.variant() + "\" twice in one metric");
    }
    CUSP_ASSIGN_OR_RETURN(Sample one, FromProto(sample, in.block()));
    block.samples.push_back(std::move(one));
  }
  return block;
}

absl::StatusOr<SweepResult> FromProto(const v1::SweepResult& in) {
  SweepResult result;
  for (const v1::Comparison& comparison : in.comparisons()) {
    CUSP_ASSIGN_OR_RETURN(Comparison one, FromProto(comparison));
    result.comparisons.push_back(std::move(one));
  }
  for (const v1::Cost& cost : in.costs()) {
    CUSP_ASSIGN_OR_RETURN(Cost one, FromProto(cost));
    result.costs.push_back(std::move(one));
  }
  return result;
}

}  // namespace cusp::server
