#include "client/cli/history_text.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "catalog/job_check.h"
#include "client/cli/format.h"
#include "client/cli/text_table.h"
#include "client/cli/verdict_text.h"
#include "client/lib/client.h"
#include "client/lib/history.h"
#include "client/lib/job_lengths.h"
#include "client/lib/result_json.h"

namespace cusp::client {
namespace {

std::string OrDash(const std::string& text) { return text.empty() ? "-" : Printable(text); }

std::string Device(const v1::Provenance& provenance) {
  std::string text = OrDash(provenance.device_class());
  if (provenance.device() == "cpu" && provenance.threads() > 0) {
    text += ", " + FormatCount(provenance.threads()) +
            (provenance.threads() == 1 ? " thread" : " threads");
  }
  return text;
}

// "+3.2 %" of the tipping point before, or what was found in its place.
std::string TrendText(const Trend& trend) {
  if (trend.before == nullptr) {
    return "-";
  }
  if (trend.change) {
    return (*trend.change < 0 ? "-" : "+") + FormatPercent(std::abs(*trend.change)) + " %";
  }
  return "was " + ToText(trend.before->comparison().verdict());
}

std::vector<std::string> Row(const v1::HistoryEntry& entry, const Trend& trend, bool with_batch) {
  const v1::Comparison& comparison = entry.comparison();
  const v1::Provenance& provenance = entry.provenance();
  JobLengths lengths;
  lengths.unit = entry.unit();
  std::vector<std::string> row = {
      FormatTime(entry.end_time()),         JobId(entry.job()),
      Printable(comparison.baseline()),     Printable(comparison.candidate()),
      catalog::ToText(comparison.metric()), catalog::ToText(comparison.mode()),
      catalog::ToText(comparison.dtype())};
  if (with_batch) {
    row.push_back(FormatCount(comparison.batch_size()));
  }
  row.push_back(VerdictText(comparison, lengths));
  row.push_back(TrendText(trend));
  row.push_back(Device(provenance));
  row.push_back(OrDash(provenance.driver_version()) + "/" + OrDash(provenance.torch_version()) +
                "/" + OrDash(provenance.cusp_version()));
  row.push_back(OrDash(provenance.id()));
  return row;
}

}  // namespace

std::string RenderHistory(const std::vector<v1::HistoryEntry>& entries) {
  const std::vector<bool> changed = ChangedBeyondIntervals(entries);
  const std::vector<Trend> trends = TrendsOf(entries);
  const bool marks = std::find(changed.begin(), changed.end(), true) != changed.end();
  const bool with_batch =
      std::any_of(entries.begin(), entries.end(), [&](const v1::HistoryEntry& entry) {
        return entry.comparison().batch_size() != entries.front().comparison().batch_size();
      });
  std::vector<TextTable::Column> columns = {{"ended (UTC)"}, {"job"},  {"baseline"}, {"candidate"},
                                            {"metric"},      {"mode"}, {"dtype"}};
  if (with_batch) {
    columns.push_back({"batch", TextTable::Align::kRight});
  }
  for (const char* title : {"verdict", "trend", "device", "driver/torch/cusp", "provenance"}) {
    columns.push_back({title});
  }
  if (marks) {
    columns.insert(columns.begin(), {""});
  }
  TextTable table(columns);
  for (size_t i = 0; i < entries.size(); ++i) {
    std::vector<std::string> row = Row(entries[i], trends[i], with_batch);
    if (marks) {
      row.insert(row.begin(), changed[i] ? "*" : "");
    }
    table.AddRow(std::move(row));
  }
  return table.ToString() +
         (marks ? "\n* the tipping point moved beyond the intervals since the same comparison was "
                  "measured before\n"
                : "");
}

}  // namespace cusp::client
