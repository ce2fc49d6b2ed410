#include "tests/support/fake_runner/scripted_runner.h"

#include <algorithm>
#include <cmath>

namespace cusp {
namespace {

using Kind = ScriptedFault::Kind;
using runner::v1::Failure;

constexpr double kSlowFactor = 20;
constexpr double kFirstTokenFactor = 10;
constexpr int64_t kHostBytes = 200'000'000;
constexpr double kFlopsPerThread = 1e11;
constexpr double kBytesPerSecond = 1e10;
constexpr double kLaunchSeconds = 1e-6;

bool IsTyped(Kind kind) {
  return kind == Kind::kOom || kind == Kind::kInvalid || kind == Kind::kError;
}

Failure MakeFailure(Kind kind) {
  Failure failure;
  switch (kind) {
    case Kind::kOom:
      failure.set_reason(Failure::REASON_OUT_OF_MEMORY);
      failure.set_message("scripted: out of memory");
      break;
    case Kind::kInvalid:
      failure.set_reason(Failure::REASON_INVALID_CONFIG);
      failure.set_message("scripted: impossible configuration");
      break;
    default:
      failure.set_reason(Failure::REASON_INTERNAL);
      failure.set_message("scripted: error");
  }
  return failure;
}

}  // namespace

ScriptedRunner::ScriptedRunner(const Script& script, uint64_t seed, FaultCounter counter)
    : script_(script), random_(seed), counter_(std::move(counter)) {}

// Sum of twelve uniform numbers: near enough to normal.
double ScriptedRunner::Noise() {
  double sum = -6;
  for (int i = 0; i < 12; ++i) {
    sum += random_.Uniform();
  }
  return std::exp(script_.noise * sum);
}

const ScriptedFault* ScriptedRunner::FaultAt(int variant, int64_t length) {
  for (size_t i = 0; i < script_.faults.size(); ++i) {
    const ScriptedFault& fault = script_.faults[i];
    const bool here = (fault.variant < 0 || fault.variant == variant) &&
                      (fault.length == length || (fault.length < 0 && length > 0));
    if (here && (fault.times < 0 || counter_(i) < fault.times)) {
      return &fault;
    }
  }
  return nullptr;
}

void ScriptedRunner::Build(const runner::v1::BuildRequest& build, Answer& answer) {
  const ScriptedFault* fault = FaultAt(build.variant(), 0);
  if (fault != nullptr && IsTyped(fault->kind)) {
    *answer.response.mutable_failure() = MakeFailure(fault->kind);
    return;
  }
  answer.fault = fault;
  built_.insert(build.variant());
  if (build.mode() == "training") {
    training_.insert(build.variant());
  }
  answer.response.mutable_build()->set_parameters(1000);
}

void ScriptedRunner::RunStep(const runner::v1::Step& step, Answer& answer) {
  runner::v1::StepResult& result = *answer.response.mutable_run()->add_results();
  if (!built_.contains(step.variant())) {
    result.mutable_failure()->set_reason(Failure::REASON_BAD_REQUEST);
    result.mutable_failure()->set_message("variant was not built");
    return;
  }
  const ScriptedFault* fault = FaultAt(step.variant(), step.length());
  if (fault != nullptr && IsTyped(fault->kind)) {
    *result.mutable_failure() = MakeFailure(fault->kind);
    return;
  }
  const ScriptedVariant variant = script_.Variant(step.variant());
  const auto n = static_cast<double>(step.length());
  const bool zero = fault != nullptr && fault->kind == Kind::kZero;
  const double bytes = zero ? 0 : variant.bytes.At(n) * step.batch_size();
  if (script_.memory_limit > 0 && bytes > script_.memory_limit) {
    *result.mutable_failure() = MakeFailure(Kind::kOom);
    return;
  }
  peak_bytes_ = std::max(peak_bytes_, bytes);
  double seconds =
      (variant.seconds.At(n) * step.batch_size() + script_.call_seconds) * step.calls() * Noise();
  if (step.first_token()) {
    seconds *= kFirstTokenFactor;
  }
  if (warm_.insert({step.variant(), step.length()}).second) {
    seconds *= script_.warmup;
  }
  if (fault != nullptr && fault->kind == Kind::kSlow) {
    seconds *= kSlowFactor;
  } else if (zero) {
    seconds = 0;
  } else if (fault != nullptr) {
    answer.fault = fault;
  }
  answer.seconds += seconds;
  result.set_duration_ns(static_cast<int64_t>(seconds * 1e9));
  for (int call = 0; step.each_call() && call < step.calls(); ++call) {
    result.add_call_ns(result.duration_ns() / step.calls());
  }
  if (training_.contains(step.variant())) {
    for (int part = 0; part < 3; ++part) {
      result.add_part_ns(result.duration_ns() / 3);
    }
  }
}

void ScriptedRunner::Components(const runner::v1::Step& step, Answer& answer) {
  Answer whole;
  RunStep(step, whole);
  const runner::v1::StepResult result = whole.response.run().results(0);
  answer.fault = whole.fault;
  answer.seconds = 2 * whole.seconds;
  runner::v1::ComponentsResponse& components = *answer.response.mutable_components();
  if (result.has_failure()) {
    *components.mutable_failure() = result.failure();
    return;
  }
  components.set_whole_ns(result.duration_ns());
  for (const auto& [name, share] :
       {std::pair("embedding", 0.2), {"mixing", 0.5}, {"feed_forward", 0.3}}) {
    runner::v1::PartTime& part = *components.add_parts();
    part.set_name(name);
    part.set_duration_ns(static_cast<int64_t>(share * static_cast<double>(result.duration_ns())));
  }
}

void ScriptedRunner::Run(const runner::v1::RunRequest& run, Answer& answer) {
  answer.response.mutable_run();
  for (const runner::v1::Step& step : run.steps()) {
    RunStep(step, answer);
  }
}

void ScriptedRunner::MeasureCeiling(const runner::v1::MeasureCeilingRequest& request,
                                    Answer& answer) {
  runner::v1::MeasureCeilingResponse& ceiling = *answer.response.mutable_measure_ceiling();
  const int threads = std::max(request.threads(), 1);
  for (const std::string& dtype : request.dtypes()) {
    runner::v1::ProductCeiling& product = *ceiling.add_products();
    product.set_dtype(dtype);
    product.set_flops_per_second(kFlopsPerThread * threads);
  }
  ceiling.set_bytes_per_second(kBytesPerSecond);
  ceiling.set_launch_seconds(kLaunchSeconds);
  ceiling.set_threads(threads);
}

ScriptedRunner::Answer ScriptedRunner::Handle(const runner::v1::Request& request) {
  Answer answer;
  answer.response.set_id(request.id());
  if (request.has_start()) {
    runner::v1::StartResponse& start = *answer.response.mutable_start();
    start.set_device_class(script_.device_class);
    start.set_device(request.start().device());
    start.set_torch_version("none");
    start.set_build_id("fake");
    start.set_threads(std::max(request.start().threads(), 1));
    start.set_affinity("0");
    start.set_number_settings("tf32_matmul=off");
    start.set_memory_bytes(int64_t{8} << 30);
  } else if (request.has_build()) {
    Build(request.build(), answer);
  } else if (request.has_run()) {
    Run(request.run(), answer);
  } else if (request.has_measure_ceiling()) {
    MeasureCeiling(request.measure_ceiling(), answer);
  } else if (request.has_memory()) {
    runner::v1::MemoryResponse& memory = *answer.response.mutable_memory();
    memory.set_peak_bytes(static_cast<int64_t>(peak_bytes_));
    memory.set_host_peak_bytes(memory.peak_bytes() + kHostBytes);
    memory.set_host_baseline_bytes(kHostBytes);
  } else if (request.has_components()) {
    Components(request.components().step(), answer);
  } else if (request.has_drop()) {
    built_.erase(request.drop().variant());
    answer.response.mutable_drop();
  } else {
    answer.response.mutable_failure()->set_reason(Failure::REASON_BAD_REQUEST);
  }
  return answer;
}

}  // namespace cusp
