// The planner, a plain grid and bisection on costs of known truth, with the same number of
// timings: bias, error, coverage, wrong claims. The table of docs/method.md.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/rivals.h"
#include "bench/truths.h"

namespace cusp::analysis {
namespace {

constexpr double kFullGrid = 2.0 * 30 * ((kTruthMax - kTruthMin) / kTruthStep + 1);

// Of persistent crossings against the true one.
class Score {
 public:
  void Add(const std::optional<Crossing>& found, const TrueAnswer& answer) {
    ++runs_;
    if (!found) {
      return;
    }
    ++found_;
    const double truth = *answer.persistent;
    const double right = std::clamp(found->length, std::min(answer.last_dearer, truth), truth);
    const double error = std::log(found->length / right);
    sum_ += error;
    squares_ += error * error;
    held_ += found->low <= truth && found->high >= answer.last_dearer ? 1 : 0;
    exact_ += std::fabs(found->length - right) <= kTruthStep ? 1 : 0;
    widths_.push_back((found->high - found->low) / (2 * truth));
  }

  std::string Text() {
    if (found_ == 0) {
      return "   none found                           ";
    }
    std::sort(widths_.begin(), widths_.end());
    char text[96];
    std::snprintf(text, sizeof text, "%4d %+5.1f %5.1f %4d %4d ±%4.1f", Percent(found_, runs_),
                  100 * sum_ / found_, 100 * std::sqrt(squares_ / found_), Percent(held_, found_),
                  Percent(exact_, found_), 100 * widths_[widths_.size() / 2]);
    return text;
  }

 private:
  static int Percent(int part, int whole) {
    return static_cast<int>(std::lround(100.0 * part / whole));
  }

  int runs_ = 0;
  int found_ = 0;
  int held_ = 0;
  int exact_ = 0;
  double sum_ = 0;
  double squares_ = 0;
  std::vector<double> widths_;
};

// Every change that counts is there, and no other.
bool IsWholeSet(const ComparisonResult& result, const TrueAnswer& answer) {
  if (result.crossings.size() != answer.changes.size()) {
    return false;
  }
  for (size_t i = 0; i < answer.changes.size(); ++i) {
    const TrueChange& change = answer.changes[i];
    const auto& [before, after] = result.brackets[i];
    if (result.crossings[i].direction != change.direction || after <= change.before ||
        before >= change.after) {
      return false;
    }
  }
  return true;
}

void Measure(const Truth& truth, int runs) {
  const TrueAnswer answer = Answer(truth);
  Score planner;
  Score grid;
  Score bisection;
  int wrong = 0;
  int whole = 0;
  int undecided = 0;
  int64_t timings = 0;
  for (int run = 1; run <= runs; ++run) {
    const auto seed = static_cast<uint64_t>(run);
    PlanOptions options = PlanTwo(kTruthMin, kTruthMax);
    options.paddings = {truth.declared.baseline, truth.declared.candidate};
    const SimulatedRun simulated =
        Simulate({truth.baseline, truth.candidate}, options, truth.noise, seed);
    const ComparisonResult& result = simulated.status[0].result;
    timings += simulated.timings;
    wrong += IsWrong(result, answer) ? 1 : 0;
    whole += IsWholeSet(result, answer) ? 1 : 0;
    undecided += result.verdict == Verdict::kUndecided ? 1 : 0;
    if (answer.persistent) {
      planner.Add(result.persistent, answer);
      grid.Add(PlainGrid(truth, simulated.timings, seed).persistent, answer);
      bisection.Add(Bisection(truth, simulated.timings, seed).persistent, answer);
    }
  }
  const double mean = static_cast<double>(timings) / runs;
  std::printf("%-33s %6.0f %5.1f%% %5d %5d %5d | %s | %s | %s\n", truth.name.c_str(),
              answer.persistent.value_or(0), 100 * mean / kFullGrid, wrong, undecided, whole,
              planner.Text().c_str(), grid.Text().c_str(), bisection.Text().c_str());
  std::fflush(stdout);
}

// A job that compares a model with itself: whoever tells both apart is wrong.
struct SameJob {
  std::string name;
  int64_t max_length = 0;
  Noise noise;
  int64_t quantum = 1;
};

std::vector<SameJob> SameJobs() {
  std::vector<SameJob> jobs;
  for (const double sigma : {0.01, 0.03, 0.10}) {
    for (const int64_t length : {512, 4096, 16384}) {
      jobs.push_back({"A/A, heavy tails, " + std::to_string(std::lround(100 * sigma)) + " %, to " +
                          std::to_string(length),
                      length,
                      {.sigma = sigma, .drift = sigma, .heavy_tails = true}});
    }
  }
  jobs.push_back(
      {"A/A, heavy tails, 3 %, padded", 4096, {.sigma = 0.03, .heavy_tails = true}, 128});
  return jobs;
}

void MeasureSame(const SameJob& job, int runs) {
  const TrueCost cost = Padded(Curve(2e-3, 8e-5, 6e-8), static_cast<double>(job.quantum));
  int claims = 0;
  int never = 0;
  int64_t timings = 0;
  for (int run = 1; run <= runs; ++run) {
    PlanOptions options = PlanTwo(kTruthMin, job.max_length, 1, job.quantum);
    options.quantum = job.quantum > 1 ? kTruthStep : 0;
    const SimulatedRun simulated =
        Simulate({cost, cost}, options, job.noise, static_cast<uint64_t>(run));
    const ComparisonResult& result = simulated.status[0].result;
    claims += result.verdict == Verdict::kAlways || !result.crossings.empty() ? 1 : 0;
    never += result.verdict == Verdict::kNever ? 1 : 0;
    timings += simulated.timings;
  }
  std::printf("%-33s %d of %d claim a difference, %d end as never, %.0f timings each\n",
              job.name.c_str(), claims, runs, never, static_cast<double>(timings) / runs);
  std::fflush(stdout);
}

int Main(int runs, const std::string& only) {
  std::printf("%d runs each, 64 to 4,096, precision 5 %%; a full grid has %.0f timings\n", runs,
              kFullGrid);
  std::printf(
      "of the persistent crossing: found %%, bias %%, RMSE %%, held %% of those found, "
      "within 16 %%, half-width %%;\nfrom where it is dearer by more than 1 %% for the last time "
      "to "
      "where it is dearer at all, any answer is right\n");
  std::printf("%-33s %6s %6s %5s %5s %5s | %-31s | %-31s | %s\n", "truth", "at", "grid", "wrong",
              "undec", "whole", "planner", "plain grid", "bisection");
  for (const Truth& truth : Truths()) {
    if (truth.name.find(only) != std::string::npos) {
      Measure(truth, runs);
    }
  }
  for (const SameJob& job : SameJobs()) {
    if (job.name.find(only) != std::string::npos) {
      MeasureSame(job, runs);
    }
  }
  return 0;
}

}  // namespace
}  // namespace cusp::analysis

// rivals_bench [RUNS [PART-OF-A-NAME]]
int main(int argc, char** argv) {
  return cusp::analysis::Main(argc > 1 ? std::max(1, std::atoi(argv[1])) : 200,
                              argc > 2 ? argv[2] : "");
}
