#include "client/lib/expectation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "analysis/statistics.h"
#include "catalog/device_ceilings.h"

namespace cusp::client {

Expectation::Expectation(const v1::Job& job) : job_(job) {
  auto costs = catalog::JobCosts::Of(job.spec());
  if (costs.ok()) {
    costs_ = *std::move(costs);
  }
}

std::optional<SweepModel> Expectation::ModelOf(v1::Mode mode, v1::DType dtype) const {
  for (const v1::Sweep& sweep : job_.sweeps()) {
    if (!costs_ || sweep.mode() != mode || sweep.dtype() != dtype) {
      continue;
    }
    const auto ceilings =
        catalog::CeilingsFor(sweep.device_speed(), sweep.provenance().threads(), dtype);
    if (ceilings) {
      return SweepModel{.costs = *costs_, .mode = mode, .dtype = dtype, .ceilings = *ceilings};
    }
  }
  return std::nullopt;
}

std::optional<size_t> Expectation::IndexOf(const std::string& variant) const {
  const auto& variants = costs_->variants();
  const auto at = std::find_if(variants.begin(), variants.end(),
                               [&](const auto& known) { return known.name == variant; });
  return at == variants.end() ? std::nullopt
                              : std::optional(static_cast<size_t>(at - variants.begin()));
}

std::optional<ExpectedCost> Expectation::Of(const v1::Cost& cost) const {
  const auto model = ModelOf(cost.mode(), cost.dtype());
  if (!model || cost.metric() != v1::METRIC_LATENCY || cost.outcome() != v1::OUTCOME_OK ||
      !(cost.median() > 0)) {
    return std::nullopt;
  }
  const auto variant = IndexOf(cost.variant());
  if (!variant) {
    return std::nullopt;
  }
  const catalog::ComponentCost step = costs_->At(*variant, {.mode = cost.mode(),
                                                            .dtype = cost.dtype(),
                                                            .length = cost.length(),
                                                            .batch_size = cost.batch_size()});
  ExpectedCost expected;
  expected.flops = step.flops;
  expected.ceiling_flops_per_second = model->ceilings.flops_per_second;
  expected.terms = catalog::TermsOf(step, model->ceilings);
  expected.seconds = catalog::ExpectedSeconds(expected.terms, model->factors);
  return expected;
}

std::optional<ExpectedOrder> Expectation::Of(const v1::Comparison& comparison) const {
  const auto model = ModelOf(comparison.mode(), comparison.dtype());
  if (!model || comparison.metric() != v1::METRIC_LATENCY) {
    return std::nullopt;
  }
  const auto baseline = IndexOf(comparison.baseline());
  const auto candidate = IndexOf(comparison.candidate());
  if (!baseline || !candidate) {
    return std::nullopt;
  }
  return OrderOf(*model, {*baseline, *candidate}, comparison.batch_size(), job_.spec().lengths());
}

std::optional<ExpectationError> Expectation::ErrorOf(const v1::Sweep& sweep,
                                                     const v1::JobResult& result) const {
  std::vector<double> ratios;
  for (const v1::Cost& cost : result.costs()) {
    if (cost.mode() == sweep.mode() && cost.dtype() == sweep.dtype()) {
      if (const auto expected = Of(cost)) {
        ratios.push_back(cost.median() / expected->seconds);
      }
    }
  }
  if (ratios.empty()) {
    return std::nullopt;
  }
  ExpectationError error;
  error.costs = static_cast<int64_t>(ratios.size());
  error.factor = analysis::Median(ratios);
  for (double& ratio : ratios) {
    ratio = std::fabs(ratio / error.factor - 1);
  }
  error.worst = *std::max_element(ratios.begin(), ratios.end());
  error.median = analysis::Median(ratios);
  return error;
}

}  // namespace cusp::client
