#include "server/api/archive_import.h"

#include <optional>
#include <set>
#include <utility>

#include "common/status_macros.h"
#include "cusp/v1/spec.pb.h"
#include "server/api/archive_translate.h"
#include "server/api/translate.h"
#include "server/api/translate_measurements.h"
#include "server/store/jobs.h"

namespace cusp::server {
namespace {

absl::Status Bad(const std::string& what) { return absl::InvalidArgumentError(what); }

// Follows the order of records.
class Walk {
 public:
  explicit Walk(ArchiveVisitor& visitor) : visitor_(visitor) {}

  absl::Status Take(const v1::ArchiveRecord& record) {
    switch (record.kind_case()) {
      case v1::ArchiveRecord::kJob:
        return TakeJob(record.job());
      case v1::ArchiveRecord::kSweep:
        return TakeSweep(record.sweep());
      case v1::ArchiveRecord::kBlock:
        return TakeBlock(record.block());
      default:
        return Bad("does not belong here");
    }
  }

  // All that the job promised has come.
  absl::Status Finish() {
    if (!has_job_) {
      return Bad("the archive has no job");
    }
    CUSP_RETURN_IF_ERROR(CheckBlocks());
    if (sweeps_ != job_.job.sweeps_total) {
      return Bad("the archive has " + std::to_string(sweeps_) + " of the job's " +
                 std::to_string(job_.job.sweeps_total) + " sweeps");
    }
    return absl::OkStatus();
  }

 private:
  absl::Status TakeJob(const v1::ArchivedJob& in) {
    if (has_job_) {
      return Bad("is a second job");
    }
    has_job_ = true;
    CUSP_ASSIGN_OR_RETURN(job_, ArchivedJobOf(in));
    spec_ = in.job().spec();
    for (const auto* names : {&job_.baselines, &job_.candidates}) {
      names_.insert(names->begin(), names->end());
    }
    return visitor_.OnJob(job_);
  }

  absl::Status TakeSweep(const v1::ArchivedSweep& in) {
    if (!has_job_ || sweeps_ >= job_.job.sweeps_total) {
      return Bad("is a sweep too many, or stands before its job");
    }
    CUSP_RETURN_IF_ERROR(CheckBlocks());
    CUSP_ASSIGN_OR_RETURN(const ArchivedSweep archived,
                          ArchivedSweepOf(in, job_, spec_, sweeps_ + 1));
    CUSP_RETURN_IF_ERROR(CheckVariants(archived));
    ++sweeps_;
    sweep_ = archived.sweep;
    blocks_ = 0;
    newest_block_ = 0;
    return visitor_.OnSweep(archived);
  }

  absl::Status TakeBlock(const v1::ArchivedBlock& in) {
    if (sweeps_ == 0) {
      return Bad("is a block before any sweep");
    }
    CUSP_ASSIGN_OR_RETURN(const Block block, FromProto(in.block()));
    if (block.block <= newest_block_ || block.block > sweep_.last_block) {
      return Bad("block " + std::to_string(block.block) + " is out of order, or beyond the last");
    }
    for (const Sample& sample : block.samples) {
      CUSP_RETURN_IF_ERROR(CheckVariant(sample.variant));
    }
    ++blocks_;
    newest_block_ = block.block;
    return visitor_.OnBlock(block, {in.attempt(), FromTimestamp(in.commit_time())});
  }

  // Of the sweep that was taken last.
  absl::Status CheckBlocks() const {
    const int64_t expected = job_.job.samples_pruned_us ? 0 : sweep_.blocks_committed;
    return blocks_ == expected ? absl::OkStatus()
                               : Bad("the sweep before has " + std::to_string(blocks_) +
                                     " blocks and says " + std::to_string(expected));
  }

  absl::Status CheckVariant(const std::string& name) const {
    return names_.contains(name) ? absl::OkStatus()
                                 : Bad("the job has no variant \"" + name.substr(0, 80) + "\"");
  }

