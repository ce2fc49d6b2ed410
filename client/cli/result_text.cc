#include "client/cli/result_text.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "catalog/job_check.h"
#include "catalog/metrics.h"
#include "client/cli/beside_text.h"
#include "client/cli/expected_text.h"
#include "client/cli/format.h"
#include "client/cli/job_text.h"
#include "client/cli/text_table.h"
#include "client/cli/verdict_text.h"
#include "client/lib/client.h"
#include "client/lib/job_json.h"
#include "client/lib/job_lengths.h"

namespace cusp::client {
namespace {

constexpr size_t kMaxFailures = 5;
constexpr size_t kIndent = 2;
using Align = TextTable::Align;

// The findings of one sweep, with what its rows need.
class SweepReport {
 public:
  SweepReport(const JobLengths& lengths, const v1::Sweep& sweep, const v1::JobResult& result)
      : sweep_(sweep), lengths_(lengths) {
    for (const v1::Comparison& comparison : result.comparisons()) {
      if (comparison.mode() == sweep.mode() && comparison.dtype() == sweep.dtype()) {
        if (!catalog::IsAskedFor(comparison.metric())) {
          beside_.push_back(&comparison);
          continue;
        }
        comparisons_.push_back(&comparison);
        batch_sizes_.insert(comparison.batch_size());
      }
    }
    for (const v1::Cost& cost : result.costs()) {
      if (cost.mode() == sweep.mode() && cost.dtype() == sweep.dtype()) {
        costs_.push_back(&cost);
      }
    }
    for (const v1::SelfCheck& check : result.self_checks()) {
      if (check.mode() == sweep.mode() && check.dtype() == sweep.dtype()) {
        check_ = &check;
      }
    }
  }

  std::string ToString() const {
    std::string text = Header();
    if (sweep_.has_failure()) {
      text += "  failed (" + Words(ToText(sweep_.failure().reason())) +
              "): " + Printable(sweep_.failure().message()) + "\n";
    }
    if (comparisons_.empty() && beside_.empty()) {
      return text + (sweep_.has_failure() ? "" : "  nothing found yet\n");
    }
    return text + (comparisons_.empty() ? "" : Rows()) + FirstTokens() +
           BatchesText(costs_, lengths_) + ComponentsText(costs_, lengths_) +
           BesideText(beside_, lengths_) + Check() + Notes() + OutOfMemory() + Failures();
  }

 private:
  std::string Header() const {
    std::string text = catalog::ToText(sweep_.mode()) + ", " + catalog::ToText(sweep_.dtype());
    if (sweep_.has_provenance()) {
      const v1::Provenance& provenance = sweep_.provenance();
      text += ", on " + Printable(provenance.device_class()) + " (" +
              Printable(provenance.device()) + ")";
      if (!provenance.host().empty()) {
        text += ", " + Printable(provenance.host());
      }
      if (provenance.threads() > 0 && provenance.device() == "cpu") {
        text += ", " + FormatCount(provenance.threads()) +
                (provenance.threads() == 1 ? " thread" : " threads");
      }
    }
    if (sweep_.state() != v1::Sweep::STATE_SUCCEEDED) {
      text += ": " + client::ToText(sweep_.state());
    }
    return text + "\n";
  }

  std::string Length(int64_t length) const {
    return FormatLength(static_cast<double>(length), lengths_.unit);
  }

  std::string WithUnit(int64_t length) const {
    return Length(length) + " " + catalog::ToText(lengths_.unit);
  }

  // Length and cost of candidate and baseline there.
  std::string CostsAt(const v1::Comparison& comparison, int64_t length) const {
    return CostAt(comparison.candidate(), comparison, length) + " / " +
           CostAt(comparison.baseline(), comparison, length);
  }

  std::string CostAt(const std::string& variant, const v1::Comparison& comparison,
                     int64_t length) const {
    for (const v1::Cost* cost : costs_) {
      if (cost->length() == length && cost->variant() == variant &&
          cost->metric() == comparison.metric() && cost->batch_size() == comparison.batch_size()) {
        return cost->outcome() == v1::OUTCOME_OK ? FormatCost(cost->metric(), cost->median())
                                                 : OutcomeText(cost->outcome());
      }
    }
    return "?";
  }

