#include "worker/daemon/device_speed.h"

#include <chrono>
#include <vector>

#include "catalog/job_check.h"
#include "common/status_macros.h"
#include "worker/measure/outcome.h"

namespace cusp::worker {
namespace {

constexpr std::chrono::seconds kTimeout{60};

v1::ThreadSpeed ToThreadSpeed(const runner::v1::MeasureCeilingResponse& ceiling) {
  v1::ThreadSpeed speed;
  speed.set_threads(ceiling.threads());
  for (const runner::v1::ProductCeiling& product : ceiling.products()) {
    v1::ProductSpeed& added = *speed.add_products();
    added.set_dtype(catalog::DTypeFromText(product.dtype()));
    added.set_flops_per_second(product.flops_per_second());
  }
  speed.set_bytes_per_second(ceiling.bytes_per_second());
  speed.set_launch_seconds(ceiling.launch_seconds());
  return speed;
}

}  // namespace

absl::StatusOr<v1::DeviceSpeed> MeasureSpeed(measure::RunnerConnection& runner,
                                             const runner::v1::StartResponse& started) {
  std::vector<int> threads = {started.threads()};
  if (started.device() == "cpu" && started.threads() > 1) {
    threads = {1, started.threads()};
  }
  v1::DeviceSpeed speed;
  for (const int count : threads) {
    runner::v1::Request request;
    runner::v1::MeasureCeilingRequest& ceiling = *request.mutable_measure_ceiling();
    // Those in which jobs may be measured.
    for (const auto dtype : {v1::DTYPE_FLOAT32, v1::DTYPE_BFLOAT16, v1::DTYPE_FLOAT16}) {
      ceiling.add_dtypes(catalog::ToText(dtype));
    }
    ceiling.set_threads(count);
    CUSP_ASSIGN_OR_RETURN(const runner::v1::Response response, runner.Call(request, kTimeout));
    CUSP_RETURN_IF_ERROR(measure::CheckResponse(response, runner::v1::Response::kMeasureCeiling));
    *speed.add_threads() = ToThreadSpeed(response.measure_ceiling());
  }
  return speed;
}

}  // namespace cusp::worker