  absl::Status CheckVariants(const ArchivedSweep& archived) const {
    for (const Comparison& comparison : archived.result.comparisons) {
      CUSP_RETURN_IF_ERROR(CheckVariant(comparison.baseline));
      CUSP_RETURN_IF_ERROR(CheckVariant(comparison.candidate));
    }
    for (const Cost& cost : archived.result.costs) {
      CUSP_RETURN_IF_ERROR(CheckVariant(cost.variant));
    }
    if (archived.result.self_check) {
      CUSP_RETURN_IF_ERROR(CheckVariant(archived.result.self_check->variant));
    }
    if (archived.sweep.provenance) {
      for (const VariantConfig& variant : archived.sweep.provenance->conditions.variants) {
        CUSP_RETURN_IF_ERROR(CheckVariant(variant.variant));
      }
    }
    return absl::OkStatus();
  }

  ArchiveVisitor& visitor_;
  bool has_job_ = false;
  ArchivedJob job_;
  v1::JobSpec spec_;
  std::set<std::string> names_;
  int sweeps_ = 0;  // so far
  Sweep sweep_;     // the newest
  int64_t blocks_ = 0;
  int64_t newest_block_ = 0;
};

class Checker final : public ArchiveVisitor {
 public:
  absl::Status OnJob(const ArchivedJob& job) override {
    public_id = job.job.public_id;
    return absl::OkStatus();
  }
  absl::Status OnSweep(const ArchivedSweep& /*sweep*/) override { return absl::OkStatus(); }
  absl::Status OnBlock(const Block& /*block*/, const BlockOrigin& /*origin*/) override {
    return absl::OkStatus();
  }

  std::string public_id;
};

class Inserter final : public ArchiveVisitor {
 public:
  Inserter(Transaction& tx, const std::string& owner) : tx_(tx), owner_(owner) {}

  absl::Status OnJob(const ArchivedJob& job) override {
    CUSP_ASSIGN_OR_RETURN(id, InsertArchivedJob(tx_, job, owner_));
    CUSP_ASSIGN_OR_RETURN(names_, VariantNames(tx_.db, id));
    return absl::OkStatus();
  }
  absl::Status OnSweep(const ArchivedSweep& sweep) override {
    CUSP_ASSIGN_OR_RETURN(sweep_, InsertArchivedSweep(tx_, id, sweep));
    return absl::OkStatus();
  }
  absl::Status OnBlock(const Block& block, const BlockOrigin& origin) override {
    return InsertArchivedBlock(tx_, sweep_, names_, block, origin);
  }

  int64_t id = 0;

 private:
  Transaction& tx_;
  const std::string& owner_;
  std::vector<std::string> names_;
  Sweep sweep_;
};

}  // namespace

absl::Status ReadArchive(ArchiveReader& reader, ArchiveVisitor& visitor) {
  Walk walk(visitor);
  while (true) {
    CUSP_ASSIGN_OR_RETURN(const std::optional<v1::ArchiveRecord> record, reader.Next());
    const absl::Status taken = record ? walk.Take(*record) : walk.Finish();
    if (absl::IsInvalidArgument(taken)) {
      return Bad(reader.Place() + std::string(taken.message()));
    }
    if (!taken.ok() || !record) {
      return taken;
    }
  }
}

absl::StatusOr<ArchiveSummary> CheckArchive(ArchiveReader& reader) {
  Checker checker;
  CUSP_RETURN_IF_ERROR(ReadArchive(reader, checker));
  return ArchiveSummary{checker.public_id, reader.ContentSha256()};
}

absl::StatusOr<int64_t> StoreArchive(Transaction& tx, ArchiveReader& reader,
                                     const std::string& owner) {
  Inserter inserter(tx, owner);
  CUSP_RETURN_IF_ERROR(ReadArchive(reader, inserter));
  return inserter.id;
}

}  // namespace cusp::server