  // Where all comparisons have the same end of range it stands in the title.
  std::string CostTitle(int64_t (v1::Comparison::*end)() const) const {
    const int64_t first = (comparisons_.front()->*end)();
    const bool same = std::all_of(comparisons_.begin(), comparisons_.end(),
                                  [&](const v1::Comparison* c) { return (c->*end)() == first; });
    return same && first > 0 ? "cost at " + Length(first) + " (c / b)" : "";
  }

  std::string Rows() const {
    const std::string low = CostTitle(&v1::Comparison::range_min);
    const std::string high = CostTitle(&v1::Comparison::range_max);
    const bool batches = batch_sizes_.size() > 1;
    std::vector<TextTable::Column> columns = {{"candidate"}, {"baseline"}, {"metric"}};
    if (batches) {
      columns.push_back({"batch", Align::kRight});
    }
    columns.push_back({"verdict"});
    columns.push_back({low.empty() ? "cost at the shortest (c / b)" : low, Align::kRight});
    columns.push_back({high.empty() ? "cost at the longest (c / b)" : high, Align::kRight});
    columns.push_back({"blocks", Align::kRight});
    TextTable table(columns);
    for (const v1::Comparison* comparison : comparisons_) {
      std::vector<std::string> row = {Printable(comparison->candidate()),
                                      Printable(comparison->baseline()),
                                      MetricWords(comparison->metric())};
      if (batches) {
        row.push_back(comparison->batch_size() > 0 ? FormatCount(comparison->batch_size())
                                                   : "best");
      }
      row.push_back(VerdictText(*comparison, lengths_));
      row.push_back(CostCell(*comparison, comparison->range_min(), low.empty()));
      row.push_back(CostCell(*comparison, comparison->range_max(), high.empty()));
      row.push_back(FormatCount(comparison->blocks_used()));
      table.AddRow(std::move(row));
    }
    return table.ToString(kIndent);
  }

  std::string CostCell(const v1::Comparison& comparison, int64_t length, bool name_length) const {
    if (length == 0 || costs_.empty()) {
      return "-";
    }
    return (name_length ? Length(length) + ": " : "") + CostsAt(comparison, length);
  }

  // Of decoding: the time until each variant's first token, at the longest length.
  std::string FirstTokens() const {
    std::map<int32_t, int64_t> longest;  // by batch size
    for (const v1::Cost* cost : costs_) {
      if (cost->metric() == v1::METRIC_FIRST_TOKEN) {
        int64_t& length = longest[cost->batch_size()];
        length = std::max(length, cost->length());
      }
    }
    std::string text;
    for (const auto& [batch, length] : longest) {
      text += "  first token after " + WithUnit(length);
      text += batch_sizes_.size() > 1 ? ", batch " + FormatCount(batch) + ": " : ": ";
      bool first = true;
      for (const v1::Cost* cost : costs_) {
        if (cost->metric() == v1::METRIC_FIRST_TOKEN && cost->batch_size() == batch &&
            cost->length() == length && cost->outcome() == v1::OUTCOME_OK) {
          text += (first ? "" : ", ") + Printable(cost->variant()) + " " +
                  FormatCost(cost->metric(), cost->median());
          first = false;
        }
      }
      text += "\n";
    }
    return text;
  }

  std::string Check() const {
    return check_ == nullptr ? "" : "  A/A check: " + SelfCheckText(*check_, lengths_) + "\n";
  }

  // The same note for several comparisons is printed once.
  std::string Notes() const {
    std::vector<std::string> order;
    std::map<std::string, std::vector<std::string>> of_note;
    for (const v1::Comparison* comparison : comparisons_) {
      if (comparison->note().empty()) {
        continue;
      }
      std::vector<std::string>& names = of_note[comparison->note()];
      if (names.empty()) {
        order.push_back(comparison->note());
      }
      names.push_back(Printable(comparison->candidate()) + "/" + Printable(comparison->baseline()) +
                      " " + MetricWords(comparison->metric()));
    }
    std::string text;
    for (const std::string& note : order) {
      const std::vector<std::string>& names = of_note[note];
      text += "  note: ";
      if (const std::string metric = WholeMetric(note); names.size() > 1 && !metric.empty()) {
        text += metric + ": ";
      } else if (names.size() < comparisons_.size()) {
        for (const std::string& name : names) {
          text += name + (&name == &names.back() ? ": " : ", ");
        }
      }
      text += Printable(note) + "\n";
    }
    return text;
  }

