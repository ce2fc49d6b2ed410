#include "server/store/results.h"

#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "common/status_macros.h"
#include "server/store/jobs.h"

namespace cusp::server {
namespace {

constexpr int kCrossing = 0;
constexpr int kFirst = 1;
constexpr int kPersistent = 2;
constexpr int kUndecided = 0;
constexpr int kEqual = 1;

using Numbers = std::map<std::string, int>;

absl::StatusOr<int> NumberOf(const Numbers& numbers, const std::string& name) {
  const auto it = numbers.find(name);
  if (it == numbers.end()) {
    return absl::InvalidArgumentError("the job has no variant \"" + name + "\"");
  }
  return it->second;
}

std::string NameOf(const std::vector<std::string>& names, int64_t number) {
  return number >= 0 && number < static_cast<int64_t>(names.size())
             ? names[static_cast<size_t>(number)]
             : std::string();
}

absl::Status CheckUnique(const SweepResult& result) {
  std::set<std::tuple<std::string, std::string, int, int>> comparisons;
  for (const Comparison& c : result.comparisons) {
    if (!comparisons.emplace(c.baseline, c.candidate, c.metric, c.batch_size).second) {
      return absl::InvalidArgumentError("the result has the comparison of \"" + c.candidate +
                                        "\" with \"" + c.baseline + "\" twice");
    }
  }
  std::set<std::tuple<std::string, int, int, int64_t>> costs;
  for (const Cost& c : result.costs) {
    if (!costs.emplace(c.variant, c.metric, c.batch_size, c.length).second) {
      return absl::InvalidArgumentError("the result has the cost of \"" + c.variant +
                                        "\" at length " + std::to_string(c.length) + " twice");
    }
  }
  return absl::OkStatus();
}

absl::Status InsertCrossing(Transaction& tx, int64_t id, int kind, int number,
                            const Crossing& crossing) {
  return Run(tx.db,
             "INSERT INTO crossings (comparison_id, kind, number, length, low, high, direction)"
             " VALUES (?, ?, ?, ?, ?, ?, ?)",
             id, kind, number, crossing.length, crossing.low, crossing.high, crossing.direction);
}

absl::Status InsertComparison(Transaction& tx, const Sweep& sweep, const Numbers& numbers,
                              const Comparison& c) {
  CUSP_ASSIGN_OR_RETURN(const int baseline, NumberOf(numbers, c.baseline));
  CUSP_ASSIGN_OR_RETURN(const int candidate, NumberOf(numbers, c.candidate));
  CUSP_RETURN_IF_ERROR(
      Run(tx.db,
          "INSERT INTO comparisons (sweep_id, baseline, candidate, metric, batch_size, range_min,"
          " range_max, verdict, blocks_used, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          sweep.id, baseline, candidate, c.metric, c.batch_size, c.range_min, c.range_max,
          c.verdict, c.blocks_used, c.note));
  const int64_t id = tx.db.LastInsertId();
  int number = 0;
  for (const Crossing& crossing : c.crossings) {
    CUSP_RETURN_IF_ERROR(InsertCrossing(tx, id, kCrossing, number++, crossing));
  }
  if (c.first) {
    CUSP_RETURN_IF_ERROR(InsertCrossing(tx, id, kFirst, 0, *c.first));
  }
  if (c.persistent) {
    CUSP_RETURN_IF_ERROR(InsertCrossing(tx, id, kPersistent, 0, *c.persistent));
  }
  for (const int kind : {kUndecided, kEqual}) {
    for (const int64_t length : kind == kUndecided ? c.undecided_lengths : c.equal_lengths) {
      CUSP_RETURN_IF_ERROR(Run(tx.db,
                               "INSERT OR IGNORE INTO comparison_lengths (comparison_id, kind,"
                               " length) VALUES (?, ?, ?)",
                               id, kind, length));
    }
  }
  return absl::OkStatus();
}

absl::Status InsertCost(Transaction& tx, const Sweep& sweep, const Numbers& numbers,
                        const Cost& c) {
  CUSP_ASSIGN_OR_RETURN(const int variant, NumberOf(numbers, c.variant));
  const auto value = [&](double v) {
    return c.outcome == kOutcomeOk ? std::optional<double>(v) : std::nullopt;
  };
  return Run(tx.db,
             "INSERT INTO costs (sweep_id, variant, metric, batch_size, length, median, low, high,"
             " samples, outcome, failure_message) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
             sweep.id, variant, c.metric, c.batch_size, c.length, value(c.median), value(c.low),
             value(c.high), c.samples, c.outcome,
             c.failure_message.empty() ? std::nullopt
                                       : std::optional<std::string_view>(c.failure_message));
}

absl::Status InsertSelfCheck(Transaction& tx, const Sweep& sweep, const Numbers& numbers,
                             const SelfCheck& check) {
  CUSP_ASSIGN_OR_RETURN(const int variant, NumberOf(numbers, check.variant));
  return Run(tx.db,
             "INSERT INTO self_checks (sweep_id, variant, length, batch_size, blocks, median_ratio,"
             " low, high, differs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
             sweep.id, variant, check.length, check.batch_size, check.blocks, check.median_ratio,
             check.low, check.high, static_cast<int>(check.differs));
}

absl::Status LoadCrossings(Database& db, int64_t id, Comparison& c) {
  Query query(db,
              "SELECT kind, length, low, high, direction FROM crossings WHERE comparison_id = ?"
              " ORDER BY kind, number",
              id);
  while (query.Next()) {
    const Crossing crossing{query.Real(1), query.Real(2), query.Real(3), query.AsInt(4)};
    switch (query.AsInt(0)) {
      case kFirst:
        c.first = crossing;
        break;
      case kPersistent:
        c.persistent = crossing;
        break;
      default:
        c.crossings.push_back(crossing);
    }
  }
  CUSP_RETURN_IF_ERROR(query.status());
  Query lengths(db,
                "SELECT kind, length FROM comparison_lengths WHERE comparison_id = ?"
                " ORDER BY kind, length",
                id);
  while (lengths.Next()) {
    (lengths.AsInt(0) == kUndecided ? c.undecided_lengths : c.equal_lengths)
        .push_back(lengths.Int(1));
  }
  return lengths.status();
}

absl::Status LoadCosts(Database& db, const Sweep& sweep, const std::vector<std::string>& names,
                       SweepResult& result) {
  Query query(db,
              "SELECT variant, metric, batch_size, length, median, low, high, samples, outcome,"
              " failure_message FROM costs WHERE sweep_id = ?"
              " ORDER BY variant, metric, batch_size, length",
              sweep.id);
  while (query.Next()) {
    Cost c;
    c.variant = NameOf(names, query.Int(0));
    c.metric = query.AsInt(1);
    c.batch_size = query.AsInt(2);
    c.length = query.Int(3);
    c.median = query.Real(4);
    c.low = query.Real(5);
    c.high = query.Real(6);
    c.samples = query.Int(7);
    c.outcome = query.AsInt(8);
    c.failure_message = query.Text(9);
    result.costs.push_back(std::move(c));
  }
  return query.status();
}

absl::Status LoadSelfCheck(Database& db, const Sweep& sweep, const std::vector<std::string>& names,
                           SweepResult& result) {
  Query query(db,
              "SELECT variant, length, batch_size, blocks, median_ratio, low, high, differs"
              " FROM self_checks WHERE sweep_id = ?",
              sweep.id);
  if (query.Next()) {
    result.self_check = SelfCheck{.variant = NameOf(names, query.Int(0)),
                                  .length = query.Int(1),
                                  .batch_size = query.AsInt(2),
                                  .blocks = query.Int(3),
                                  .median_ratio = query.Real(4),
                                  .low = query.Real(5),
                                  .high = query.Real(6),
                                  .differs = query.AsInt(7) != 0};
  }
  return query.status();
}

}  // namespace

absl::Status StoreResult(Transaction& tx, const Sweep& sweep, const SweepResult& result) {
  CUSP_RETURN_IF_ERROR(CheckUnique(result));
  CUSP_ASSIGN_OR_RETURN(const std::vector<std::string> names, VariantNames(tx.db, sweep.job_id));
  Numbers numbers;
  for (const std::string& name : names) {
    numbers.emplace(name, static_cast<int>(numbers.size()));
  }
  for (const Comparison& comparison : result.comparisons) {
    CUSP_RETURN_IF_ERROR(InsertComparison(tx, sweep, numbers, comparison));
  }
  for (const Cost& cost : result.costs) {
    CUSP_RETURN_IF_ERROR(InsertCost(tx, sweep, numbers, cost));
  }
  if (result.self_check) {
    CUSP_RETURN_IF_ERROR(InsertSelfCheck(tx, sweep, numbers, *result.self_check));
  }
  return Run(tx.db, "UPDATE sweeps SET device_speed = ? WHERE id = ?", Blob{result.device_speed},
             sweep.id);
}

absl::Status DeleteResult(Transaction& tx, int64_t sweep_id) {
  for (const std::string_view sql :
       {"DELETE FROM crossings WHERE comparison_id IN"
        " (SELECT id FROM comparisons WHERE sweep_id = ?)",
        "DELETE FROM comparison_lengths WHERE comparison_id IN"
        " (SELECT id FROM comparisons WHERE sweep_id = ?)",
        "DELETE FROM comparisons WHERE sweep_id = ?", "DELETE FROM costs WHERE sweep_id = ?",
        "DELETE FROM self_checks WHERE sweep_id = ?"}) {
    CUSP_RETURN_IF_ERROR(Run(tx.db, sql, sweep_id));
  }
  return absl::OkStatus();
}

absl::StatusOr<Comparison> LoadComparison(Database& db, int64_t id,
                                          const std::vector<std::string>& names) {
  Query query(db,
              "SELECT baseline, candidate, metric, batch_size, range_min, range_max, verdict,"
              " blocks_used, note FROM comparisons WHERE id = ?",
              id);
  if (!query.Next()) {
    CUSP_RETURN_IF_ERROR(query.status());
    return absl::NotFoundError("there is no such comparison");
  }
  Comparison c;
  c.baseline = NameOf(names, query.Int(0));
  c.candidate = NameOf(names, query.Int(1));
  c.metric = query.AsInt(2);
  c.batch_size = query.AsInt(3);
  c.range_min = query.Int(4);
  c.range_max = query.Int(5);
  c.verdict = query.AsInt(6);
  c.blocks_used = query.Int(7);
  c.note = query.Text(8);
  CUSP_RETURN_IF_ERROR(LoadCrossings(db, id, c));
  return c;
}

absl::StatusOr<SweepResult> LoadResult(Database& db, const Sweep& sweep) {
  CUSP_ASSIGN_OR_RETURN(const std::vector<std::string> names, VariantNames(db, sweep.job_id));
  SweepResult result;
  Query query(db, "SELECT id FROM comparisons WHERE sweep_id = ? ORDER BY id", sweep.id);
  while (query.Next()) {
    CUSP_ASSIGN_OR_RETURN(Comparison comparison, LoadComparison(db, query.Int(0), names));
    result.comparisons.push_back(std::move(comparison));
  }
  CUSP_RETURN_IF_ERROR(query.status());
  CUSP_RETURN_IF_ERROR(LoadCosts(db, sweep, names, result));
  CUSP_RETURN_IF_ERROR(LoadSelfCheck(db, sweep, names, result));
  return result;
}

}  // namespace cusp::server
