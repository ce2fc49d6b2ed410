#include "client/cli/expected_text.h"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>

#include "catalog/job_check.h"
#include "client/cli/format.h"
#include "client/cli/text_table.h"
#include "client/lib/result_json.h"

namespace cusp::client {
namespace {

using Align = TextTable::Align;
constexpr size_t kIndent = 2;

std::string LengthText(int64_t length, v1::LengthUnit unit) {
  return FormatLength(static_cast<double>(length), unit);
}

// "1.32".
std::string TwoDecimals(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}

std::string Percent(double share) { return FormatCount(std::llround(100 * share)) + " %"; }

// "12.3 GFLOP/s".
std::string PerSecond(double flops) { return FormatCost(v1::METRIC_FLOPS, flops) + "/s"; }

std::string CostsTable(const SweepForecast& sweep, v1::LengthUnit unit, bool batches) {
  std::vector<TextTable::Column> columns = {{"variant"}};
  if (batches) {
    columns.push_back({"batch", Align::kRight});
  }
  for (const int64_t length : sweep.lengths) {
    columns.push_back({"latency at " + LengthText(length, unit), Align::kRight});
  }
  columns.push_back({"weights", Align::kRight});
  TextTable table(columns);
  for (const VariantForecast& costs : sweep.costs) {
    std::vector<std::string> row = {Printable(costs.variant)};
    if (batches) {
      row.push_back(FormatCount(costs.batch_size));
    }
    for (const double seconds : costs.seconds) {
      row.push_back(FormatSeconds(seconds));
    }
    row.push_back(FormatBytes(costs.weight_bytes));
    table.AddRow(std::move(row));
  }
  return table.ToString(kIndent);
}

std::string OrdersTable(const SweepForecast& sweep, v1::LengthUnit unit, bool batches) {
  std::vector<TextTable::Column> columns = {{"candidate"}, {"baseline"}};
  if (batches) {
    columns.push_back({"batch", Align::kRight});
  }
  columns.push_back({"cheaper in latency from (predicted)"});
  TextTable table(columns);
  for (const ComparisonForecast& comparison : sweep.comparisons) {
    std::vector<std::string> row = {Printable(comparison.candidate),
                                    Printable(comparison.baseline)};
    if (batches) {
      row.push_back(FormatCount(comparison.batch_size));
    }
    row.push_back(OrderText(comparison.order, unit));
    table.AddRow(std::move(row));
  }
  return table.ToString(kIndent);
}

std::string PlanText(const PlanForecast& plan) {
  std::string text = "about " + FormatDuration(std::chrono::seconds(std::llround(plan.seconds))) +
                     " for " + FormatCount(plan.blocks) + " blocks";
  if (plan.probes > 0) {
    text += " and peak memory at " + FormatCount(plan.probes) + " lengths";
  }
  text += plan.enough ? "; the budget suffices"
                      : "; the budget ends it before every comparison is sure";
  for (const v1::Metric metric : plan.not_counted) {
    text += (metric == plan.not_counted.front() ? "; not counted: " : ", ") + MetricWords(metric);
  }
  return text;
}

std::string ErrorText(const ExpectationError& error) {
  return "  predicted: measured latencies are " + TwoDecimals(error.factor) +
         " times what the device's speed lets expect; but for that factor they differ by " +
         Percent(error.median) + " (median), " + Percent(error.worst) + " at worst\n";
}

// "longformer/bert", with the batch size where it is not 1.
std::string PairText(const v1::Comparison& comparison) {
  std::string text = Printable(comparison.candidate()) + "/" + Printable(comparison.baseline());
  if (comparison.batch_size() > 1) {
    text += " at batch " + FormatCount(comparison.batch_size());
  }
  return text;
}

// "701", or the verdict where there is no crossing.
std::string MeasuredText(const v1::Comparison& comparison, v1::LengthUnit unit) {
  std::string text;
  for (const v1::Crossing& crossing : comparison.crossings()) {
    text += text.empty() ? "" : ", ";
    text += (crossing.direction() == v1::DIRECTION_DEARER ? "dearer from " : "") +
            FormatLength(crossing.length(), unit);
  }
  return text.empty() ? ToText(comparison.verdict()) : text;
}

}  // namespace

std::string OrderText(const ExpectedOrder& order, v1::LengthUnit unit) {
  if (order.changes.empty()) {
    return order.cheaper_at_first ? "stays cheaper" : "stays dearer";
  }
  std::string text;
  for (const ExpectedChange& change : order.changes) {
    text += text.empty() ? "" : ", ";
    text += (change.cheaper ? "" : "dearer from ") + LengthText(change.length, unit);
  }
  return text;
}

std::string RenderExpected(const Expectation& expectation, const v1::Sweep& sweep,
                           const v1::JobResult& result, v1::LengthUnit unit) {
  const auto error = expectation.ErrorOf(sweep, result);
  if (!error) {
    return "";
  }
  std::string text;
  for (const v1::Comparison& comparison : result.comparisons()) {
    if (comparison.mode() != sweep.mode() || comparison.dtype() != sweep.dtype()) {
      continue;
    }
    if (const auto order = expectation.Of(comparison)) {
      text += text.empty() ? "  predicted crossings (measured): " : "; ";
      text += PairText(comparison) + " " + OrderText(*order, unit) + " (" +
              MeasuredText(comparison, unit) + ")";
    }
  }
  return text + (text.empty() ? "" : "\n") + ErrorText(*error);
}

std::string RenderForecast(const Forecast& forecast, v1::LengthUnit unit) {
  const v1::Worker& worker = forecast.worker;
  std::string text =
      "predicted for " + Printable(worker.device_class()) + " (" + Printable(worker.device()) + ")";
  if (worker.device() == "cpu") {
    text += ", " + FormatCount(forecast.threads) + (forecast.threads == 1 ? " thread" : " threads");
  }
  text += "; no model has been run\n";
  for (const SweepForecast& sweep : forecast.sweeps) {
    const bool batches = sweep.costs.front().batch_size != sweep.costs.back().batch_size;
    text += "\n" + catalog::ToText(sweep.mode) + ", " + catalog::ToText(sweep.dtype) + ": " +
            PlanText(sweep.plan) + "\n  by formulas and the device's speed, ";
    text += sweep.fitted.costs > 0 ? "fitted to " + FormatCount(sweep.fitted.costs) +
                                         " costs that were measured on it\n"
                                   : "with the usual efficiencies\n";
    text += CostsTable(sweep, unit, batches) + OrdersTable(sweep, unit, batches);
  }
  return text;
}

std::string RenderFlops(const v1::Job& job, const v1::JobResult& result) {
  const Expectation expectation(job);
  const JobLengths lengths(job);
  TextTable table({{"mode"},
                   {"dtype"},
                   {"variant"},
                   {"batch", Align::kRight},
                   {catalog::ToText(lengths.unit), Align::kRight},
                   {"latency", Align::kRight},
                   {"predicted", Align::kRight},
                   {"a step's", Align::kRight},
                   {"achieved", Align::kRight},
                   {"of the ceiling", Align::kRight}});
  for (const v1::Cost& cost : result.costs()) {
    const auto expected = expectation.Of(cost);
    if (!expected) {
      continue;
    }
    const double achieved = expected->flops / cost.median();
    table.AddRow({catalog::ToText(cost.mode()), catalog::ToText(cost.dtype()),
                  Printable(cost.variant()), FormatCount(cost.batch_size()),
                  LengthText(cost.length(), lengths.unit), FormatSeconds(cost.median()),
                  FormatSeconds(expected->seconds), FormatCost(v1::METRIC_FLOPS, expected->flops),
                  PerSecond(achieved), Percent(achieved / expected->ceiling_flops_per_second)});
  }
  return table.empty() ? "no FLOP/s: no latency was measured, or the worker did not tell its "
                         "device's speed\n"
                       : table.ToString();
}

}  // namespace cusp::client
