#include "findings/plan_options.h"

#include "analysis/lattice.h"
#include "catalog/lengths.h"
#include "catalog/metrics.h"
#include "catalog/seen_padding.h"

namespace cusp::findings {
namespace {

// Of metrics on a coarse grid: neighbours lie so far apart, and each length gets so many
// blocks.
constexpr double kCoarseFactor = 2;
constexpr double kDearFactor = 4;
constexpr int kComponentBlocks = 8;
constexpr int kEnergyBlocks = 8;

// The job's own list, or about every `factor`-fold length.
void UseGrid(const v1::LengthSpec& lengths, double factor, analysis::PlanOptions& options) {
  if (options.list.empty()) {
    const int64_t step =
        options.quantum > 0 ? options.quantum : analysis::ScanStep(1, 1, lengths.max());
    options.list =
        analysis::CoarseGrid(lengths.min(), lengths.max(), step, factor, options.quantum > 0);
  }
}

}  // namespace

std::vector<std::pair<size_t, size_t>> PairsOf(const v1::JobSpec& spec) {
  const auto baselines = static_cast<size_t>(spec.baselines_size());
  const size_t variants = baselines + static_cast<size_t>(spec.candidates_size());
  std::vector<std::pair<size_t, size_t>> pairs;
  for (size_t b = 0; b < baselines; ++b) {
    for (size_t c = baselines; c < variants; ++c) {
      pairs.emplace_back(b, c);
    }
  }
  return pairs;
}

analysis::PlanOptions PlanOptionsFor(const v1::JobSpec& spec, v1::Mode mode, v1::Metric metric,
                                     const std::vector<catalog::ResolvedVariant>& variants) {
  analysis::PlanOptions options;
  for (const catalog::ResolvedVariant& variant : variants) {
    if (mode == v1::MODE_DECODE) {
      options.paddings.emplace_back();  // a single token is not padded
      continue;
    }
    options.paddings.push_back(
        {.quantum = catalog::SeenPadding(spec.lengths(), variant.quantum), .slack = variant.slack});
  }
  options.comparisons = PairsOf(spec);
  options.min_length = spec.lengths().min();
  options.max_length = spec.lengths().max();
  options.quantum = spec.lengths().quantum();
  options.list.assign(spec.lengths().list().begin(), spec.lengths().list().end());
  options.precision = spec.precision();
  options.exact = catalog::IsExact(metric);
  options.seed = spec.seed();
  options.per_unit = catalog::BaseUnits(spec.lengths().unit());
  switch (metric) {
    case v1::METRIC_COMPONENTS:
      UseGrid(spec.lengths(), kCoarseFactor, options);
      options.min_blocks = options.max_blocks = options.early_blocks = kComponentBlocks;
      break;
    case v1::METRIC_ENERGY:
      UseGrid(spec.lengths(), kDearFactor, options);
      options.max_blocks = kEnergyBlocks;
      break;
    case v1::METRIC_LARGEST_BATCH:
      UseGrid(spec.lengths(), kDearFactor, options);
      break;
    default:
      break;
  }
  return options;
}

}  // namespace cusp::findings
