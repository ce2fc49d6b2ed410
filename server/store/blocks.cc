#include "server/store/blocks.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/status_macros.h"
#include "server/queue/matching.h"
#include "server/store/job_states.h"
#include "server/store/jobs.h"
#include "server/store/provenances.h"

namespace cusp::server {
namespace {

absl::StatusOr<std::optional<int64_t>> ProvenanceIdOf(Database& db, const Sweep& sweep) {
  Query query(db, "SELECT provenance_id FROM generations WHERE sweep_id = ? AND generation = ?",
              sweep.id, sweep.generation);
  std::optional<int64_t> id;
  if (query.Next()) {
    id = query.OptionalInt(0);
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return id;
}

// Gives the generation its provenance, or finds that it has another one.
absl::StatusOr<AppendOutcome> Settle(Transaction& tx, AttemptAndSweep& found,
                                     const std::optional<Provenance>& provenance) {
  CUSP_ASSIGN_OR_RETURN(const std::optional<int64_t> known, ProvenanceIdOf(tx.db, found.sweep));
  if (!provenance.has_value()) {
    if (!known.has_value()) {
      return absl::InvalidArgumentError("the first message of an attempt needs its provenance");
    }
    return AppendOutcome::kStored;
  }
  CUSP_ASSIGN_OR_RETURN(const int64_t id, EnsureProvenance(tx, *provenance));
  switch (DecideProvenance(known == id, found.sweep.blocks_committed)) {
    case ProvenanceDecision::kKeep:
      return AppendOutcome::kStored;
    case ProvenanceDecision::kAdopt:
      CUSP_RETURN_IF_ERROR(Run(tx.db,
                               "UPDATE generations SET provenance_id = ?"
                               " WHERE sweep_id = ? AND generation = ?",
                               id, found.sweep.id, found.sweep.generation));
      CUSP_RETURN_IF_ERROR(StoreConditions(tx, found.sweep, provenance->conditions));
      return AppendOutcome::kStored;
    case ProvenanceDecision::kRestart:
      CUSP_RETURN_IF_ERROR(SetAttemptState(tx, found.attempt, AttemptState::kReleased));
      CUSP_RETURN_IF_ERROR(StartGeneration(tx, found.sweep));
      CUSP_RETURN_IF_ERROR(SetSweepState(tx, found.sweep, SweepState::kQueued, std::nullopt));
      return AppendOutcome::kRestarted;
  }
  return absl::InternalError("unreachable");
}

absl::StatusOr<int> NumberOf(const std::vector<std::string>& names, const std::string& name) {
  const auto it = std::find(names.begin(), names.end(), name);
  if (it == names.end()) {
    return absl::InvalidArgumentError("the job has no variant \"" + name + "\"");
  }
  return static_cast<int>(it - names.begin());
}

// Statements that a message runs again and again.
struct Inserts {
  explicit Inserts(Database& db)
      : block(db,
              "INSERT OR IGNORE INTO blocks (sweep_id, generation, block, length, batch_size,"
              " steal_share, others_share, wait_share, involuntary_switches, major_faults,"
              " allocator_retries, device_clock_mhz, clock_limits, device_others, attempt,"
              " commit_time_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        sample(db,
               "INSERT INTO samples (sweep_id, generation, block, variant, metric, position,"
               " outcome, calls, value, failure_message) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)") {}
  Query block;
  Query sample;
};

// True where the block is new.
absl::StatusOr<bool> InsertBlock(Transaction& tx, Inserts& inserts, const Sweep& sweep,
                                 const std::vector<std::string>& names, const Block& block,
                                 const BlockOrigin& origin) {
  CUSP_RETURN_IF_ERROR(inserts.block.RunWith(
      sweep.id, sweep.generation, block.block, block.length, block.batch_size, block.steal_share,
      block.others_share, block.wait_share, block.involuntary_switches, block.major_faults,
      block.allocator_retries, block.device_clock_mhz, block.clock_limits, block.device_others,
      origin.attempt, origin.commit_time_us));
  if (tx.db.Changes() == 0) {
    return false;
  }
  for (const Sample& sample : block.samples) {
    CUSP_ASSIGN_OR_RETURN(const int variant, NumberOf(names, sample.variant));
    const bool ok = sample.outcome == kOutcomeOk;
    CUSP_RETURN_IF_ERROR(inserts.sample.RunWith(
        sweep.id, sweep.generation, block.block, variant, sample.metric, sample.order,
        sample.outcome, sample.calls, ok ? std::optional<double>(sample.value) : std::nullopt,
        sample.failure_message.empty() ? std::nullopt
                                       : std::optional<std::string_view>(sample.failure_message)));
  }
  return true;
}

absl::Status ReadSamples(Query& query, const std::vector<std::string>& names, Block& block) {
  while (query.Next()) {
    Sample sample;
    const auto number = static_cast<size_t>(query.Int(0));
    sample.variant = number < names.size() ? names[number] : "";
    sample.metric = query.AsInt(1);
    sample.order = query.AsInt(2);
    sample.outcome = query.AsInt(3);
    sample.calls = query.AsInt(4);
    sample.value = query.Real(5);
    sample.failure_message = query.Text(6);
    block.samples.push_back(std::move(sample));
  }
  return query.status();
}

}  // namespace

absl::StatusOr<AppendOutcome> AppendBlocks(Transaction& tx, const AttemptName& name,
                                           const std::optional<Provenance>& provenance,
                                           const std::vector<Block>& blocks) {
  CUSP_ASSIGN_OR_RETURN(AttemptAndSweep found, LoadAttempt(tx.db, name));
  CUSP_RETURN_IF_ERROR(CheckFence(found.sweep, found.attempt));
  CUSP_ASSIGN_OR_RETURN(const AppendOutcome outcome, Settle(tx, found, provenance));
  if (outcome == AppendOutcome::kRestarted || blocks.empty()) {
    return outcome;
  }
  CUSP_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                        VariantNames(tx.db, found.sweep.job_id));
  Inserts inserts(tx.db);
  const BlockOrigin origin{found.attempt.number, tx.now_us};
  int64_t stored = 0;
  int64_t last = 0;
  for (const Block& block : blocks) {
    CUSP_ASSIGN_OR_RETURN(const bool is_new,
                          InsertBlock(tx, inserts, found.sweep, names, block, origin));
    stored += is_new ? 1 : 0;
    tx.changes.counts.samples += is_new ? static_cast<int64_t>(block.samples.size()) : 0;
    last = std::max(last, block.block);
  }
  tx.changes.counts.blocks += stored;
  if (stored > 0) {
    CUSP_RETURN_IF_ERROR(Run(tx.db,
                             "UPDATE generations SET blocks = blocks + ?, last_block ="
                             " max(last_block, ?) WHERE sweep_id = ? AND generation = ?",
                             stored, last, found.sweep.id, found.sweep.generation));
    tx.changes.jobs.insert(found.sweep.job_id);
  }
  return outcome;
}

absl::Status InsertArchivedBlock(Transaction& tx, const Sweep& sweep,
                                 const std::vector<std::string>& names, const Block& block,
                                 const BlockOrigin& origin) {
  Inserts inserts(tx.db);
  CUSP_ASSIGN_OR_RETURN(const bool is_new, InsertBlock(tx, inserts, sweep, names, block, origin));
  tx.changes.counts.blocks += is_new ? 1 : 0;
  tx.changes.counts.samples += is_new ? static_cast<int64_t>(block.samples.size()) : 0;
  return absl::OkStatus();
}

absl::StatusOr<BlockOrigin> LoadBlockOrigin(Database& db, const Sweep& sweep, int64_t block) {
  Query query(db,
              "SELECT attempt, commit_time_us FROM blocks WHERE sweep_id = ? AND generation = ?"
              " AND block = ?",
              sweep.id, sweep.generation, block);
  if (!query.Next()) {
    CUSP_RETURN_IF_ERROR(query.status());
    return absl::NotFoundError("there is no such block");
  }
  return BlockOrigin{query.Int(0), query.Int(1)};
}

absl::StatusOr<BlockPage> ListBlocks(Database& db, const Sweep& sweep, int64_t after, int limit,
                                     int max_samples) {
  CUSP_ASSIGN_OR_RETURN(const std::vector<std::string> names, VariantNames(db, sweep.job_id));
  Query query(db,
              "SELECT block, length, batch_size, steal_share, others_share, wait_share,"
              " involuntary_switches, major_faults, allocator_retries, device_clock_mhz,"
              " clock_limits, device_others FROM blocks WHERE sweep_id = ?"
              " AND generation = ? AND block > ? ORDER BY block LIMIT ?",
              sweep.id, sweep.generation, after, limit + 1);
  BlockPage page;
  size_t samples = 0;
  while (query.Next()) {
    if (page.blocks.size() == static_cast<size_t>(limit) ||
        samples >= static_cast<size_t>(max_samples)) {
      page.more = true;
      break;
    }
    Block block;
    block.block = query.Int(0);
    block.length = query.Int(1);
    block.batch_size = query.AsInt(2);
    block.steal_share = query.Real(3);
    block.others_share = query.Real(4);
    block.wait_share = query.Real(5);
    block.involuntary_switches = query.Int(6);
    block.major_faults = query.Int(7);
    block.allocator_retries = query.Int(8);
    block.device_clock_mhz = query.AsInt(9);
    block.clock_limits = query.Int(10);
    block.device_others = query.AsInt(11);
    Query rows(db,
               "SELECT variant, metric, position, outcome, calls, value, failure_message"
               " FROM samples WHERE sweep_id = ? AND generation = ? AND block = ?"
               " ORDER BY position, variant, metric",
               sweep.id, sweep.generation, block.block);
    CUSP_RETURN_IF_ERROR(ReadSamples(rows, names, block));
    samples += block.samples.size();
    page.blocks.push_back(std::move(block));
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return page;
}

}  // namespace cusp::server
