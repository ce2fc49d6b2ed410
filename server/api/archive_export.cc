#include "server/api/archive_export.h"

#include <utility>
#include <vector>

#include "common/status_macros.h"
#include "server/api/translate.h"
#include "server/api/translate_measurements.h"
#include "server/queue/transitions.h"
#include "server/store/archives.h"
#include "server/store/blocks.h"
#include "server/store/jobs.h"
#include "server/store/provenances.h"

namespace cusp::server {
namespace {

constexpr int kBlocksPerPage = 200;
constexpr int kSamplesPerPage = 10'000;

absl::StatusOr<Job> ReadJob(Database& db, int64_t job_id) {
  CUSP_ASSIGN_OR_RETURN(Job job, LoadJob(db, job_id, true));
  if (!HasEnded(job.state)) {
    return absl::FailedPreconditionError(
        "the job has not ended; export it when it has, or cancel it first");
  }
  return job;
}

v1::ArchiveRecord JobRecord(const Job& job) {
  v1::ArchiveRecord record;
  v1::Job& out = *record.mutable_job()->mutable_job();
  out = ToProto(job);
  out.clear_sweeps();
  // Who submitted it first, here or elsewhere, so that a copy's copy is the same.
  if (!job.original_owner.empty()) {
    out.set_owner(job.original_owner);
    out.clear_original_owner();
  }
  record.mutable_job()->set_device(job.device);
  return record;
}

absl::StatusOr<v1::ArchiveRecord> SweepRecord(Database& db, const Job& job, Sweep sweep) {
  CUSP_RETURN_IF_ERROR(LoadConditions(db, sweep));
  CUSP_ASSIGN_OR_RETURN(const auto end_time, LoadEndTime(db, sweep));
  CUSP_ASSIGN_OR_RETURN(const SweepResult result, LoadResult(db, sweep));
  v1::ArchiveRecord record;
  v1::ArchivedSweep& out = *record.mutable_sweep();
  *out.mutable_sweep() = ToProto(sweep, job.public_id);
  if (end_time) {
    *out.mutable_end_time() = ToTimestamp(*end_time);
  }
  out.set_generation(sweep.generation);
  out.set_last_block(sweep.last_block);
  v1::JobResult parts;
  AppendResult(result, sweep, &parts);
  out.mutable_result()->mutable_comparisons()->Swap(parts.mutable_comparisons());
  out.mutable_result()->mutable_costs()->Swap(parts.mutable_costs());
  if (parts.self_checks_size() > 0) {
    *out.mutable_result()->mutable_self_check() = parts.self_checks(0);
  }
  if (out.sweep().has_device_speed()) {
    *out.mutable_result()->mutable_device_speed() = out.sweep().device_speed();
    out.mutable_sweep()->clear_device_speed();
  }
  return record;
}

struct Page {
  std::vector<v1::ArchiveRecord> records;
  int64_t last = 0;
  bool more = false;
};

absl::StatusOr<Page> ReadPage(Database& db, const Sweep& sweep, int64_t after) {
  CUSP_ASSIGN_OR_RETURN(const BlockPage blocks,
                        ListBlocks(db, sweep, after, kBlocksPerPage, kSamplesPerPage));
  Page page;
  page.more = blocks.more;
  for (const Block& block : blocks.blocks) {
    CUSP_ASSIGN_OR_RETURN(const BlockOrigin origin, LoadBlockOrigin(db, sweep, block.block));
    v1::ArchivedBlock& out = *page.records.emplace_back().mutable_block();
    *out.mutable_block() = ToProto(block);
    out.set_attempt(origin.attempt);
    *out.mutable_commit_time() = ToTimestamp(origin.commit_time_us);
    page.last = block.block;
  }
  return page;
}

absl::Status WriteBlocks(Store& store, const Sweep& sweep, ArchiveWriter& writer) {
  int64_t written = 0;
  Page page;
  do {
    CUSP_ASSIGN_OR_RETURN(
        page, store.Read<Page>([&](Database& db) { return ReadPage(db, sweep, page.last); }));
    for (const v1::ArchiveRecord& record : page.records) {
      CUSP_RETURN_IF_ERROR(writer.Add(record));
    }
    written += static_cast<int64_t>(page.records.size());
  } while (page.more);
  return written == sweep.blocks_committed
             ? absl::OkStatus()
             : absl::AbortedError("the job's samples were dropped while it was exported; again");
}

}  // namespace

absl::StatusOr<std::string> ExportJob(Store& store, int64_t job_id, ArchiveWriter::Sink sink) {
  CUSP_ASSIGN_OR_RETURN(const Job job,
                        store.Read<Job>([&](Database& db) { return ReadJob(db, job_id); }));
  ArchiveWriter writer(std::move(sink));
  CUSP_RETURN_IF_ERROR(writer.Begin());
  CUSP_RETURN_IF_ERROR(writer.Add(JobRecord(job)));
  for (const Sweep& sweep : job.sweeps) {
    CUSP_ASSIGN_OR_RETURN(
        const v1::ArchiveRecord record,
        store.Read<v1::ArchiveRecord>([&](Database& db) { return SweepRecord(db, job, sweep); }));
    CUSP_RETURN_IF_ERROR(writer.Add(record));
    if (!job.samples_pruned_us) {
      CUSP_RETURN_IF_ERROR(WriteBlocks(store, sweep, writer));
    }
  }
  CUSP_RETURN_IF_ERROR(writer.End());
  return writer.ContentSha256();
}

absl::StatusOr<std::string> ContentSha256Of(Store& store, int64_t job_id) {
  return ExportJob(store, job_id, [](std::string_view) { return absl::OkStatus(); });
}

}  // namespace cusp::server
