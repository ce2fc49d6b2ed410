// The log-normal distribution, and the one that two statistics determine.
#pragma once

#include <optional>

namespace cusp::analysis {

// Standard normal: the share below `z`, and the z below which a share (between 0 and 1)
// lies, to the precision of a double's erfc.
double NormalShareBelow(double z);
double NormalQuantile(double share);

// Of a value whose logarithm is normal with mean `mu` and deviation `sigma`.
struct LogNormal {
  double mu = 0;
  double sigma = 0;

  double Mean() const;
  double Quantile(double share) const;    // share between 0 and 1
  double ShareBelow(double value) const;  // 0 for values that are not positive
};

// With this mean, and `share` of it below `value`; share is above a half, all are positive.
// mu + sigma²/2 = log(mean) and mu + z sigma = log(value) have two solutions, of which this
// is the one of the smaller sigma. The other (sigma > z) is hardly a distribution of lengths:
// with the 95th percentile its median lies below 26 % of its mean.
// Nothing where no log-normal has both, or where value <= mean.
std::optional<LogNormal> LogNormalThroughMean(double mean, double share, double value);

// With this median, and `share` of it below `value`. Nothing where value <= median.
std::optional<LogNormal> LogNormalThroughMedian(double median, double share, double value);

}  // namespace cusp::analysis
