#include "client/lib/recommend.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "catalog/lengths.h"
#include "client/lib/cost_series.h"
#include "client/lib/csv_field.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

// Lengths at which costs are drawn: steps of one per cent over two decades.
constexpr size_t kMostLengths = 512;

// Where doubling buckets begin: 16 tokens or pixels, a second of audio.
double FirstBucket(v1::LengthUnit unit) {
  return unit == v1::LENGTH_UNIT_SECONDS ? static_cast<double>(catalog::BaseUnits(unit)) : 16;
}

bool AddsUp(const CostGroup& group) {
  const std::string metric = LowerCase(group.metric);
  return metric == "latency" || metric == "first_token" || metric == "throughput" ||
         metric == "energy" || metric == "flops";
}

int64_t BatchSize(const CostGroup& group) {
  int64_t batch = 0;
  const std::string& text = group.batch_size;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), batch);
  return error == std::errc() && end == text.data() + text.size() && batch > 0 ? batch : 1;
}

// Costs of one input.
analysis::VariantCosts CostsOf(const CostSeries& series, const CostGroup& group, bool has_blocks) {
  // Throughput counts inputs already.
  const bool throughput = HigherIsBetter(group);
  const double inputs = throughput ? 1 : static_cast<double>(BatchSize(group));
  analysis::VariantCosts costs;
  for (const CostCell& cell : series.cells) {
    analysis::CostsAtLength& at = costs.lengths.emplace_back();
    at.length = cell.length;
    for (size_t i = 0; i < cell.rows.size(); ++i) {
      const CostRow& row = cell.rows[i];
      // Without blocks the first rows of all belong together, the second ones, and so on.
      at.costs.push_back({has_blocks ? row.block : static_cast<uint32_t>(i),
                          CostOf(row.value, throughput) / inputs});
    }
  }
  return costs;
}

// Longest length at which a variant is known to fit or to have run out; `fitted`: that fitted.
struct Reach {
  int64_t fitted = 0;
  bool runs_out = false;
};

Reach ReachOf(const CostSeries& series) {
  Reach reach;
  for (const CostCell& cell : series.cells) {
    reach.runs_out = std::any_of(cell.rows.begin(), cell.rows.end(),
                                 [](const CostRow& row) { return std::isinf(row.value); });
    if (reach.runs_out) {
      break;
    }
    reach.fitted = cell.length;
  }
  return reach;
}

class Recommender {
 public:
  Recommender(CostTable table, const std::string& file, const RecommendRequest& request)
      : table_(std::move(table)), file_(file), request_(request) {}

  absl::StatusOr<Recommendations> Run() {
    CUSP_ASSIGN_OR_RETURN(const std::vector<CostSeries> series, SortIntoSeries(table_, file_));
    found_.unit = table_.unit;
    for (size_t begin = 0; begin < series.size();) {
      size_t end = begin;
      while (end < series.size() && series[end].group == series[begin].group) {
        ++end;
      }
      Add(std::span(series).subspan(begin, end - begin));
      begin = end;
    }
    if (!found_.groups.empty()) {
      return std::move(found_);
    }
    std::string message = file_ + ": nothing to recommend from";
    for (const std::string& warning : found_.warnings) {
      message += "; " + warning;
    }
    return absl::InvalidArgumentError(message);
  }

 private:
  void Warn(const CostGroup& group, const std::string& message) {
    found_.warnings.push_back(group.metric + ", " + group.mode + ", " + group.dtype + ": " +
                              message);
  }

  void Add(std::span<const CostSeries> series) {
    const CostGroup& labels = table_.groups[series[0].group];
    if (!AddsUp(labels)) {
      Warn(labels, "does not add up over inputs, left out");
      return;
    }
    GroupRecommendation group;
    group.group = labels;
    group.measured_batch_size = BatchSize(labels);
    group.batch_size = request_.batch_size.value_or(group.measured_batch_size);
    SetRange(series, group);
    if (group.range_min > group.range_max) {
      Warn(labels, "no length at which every variant was measured, left out");
      return;
    }
    std::vector<analysis::VariantCosts> variants;
    for (const CostSeries& one : series) {
      group.variants.push_back(table_.variants[one.variant]);
      variants.push_back(CostsOf(one, labels, table_.has_blocks));
      variants.back().padding = PaddingOf(one, labels);
    }
    const std::vector<analysis::LengthCount> inputs = Within(group);
    if (inputs.empty()) {
      Warn(labels, "every input is longer than " +
                       catalog::LengthText(group.range_max, table_.unit) +
                       ", the longest at which all variants were measured; measure longer ones");
      return;
    }
    analysis::BatchingOptions batching{.batching = request_.batching,
                                       .batch_size = group.batch_size,
                                       .bucket_ends = request_.bucket_ends};
    if (batching.bucket_ends.empty()) {
      batching.bucket_ends = analysis::DoublingEnds(FirstBucket(table_.unit), inputs.back().length);
    }
    group.lengths = analysis::Binned(analysis::LengthsRun(inputs, batching), kMostLengths);
    group.found =
        analysis::Recommend(variants, group.lengths, {.seed = labels.seed.value_or(uint64_t{1})});
    found_.groups.push_back(std::move(group));
  }

  // What runs out of memory is known at every longer length; where all do, inputs that fit
  // nowhere are beyond the range.
  static void SetRange(std::span<const CostSeries> series, GroupRecommendation& group) {
    int64_t most = std::numeric_limits<int64_t>::max();
    int64_t fitted = 0;
    for (const CostSeries& one : series) {
      const Reach reach = ReachOf(one);
      group.range_min = std::max(group.range_min, one.cells.front().length);
      fitted = std::max(fitted, reach.fitted);
      most = reach.runs_out ? most : std::min(most, reach.fitted);
    }
    group.range_max = std::min(most, fitted);
  }

  analysis::Padding PaddingOf(const CostSeries& series, const CostGroup& labels) const {
    if (LowerCase(labels.mode) == "decode") {
      return {};
    }
    if (const auto told = request_.paddings.find(table_.variants[series.variant]);
        told != request_.paddings.end()) {
      return told->second;
    }
    return client::PaddingOf(table_, series);
  }

  // The inputs at lengths that were measured; sets the shares of the others.
  std::vector<analysis::LengthCount> Within(GroupRecommendation& group) const {
    const auto low = static_cast<double>(group.range_min);
    const auto high = static_cast<double>(group.range_max);
    std::vector<analysis::LengthCount> inputs;
    double all = 0;
    double shorter = 0;
    double longer = 0;
    for (const analysis::LengthCount& entry : request_.inputs) {
      all += entry.count;
      if (entry.length > high) {
        longer += entry.count;
        continue;
      }
      shorter += entry.length < low ? entry.count : 0;
      const double length = std::max(entry.length, low);
      if (!inputs.empty() && inputs.back().length == length) {
        inputs.back().count += entry.count;
      } else {
        inputs.push_back({length, entry.count});
      }
    }
    group.shorter = shorter / all;
    group.longer = longer / all;
    return inputs;
  }

  CostTable table_;
  const std::string& file_;
  const RecommendRequest& request_;
  Recommendations found_;
};

}  // namespace

absl::StatusOr<Recommendations> RecommendFrom(CostTable table, const std::string& file,
                                              const RecommendRequest& request) {
  return Recommender(std::move(table), file, request).Run();
}

}  // namespace cusp::client
