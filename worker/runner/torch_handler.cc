#include "worker/runner/torch_handler.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "common/status_macros.h"
#include "worker/runner/allocator.h"
#include "worker/runner/ceiling.h"
#include "worker/runner/device.h"
#include "worker/runner/failure.h"
#include "worker/runner/process_status.h"

namespace cusp::runner {
namespace {

// Another number of threads, as long as it lives.
class ThreadsScope {
 public:
  // 0 changes nothing.
  explicit ThreadsScope(int threads) : before_(at::get_num_threads()) {
    if (threads > 0) {
      at::set_num_threads(threads);
    }
  }
  ~ThreadsScope() { at::set_num_threads(before_); }
  ThreadsScope(const ThreadsScope&) = delete;
  ThreadsScope& operator=(const ThreadsScope&) = delete;

 private:
  int before_;
};

}  // namespace

absl::StatusOr<v1::StartResponse> TorchHandler::Start(const v1::StartRequest& request) {
  const std::string allocator = FixAllocator(request.purpose());
  CUSP_ASSIGN_OR_RETURN(const c10::Device device, OpenDevice(request.device()));
  device_ = device;
  CUSP_RETURN_IF_ERROR(WarmProcess(device, request.threads()));
  CUSP_ASSIGN_OR_RETURN(v1::StartResponse response, DescribeProcess(device));
  response.set_allocator(allocator);
  if (device.is_cpu()) {
    CUSP_RETURN_IF_ERROR(LimitData(request.memory_limit_bytes()));
    timer_ = std::make_unique<HostTimer>(clock_);
  } else {
    timer_ = std::make_unique<DeviceTimer>(device);
  }
  stepper_.emplace(device, *timer_, clock_);
  memory_.emplace(device);
  CUSP_RETURN_IF_ERROR(
      memory_->TakeBaseline(request.purpose() == v1::StartRequest::PURPOSE_MEMORY));
  return response;
}

absl::StatusOr<v1::BuildResponse> TorchHandler::Build(const v1::BuildRequest& request) {
  return stepper_->Build(request);
}

absl::StatusOr<v1::RunResponse> TorchHandler::Run(const v1::RunRequest& request) {
  v1::RunResponse response;
  response.mutable_results()->Reserve(request.steps_size());
  const Disturbances before = ReadDisturbances();
  const int64_t retries = memory_->AllocatorRetries();
  for (const v1::Step& step : request.steps()) {
    *response.add_results() = RunStep(&Stepper::Run, step);
  }
  const Disturbances after = ReadDisturbances();
  response.set_involuntary_switches(after.involuntary_switches - before.involuntary_switches);
  response.set_major_faults(after.major_faults - before.major_faults);
  response.set_cpu_time_ns(after.cpu_time_ns - before.cpu_time_ns);
  response.set_allocator_retries(memory_->AllocatorRetries() - retries);
  // A thread that ended took its part of the sum with it.
  response.set_cpu_wait_ns(std::max<int64_t>(after.cpu_wait_ns - before.cpu_wait_ns, 0));
  return response;
}

absl::StatusOr<v1::ComponentsResponse> TorchHandler::Components(
    const v1::ComponentsRequest& request) {
  return RunStep(&Stepper::Components, request.step());
}

template <typename Result>
Result TorchHandler::RunStep(absl::StatusOr<Result> (Stepper::*method)(const v1::Step&),
                             const v1::Step& step) {
  Result result;
  const absl::Status status = RunCaught([&]() -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(result, ((*stepper_).*method)(step));
    return absl::OkStatus();
  });
  if (status.ok()) {
    return result;
  }
  Result failed;
  *failed.mutable_failure() = ToFailure(status);
  // On every failure: a gradient left half-made would enter the next step.
  stepper_->ReleaseMemory();
  return failed;
}

absl::StatusOr<v1::MeasureCeilingResponse> TorchHandler::MeasureCeiling(
    const v1::MeasureCeilingRequest& request) {
  const ThreadsScope scope(request.threads());
  CUSP_ASSIGN_OR_RETURN(
      v1::MeasureCeilingResponse response,
      runner::MeasureCeiling(device_, *timer_, {request.dtypes().begin(), request.dtypes().end()},
                             UsualSizes(device_)));
  response.set_threads(at::get_num_threads());
  return response;
}

absl::StatusOr<v1::MemoryResponse> TorchHandler::Memory() { return memory_->Read(); }

absl::StatusOr<v1::DropResponse> TorchHandler::Drop(const v1::DropRequest& request) {
  CUSP_RETURN_IF_ERROR(stepper_->Drop(request.variant()));
  return v1::DropResponse();
}

}  // namespace cusp::runner
