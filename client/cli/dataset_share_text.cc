#include "client/cli/dataset_share_text.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "catalog/job_check.h"
#include "catalog/metrics.h"
#include "client/cli/format.h"
#include "client/cli/text_table.h"
#include "client/lib/client.h"
#include "client/lib/dataset_lengths.h"
#include "client/lib/job_lengths.h"

namespace cusp::client {
namespace {

using Align = TextTable::Align;

std::vector<const Dataset*> DatasetsIn(v1::LengthUnit unit) {
  std::vector<const Dataset*> datasets;
  for (const Dataset& dataset : Datasets()) {
    if (dataset.unit == unit) {
      datasets.push_back(&dataset);
    }
  }
  return datasets;
}

std::vector<const v1::Comparison*> Tipping(const v1::Sweep& sweep, const v1::JobResult& result) {
  std::vector<const v1::Comparison*> comparisons;
  for (const v1::Comparison& comparison : result.comparisons()) {
    if (comparison.mode() == sweep.mode() && comparison.dtype() == sweep.dtype() &&
        catalog::IsAskedFor(comparison.metric()) && comparison.has_persistent()) {
      comparisons.push_back(&comparison);
    }
  }
  return comparisons;
}

// Comparisons are rows and datasets columns: a job may have many of the former.
class ShareTable {
 public:
  ShareTable(std::vector<const v1::Comparison*> comparisons, v1::LengthUnit unit)
      : comparisons_(std::move(comparisons)), unit_(unit), varied_(DatasetsIn(unit)) {
    // Where a length does not vary a glance at it does; of images none do.
    const auto varies = std::stable_partition(varied_.begin(), varied_.end(),
                                              [](const Dataset* d) { return d->fixed == 0; });
    if (varies != varied_.begin()) {
      fixed_.assign(varies, varied_.end());
      varied_.erase(varies, varied_.end());
    }
    for (const v1::Comparison* comparison : comparisons_) {
      batch_sizes_.insert(comparison->batch_size());
    }
  }

  std::string ToString() const {
    std::vector<TextTable::Column> columns = {{"candidate"}, {"baseline"}, {"metric"}};
    if (batch_sizes_.size() > 1) {
      columns.push_back({"batch", Align::kRight});
    }
    columns.push_back({"tipping point", Align::kRight});
    for (const Dataset* dataset : varied_) {
      columns.push_back({std::string(dataset->name), Align::kRight});
    }
    TextTable table(columns);
    for (const v1::Comparison* comparison : comparisons_) {
      table.AddRow(Row(*comparison));
    }
    return table.ToString(2) + Fixed();
  }

 private:
  std::vector<std::string> Row(const v1::Comparison& comparison) const {
    std::vector<std::string> row = {Printable(comparison.candidate()),
                                    Printable(comparison.baseline()),
                                    MetricWords(comparison.metric())};
    if (batch_sizes_.size() > 1) {
      row.push_back(FormatCount(comparison.batch_size()));
    }
    const v1::Crossing& crossing = comparison.persistent();
    row.push_back(FormatLength(crossing.length(), unit_) + " (" +
                  FormatLength(crossing.low(), unit_) + "–" + FormatLength(crossing.high(), unit_) +
                  ")");
    for (const Dataset* dataset : varied_) {
      row.push_back(FormatPercent(ShareBeyond(*dataset, crossing.length())));
    }
    return row;
  }

  std::string Fixed() const {
    std::string text;
    for (const Dataset* dataset : fixed_) {
      text += (text.empty() ? "  of one length each: " : ", ") + std::string(dataset->name) + " " +
              FormatLength(LengthAt(*dataset, 0.5), unit_);
    }
    return text.empty() ? "" : text + "\n";
  }

  std::vector<const v1::Comparison*> comparisons_;
  v1::LengthUnit unit_;
  std::vector<const Dataset*> varied_;  // the columns
  std::vector<const Dataset*> fixed_;
  std::set<int32_t> batch_sizes_;
};

}  // namespace

std::string RenderDatasetShares(const v1::Job& job, const v1::JobResult& result) {
  const JobLengths lengths(job);
  std::string text;
  for (const v1::Sweep& sweep : job.sweeps()) {
    std::vector<const v1::Comparison*> comparisons = Tipping(sweep, result);
    if (!comparisons.empty()) {
      text +=
          (text.empty() ? "" : "\n") + catalog::ToText(sweep.mode()) + ", " +
          catalog::ToText(sweep.dtype()) +
          ": per cent of the inputs of public datasets that are longer than the tipping point\n" +
          ShareTable(std::move(comparisons), lengths.unit).ToString();
    }
  }
  if (text.empty()) {
    return "no candidate turns cheaper for good, so no share of a dataset lies beyond\n";
  }
  return text + "lengths are derived from published statistics" +
         (lengths.unit == v1::LENGTH_UNIT_TOKENS ? ", in tokens of the source's own tokenizer"
                                                 : "") +
         "; `cusp recommend --list-datasets` has them\n";
}

std::string DatasetHint(const v1::Job& job, const v1::JobResult& result) {
  const bool any = std::any_of(result.comparisons().begin(), result.comparisons().end(),
                               [](const v1::Comparison& c) {
                                 return catalog::IsAskedFor(c.metric()) && c.has_persistent();
                               });
  return any && !DatasetsIn(JobLengths(job).unit).empty()
             ? "which share of public datasets is longer: `cusp results " + JobId(job.name()) +
                   " --datasets`\n"
             : "";
}

}  // namespace cusp::client
