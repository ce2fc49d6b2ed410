#include "worker/measure/plan_list.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "catalog/device_ceilings.h"
#include "catalog/job_costs.h"
#include "catalog/metrics.h"
#include "common/status_macros.h"
#include "findings/work_order.h"

namespace cusp::measure {
namespace {

// What the device's speed lets expect of a plan of latencies.
class Order {
 public:
  // `stages` plans share the budget.
  Order(const SweepSetup& setup, const PlanListOptions& options, int stages)
      : target_(setup.target),
        seconds_(std::chrono::duration<double>(options.budget).count() / std::max(stages, 1)) {
    const v1::DeviceSpeed& speed = options.speed;
    const int32_t all = speed.threads_size() > 0 ? speed.threads().rbegin()->threads() : 0;
    const int32_t threads = target_.spec.threads() > 0 ? target_.spec.threads() : all;
    const auto ceilings = catalog::CeilingsFor(speed, threads, target_.dtype);
    auto costs = catalog::JobCosts::Of(target_.spec);
    if (ceilings && costs.ok()) {
      ceilings_ = *ceilings;
      costs_ = *std::move(costs);
    }
  }

  void Apply(int32_t batch_size, analysis::PlanOptions& options) const {
    if (costs_.has_value()) {
      findings::OrderWork(
          {.costs = *costs_, .mode = target_.mode, .dtype = target_.dtype, .ceilings = ceilings_},
          batch_size, seconds_, options);
    }
  }

 private:
  const SweepTarget& target_;
  double seconds_;
  catalog::Ceilings ceilings_;
  std::optional<catalog::JobCosts> costs_;  // where there are ceilings, too
};

absl::Status CheckMetrics(const v1::JobSpec& spec) {
  for (const int metric : spec.metrics()) {
    if (!catalog::IsAskedFor(v1::Metric(metric))) {
      return absl::InvalidArgumentError("metric '" + catalog::ToText(v1::Metric(metric)) +
                                        "' cannot be measured by this worker");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::deque<Plan>> MakePlans(const SweepSetup& setup,
                                           const PlanListOptions& options) {
  const v1::JobSpec& spec = setup.target.spec;
  const auto asked = [&spec](v1::Metric metric) {
    return std::find(spec.metrics().begin(), spec.metrics().end(), metric) != spec.metrics().end();
  };
  CUSP_RETURN_IF_ERROR(CheckMetrics(spec));
  const Order order(setup, options, spec.metrics_size() * spec.batch_sizes_size());
  std::deque<Plan> plans;
  for (const v1::Metric metric : catalog::MetricsOfJobs()) {
    if (metric == v1::METRIC_ENERGY && !options.counts_energy) {
      continue;  // the result says that it is not available
    }
    if (asked(metric) && metric == v1::METRIC_THROUGHPUT) {
      // Beside it, and before it, which times the batches that are found.
      plans.emplace_back(setup, v1::METRIC_LARGEST_BATCH, 0);
    }
    if (asked(metric) && catalog::ChoosesBatch(metric)) {
      plans.emplace_back(setup, metric, 0);
    } else if (asked(metric)) {
      for (const int32_t batch_size : spec.batch_sizes()) {
        analysis::PlanOptions plan = Plan::OptionsFor(setup, metric);
        if (metric == v1::METRIC_LATENCY) {
          order.Apply(batch_size, plan);
        }
        plans.emplace_back(setup, metric, batch_size, plan);
      }
    }
  }
  return plans;
}

}  // namespace cusp::measure
