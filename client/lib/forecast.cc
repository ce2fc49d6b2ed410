#include "client/lib/forecast.h"

#include <algorithm>
#include <utility>

#include "catalog/device_ceilings.h"
#include "catalog/sampling.h"
#include "common/served_devices.h"
#include "common/status_macros.h"
#include "findings/plan_options.h"

namespace cusp::client {
namespace {

constexpr int kLengthsShown = 3;

bool IsAlive(const v1::Worker& worker) {
  return worker.state() == v1::Worker::STATE_IDLE || worker.state() == v1::Worker::STATE_BUSY;
}

SweepForecast ForecastSweep(const v1::JobSpec& spec, const SweepModel& model, int probes_at_once) {
  SweepForecast sweep{.mode = model.mode, .dtype = model.dtype};
  sweep.lengths = LengthsOf(spec.lengths(), kLengthsShown);
  if (sweep.lengths.size() > kLengthsShown) {
    const std::vector<int64_t>& all = sweep.lengths;
    sweep.lengths = {all.front(), all[all.size() / 2], all.back()};
  }
  const auto& variants = model.costs.variants();
  for (const int32_t batch_size : spec.batch_sizes()) {
    for (size_t i = 0; i < variants.size(); ++i) {
      VariantForecast costs{.variant = variants[i].name,
                            .batch_size = batch_size,
                            .weight_bytes = model.costs.WeightBytes(i, model.mode, model.dtype)};
      for (const int64_t length : sweep.lengths) {
        costs.seconds.push_back(model.Seconds(i, length, batch_size));
      }
      sweep.costs.push_back(std::move(costs));
    }
    for (const auto& pair : findings::PairsOf(spec)) {
      sweep.comparisons.push_back({.baseline = variants[pair.first].name,
                                   .candidate = variants[pair.second].name,
                                   .batch_size = batch_size,
                                   .order = OrderOf(model, pair, batch_size, spec.lengths())});
    }
  }
  sweep.plan = ForecastPlan(spec, model, probes_at_once);
  return sweep;
}

}  // namespace

const v1::Worker* WorkerFor(const v1::JobSpec& spec, const std::vector<v1::Worker>& workers) {
  const v1::Worker* chosen = nullptr;
  for (const v1::Worker& worker : workers) {
    const auto served = ServedDevices(worker.device(), worker.device_class());
    const bool serves = std::find(served.begin(), served.end(), spec.device()) != served.end();
    if (serves && (chosen == nullptr || (IsAlive(worker) && !IsAlive(*chosen)))) {
      chosen = &worker;
    }
  }
  return chosen;
}

absl::StatusOr<Forecast> ForecastJob(const v1::JobSpec& spec, const v1::Worker& worker,
                                     const FactorFit& fit) {
  CUSP_ASSIGN_OR_RETURN(const catalog::JobCosts costs, catalog::JobCosts::Of(spec));
  Forecast forecast{.worker = worker,
                    .threads = spec.threads() > 0 ? spec.threads() : worker.cores()};
  const bool cpu = worker.device() == "cpu";
  const int probes = cpu ? catalog::ProbesAtOnce(std::max(worker.cores(), 1), spec.threads()) : 1;
  for (const int mode : spec.modes()) {
    for (const int dtype : spec.dtypes()) {
      const auto ceilings =
          catalog::CeilingsFor(worker.speed(), forecast.threads, static_cast<v1::DType>(dtype));
      if (!ceilings) {
        return absl::FailedPreconditionError(
            "the worker on " + worker.device_class() + " did not tell its device's speed in " +
            catalog::ToText(static_cast<v1::DType>(dtype)) + "; its log says why");
      }
      const FittedFactors fitted =
          fit.Of(static_cast<v1::Mode>(mode), static_cast<v1::DType>(dtype));
      const SweepModel model{.costs = costs,
                             .mode = static_cast<v1::Mode>(mode),
                             .dtype = static_cast<v1::DType>(dtype),
                             .ceilings = *ceilings,
                             .factors = fitted.factors};
      forecast.sweeps.push_back(ForecastSweep(spec, model, probes));
      forecast.sweeps.back().fitted = fitted;
    }
  }
  return forecast;
}

}  // namespace cusp::client
