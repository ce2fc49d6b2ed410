// Order statistics and robust scale, on plain numbers.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace cusp::analysis {

// Middle value, the mean of both middle ones for an even count. `values` is not
// empty; it may hold infinities, not NaN.
double Median(std::vector<double> values);

// The same in the innermost loops: without a copy, and in any order afterwards.
double MedianInPlace(std::span<double> values);

// Quantile `p` in [0, 1] of ascending `sorted`, interpolated between order
// statistics (definition 7 of Hyndman and Fan, 1996). Not empty.
double Quantile(const std::vector<double>& sorted, double p);

// Standard error of a median in units of a mean's, of much normal data.
inline constexpr double kMedianError = 1.2533;

// Standard deviation of normal data in units of its median absolute deviation.
inline constexpr double kRobustScale = 1.4826;

// What one of many normal values is worth in their robust scale, in values of a standard
// deviation: the efficiency of the median absolute deviation (Rousseeuw and Croux, JASA 88 (1993)).
inline constexpr double kRobustEfficiency = 0.37;

// kRobustScale times the median absolute deviation from `center`: the standard
// deviation of normal data, unmoved by up to half of them being outliers.
double RobustScale(const std::vector<double>& values, double center);

// Mean and standard deviation after clipping values to the median ± `width`
// robust scales.
struct ClippedMoments {
  double mean = 0;
  double deviation = 0;
};
ClippedMoments Clipped(const std::vector<double>& values, double width);

// Upper quantile of chi-square with `dof` degrees of freedom, by Wilson and
// Hilferty's cube (1931); within 2 % for dof >= 1 at the levels used here.
// `z` is the standard normal quantile of the level.
double ChiSquareQuantile(double dof, double z);

// Two-sided 95 % quantile of Student's t, within 1 % for dof >= 2.
double StudentT95(double dof);

}  // namespace cusp::analysis
