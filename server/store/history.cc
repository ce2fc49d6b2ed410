#include "server/store/history.h"

#include <string_view>
#include <utility>

#include "common/status_macros.h"
#include "server/store/jobs.h"
#include "server/store/sweeps.h"

namespace cusp::server {
namespace {

constexpr std::string_view kSelect =
    "SELECT c.id, s.end_time_us, s.id, j.public_id, j.display_name FROM ";

// CROSS JOIN keeps the order as written. Without a name: from the newest sweep on.
constexpr std::string_view kFromNewest =
    "sweeps s CROSS JOIN comparisons c ON c.sweep_id = s.id"
    " CROSS JOIN variants b ON b.job_id = s.job_id AND b.number = c.baseline"
    " CROSS JOIN variants v ON v.job_id = s.job_id AND v.number = c.candidate";

// Names are rare among all sweeps: from the variants of that name.
constexpr std::string_view kFromCandidate =
    "variants v CROSS JOIN sweeps s ON s.job_id = v.job_id AND v.name = ?5"
    " CROSS JOIN comparisons c ON c.sweep_id = s.id AND c.candidate = v.number"
    " CROSS JOIN variants b ON b.job_id = s.job_id AND b.number = c.baseline";
constexpr std::string_view kFromBaseline =
    "variants b CROSS JOIN sweeps s ON s.job_id = b.job_id AND b.name = ?4"
    " CROSS JOIN comparisons c ON c.sweep_id = s.id AND c.baseline = b.number"
    " CROSS JOIN variants v ON v.job_id = s.job_id AND v.number = c.candidate";

// Every parameter stands in each statement, so that all bind alike.
constexpr std::string_view kWhere =
    " CROSS JOIN jobs j ON j.id = s.job_id"
    " LEFT JOIN generations g ON g.sweep_id = s.id AND g.generation = s.generation"
    " LEFT JOIN provenances p ON p.id = g.provenance_id"
    " WHERE s.end_time_us BETWEEN ?1 AND ?2 AND (s.end_time_us < ?2 OR c.id < ?3)"
    " AND ?4 IN ('', b.name) AND ?5 IN ('', v.name) AND ?6 IN (0, c.metric)"
    " AND ?7 IN (0, s.mode) AND ?8 IN (0, s.dtype)"
    " AND (?9 IN ('', p.device_class, p.device)"
    " OR substr(p.device, 1, length(?9) + 1) = ?9 || ':')"
    " AND (?11 IN ('', p.driver_version)"
    " OR substr(p.driver_version, 1, length(?11) + 1) = ?11 || '.')"
    " AND (?12 IN ('', p.cusp_version)"
    " OR substr(p.cusp_version, 1, length(?12) + 1) = ?12 || '.')"
    " AND (?13 IN ('', p.torch_version)"
    " OR substr(p.torch_version, 1, length(?13) + 1) = ?13 || '.')"
    " AND ?14 IN ('', p.host)"
    " ORDER BY s.end_time_us DESC, c.id DESC LIMIT ?10";

const std::string& StatementFor(const HistoryFilter& filter) {
  static const std::string newest =
      std::string(kSelect) + std::string(kFromNewest) + std::string(kWhere);
  static const std::string candidate =
      std::string(kSelect) + std::string(kFromCandidate) + std::string(kWhere);
  static const std::string baseline =
      std::string(kSelect) + std::string(kFromBaseline) + std::string(kWhere);
  if (!filter.candidate.empty()) {
    return candidate;
  }
  return filter.baseline.empty() ? newest : baseline;
}

}  // namespace

absl::StatusOr<std::vector<HistoryRow>> ListHistory(Database& db, const HistoryFilter& filter,
                                                    const HistoryPosition& after, int limit) {
  HistoryPosition from = after;
  if (filter.until_us > 0 && from.end_time_us >= filter.until_us) {
    from = {filter.until_us - 1, INT64_MAX};
  }
  Query query(db, StatementFor(filter), filter.since_us, from.end_time_us, from.comparison_id,
              filter.baseline, filter.candidate, filter.metric, filter.mode, filter.dtype,
              filter.device, limit, filter.driver_version, filter.cusp_version,
              filter.torch_version, filter.host);
  std::vector<HistoryRow> rows;
  std::vector<std::string> names;
  while (query.Next()) {
    HistoryRow row;
    row.position = {query.Int(1), query.Int(0)};
    row.job = query.Text(3);
    row.display_name = query.Text(4);
    // Rows of one sweep mostly follow one another.
    if (!rows.empty() && rows.back().sweep.id == query.Int(2)) {
      row.sweep = rows.back().sweep;
    } else {
      CUSP_ASSIGN_OR_RETURN(row.sweep, LoadSweepById(db, query.Int(2)));
      CUSP_ASSIGN_OR_RETURN(names, VariantNames(db, row.sweep.job_id));
    }
    CUSP_ASSIGN_OR_RETURN(row.comparison, LoadComparison(db, row.position.comparison_id, names));
    rows.push_back(std::move(row));
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return rows;
}

}  // namespace cusp::server