  // The metric whose comparisons all have this note, and no others do; else
  // empty.
  std::string WholeMetric(const std::string& note) const {
    std::set<v1::Metric> with;
    std::set<v1::Metric> without;
    for (const v1::Comparison* comparison : comparisons_) {
      (comparison->note() == note ? with : without).insert(comparison->metric());
    }
    return with.size() == 1 && without.size() > 0 && without.count(*with.begin()) == 0
               ? MetricWords(*with.begin())
               : "";
  }

  // Shortest length at which each variant ran out of memory, and the last that fitted.
  std::string OutOfMemory() const {
    std::map<std::string, const v1::Cost*> shortest;
    for (const v1::Cost* cost : costs_) {
      if (cost->outcome() == v1::OUTCOME_OUT_OF_MEMORY) {
        const auto [at, added] = shortest.emplace(cost->variant(), cost);
        at->second = cost->length() < at->second->length() ? cost : at->second;
      }
    }
    std::string text;
    for (const auto& [variant, oom] : shortest) {
      int64_t fitted = 0;
      for (const v1::Cost* cost : costs_) {
        const bool alike = cost->variant() == variant && cost->metric() == oom->metric() &&
                           cost->batch_size() == oom->batch_size();
        if (alike && cost->outcome() == v1::OUTCOME_OK && cost->length() < oom->length()) {
          fitted = std::max(fitted, cost->length());
        }
      }
      text += "  note: " + Printable(variant) + " ran out of memory at " + WithUnit(oom->length()) +
              (fitted > 0 ? "; the last length that fitted: " + WithUnit(fitted) : "") + "\n";
    }
    return text;
  }

  std::string Failures() const {
    std::string text;
    size_t failures = 0;
    for (const v1::Cost* cost : costs_) {
      if (cost->outcome() == v1::OUTCOME_OK || cost->outcome() == v1::OUTCOME_OUT_OF_MEMORY) {
        continue;
      }
      if (++failures <= kMaxFailures) {
        text += "  note: " + Printable(cost->variant()) + " at " + WithUnit(cost->length()) + " " +
                OutcomeText(cost->outcome()) + ": " + Printable(cost->failure_message()) + "\n";
      }
    }
    if (failures > kMaxFailures) {
      text += "  note: " + FormatCount(static_cast<int64_t>(failures - kMaxFailures)) +
              " more points failed; --json has them\n";
    }
    return text;
  }

  const v1::Sweep& sweep_;
  const JobLengths& lengths_;
  std::vector<const v1::Comparison*> comparisons_;  // in metrics that a job asks for
  std::vector<const v1::Comparison*> beside_;       // in others
  std::vector<const v1::Cost*> costs_;
  std::set<int32_t> batch_sizes_;
  const v1::SelfCheck* check_ = nullptr;
};

}  // namespace

std::string RenderResult(const v1::Job& job, const v1::JobResult& result) {
  std::string text = "job " + JobId(job.name());
  if (!job.display_name().empty()) {
    text += " " + Printable(job.display_name());
  }
  text += ": " + ToText(result.state());
  if (job.has_start_time() && job.has_end_time()) {
    text +=
        " in " +
        FormatDuration(std::chrono::seconds(job.end_time().seconds() - job.start_time().seconds()));
  }
  text += "\n";
  if (job.has_failure()) {
    text += "failure: " + Words(ToText(job.failure().reason())) + ": " +
            Printable(job.failure().message()) + "\n";
  }
  if (job.has_samples_prune_time()) {
    text += PrunedText(job) + "\n";
  }
  const JobLengths lengths(job);
  const Expectation expectation(job);
  for (const v1::Sweep& sweep : job.sweeps()) {
    text += "\n" + SweepReport(lengths, sweep, result).ToString() +
            RenderExpected(expectation, sweep, result, lengths.unit);
  }
  return text;
}

}  // namespace cusp::client
