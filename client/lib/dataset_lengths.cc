#include "client/lib/dataset_lengths.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>

#include "analysis/log_normal.h"
#include "catalog/lengths.h"
#include "common/check.h"

namespace cusp::client {
namespace {

constexpr size_t kInputs = 512;

// In the dataset's unit. A row whose statistics no log-normal has is a fault of the table.
analysis::LogNormal LogNormalOf(const Dataset& dataset) {
  const auto& [share, length] = dataset.high;
  const std::optional<analysis::LogNormal> found =
      dataset.median > 0 ? analysis::LogNormalThroughMedian(dataset.median, share, length)
                         : analysis::LogNormalThroughMean(dataset.mean, share, length);
  CUSP_CHECK(found.has_value());
  return *found;
}

// Where `at` lies between `from` and `to`, 0 to 1.
double Fraction(double at, double from, double to) {
  return to > from ? (at - from) / (to - from) : 1;
}

double LengthAmong(std::span<const LengthQuantile> quantiles, double share) {
  size_t i = 1;
  while (i + 1 < quantiles.size() && quantiles[i].share < share) {
    ++i;
  }
  const LengthQuantile& low = quantiles[i - 1];
  const LengthQuantile& high = quantiles[i];
  const double fraction = Fraction(share, low.share, high.share);
  return low.length * std::pow(high.length / low.length, fraction);
}

double ShareBelowAmong(std::span<const LengthQuantile> quantiles, double length) {
  if (length < quantiles.front().length) {
    return 0;
  }
  for (size_t i = 1; i < quantiles.size(); ++i) {
    const LengthQuantile& low = quantiles[i - 1];
    const LengthQuantile& high = quantiles[i];
    if (length < high.length) {
      const double fraction =
          Fraction(std::log(length), std::log(low.length), std::log(high.length));
      return low.share + fraction * (high.share - low.share);
    }
  }
  return 1;
}

}  // namespace

double LengthAt(const Dataset& dataset, double share) {
  const auto base = static_cast<double>(catalog::BaseUnits(dataset.unit));
  if (dataset.fixed > 0) {
    return base * dataset.fixed;
  }
  return base * (dataset.quantiles.empty() ? LogNormalOf(dataset).Quantile(share)
                                           : LengthAmong(dataset.quantiles, share));
}

double ShareBeyond(const Dataset& dataset, double length) {
  const double in_unit = catalog::InUnit(length, dataset.unit);
  if (dataset.fixed > 0) {
    return dataset.fixed > in_unit ? 1 : 0;
  }
  return 1 - (dataset.quantiles.empty() ? LogNormalOf(dataset).ShareBelow(in_unit)
                                        : ShareBelowAmong(dataset.quantiles, in_unit));
}

std::vector<analysis::LengthCount> HistogramOf(const Dataset& dataset) {
  std::vector<analysis::LengthCount> histogram;
  for (size_t i = 0; i < kInputs; ++i) {
    const double share = (static_cast<double>(i) + 0.5) / static_cast<double>(kInputs);
    const double length = std::max(1.0, std::round(LengthAt(dataset, share)));
    if (histogram.empty() || histogram.back().length < length) {
      histogram.push_back({length, 0});
    }
    histogram.back().count += 1;
  }
  return histogram;
}

std::string DerivationOf(const Dataset& dataset) {
  if (dataset.fixed > 0) {
    return "one length";
  }
  if (!dataset.quantiles.empty()) {
    return "log-uniform between the published quantiles";
  }
  return std::string("log-normal through ") + (dataset.median > 0 ? "median" : "mean") + " and " +
         std::to_string(std::lround(100 * dataset.high.share)) + "th percentile";
}

}  // namespace cusp::client
