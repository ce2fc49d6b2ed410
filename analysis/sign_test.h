// Is the candidate cheaper at one length? A claim that stays valid however often
// one looks at growing data.
#pragma once

#include <vector>

namespace cusp::analysis {

enum class Sign {
  kUnclear,  // the data can't tell yet
  kCheaper,  // candidate surely cheaper
  kDearer,   // candidate surely dearer
  kEqual,    // surely within the margin of equal
};

struct SignOptions {
  // Chance of ever claiming a wrong sign at this length, over all looks.
  double alpha = 0.001;
  // Log-ratios within ± this count as equal.
  double equal_within = 0.01;
  // Values below which no small effect is decided.
  int min_blocks = 4;
  // Values below which nothing is decided at all; see DecideSign.
  int early_blocks = 3;
  // Robust scale of log-ratios over all lengths of the comparison; 0: unknown.
  double pooled_scale = 0;
  // Degrees of freedom behind it.
  double pooled_dof = 0;
};

// Logarithm of the evidence against "the mean is 0" in `n` normal values whose
// Student statistic is `t`: an e-process, that is, under the null hypothesis the
// chance that it ever exceeds log(1/alpha), at any n, is at most alpha. It
// averages Bayes factors with effect sizes N(0, g) and the right Haar prior on
// the scale, for g = 4 and g = 200: one is sharp for many values, the other can
// speak at n = 4 when the effect is huge. `dof`: of the scale behind t, n - 1
// where it comes from these values alone.
// Source: Wang and Ramdas, "Anytime-valid t-tests and confidence sequences for
// Gaussian means with unknown variance", 2023, section 4.
double LogEvidence(double n, double t);
double LogEvidence(double n, double t, double dof);

// Smallest |t| at which LogEvidence reaches log(1/alpha); infinity where none does.
double CriticalT(double n, double alpha);

// Decides from log(candidate/baseline) of each block. An infinite median (out
// of memory on one side) is sure at once, as exhaustion does not vary.
//
// From min_blocks on, two e-processes are averaged, which is one again: the
// values' own Student statistic, and one on the scale of the whole comparison,
// half as large again, as lengths are not equally noisy, and never below the
// values' own. The second makes few values speak.
//
// Below min_blocks a sign is claimed only for an effect that no timing noise
// makes: every single value on one side, the median beyond ±15 % and beyond 20
// robust scales both of these values and of the comparison as a whole.
Sign DecideSign(const std::vector<double>& log_ratios, const SignOptions& options);

}  // namespace cusp::analysis
