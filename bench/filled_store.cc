#include "bench/filled_store.h"

#include <memory>
#include <utility>

#include "bench/raw_sqlite.h"
#include "bench/service_calls.h"
#include "common/clock.h"
#include "common/ids.h"
#include "common/status_macros.h"
#include "server/store/blocks.h"
#include "server/store/jobs.h"
#include "server/store/leasing.h"
#include "server/store/results.h"
#include "server/store/store.h"
#include "server/store/workers.h"

namespace cusp {
namespace {

using server::Transaction;

constexpr int64_t kJobsPerTransaction = 1000;
constexpr int64_t kBlocksPerJob = 100;
constexpr int kLengths = 10;
constexpr char kDevice[] = "measured";

absl::StatusOr<std::unique_ptr<server::Store>> OpenStore(const std::string& folder,
                                                         const Clock& clock) {
  CUSP_ASSIGN_OR_RETURN(server::DataFolder data, server::DataFolder::Open(folder + "/data"));
  return server::Store::Open(std::move(data), clock);
}

server::NewJob JobOf(const v1::JobSpec& spec) {
  server::NewJob job;
  job.public_id = NewShortId();
  job.display_name = spec.name();
  job.owner = "local";
  job.device = spec.device();
  job.spec = spec.SerializeAsString();
  job.baselines = {"bert"};
  for (const v1::VariantSpec& variant : spec.candidates()) {
    job.candidates.push_back(variant.name());
  }
  job.sweeps = {{v1::MODE_INFERENCE, v1::DTYPE_FLOAT32}};
  return job;
}

std::string VariantOf(int number) { return number == 0 ? "bert" : "v" + std::to_string(number); }

server::Block BlockOf(int64_t number) {
  server::Block block;
  block.block = number;
  block.length = 64 * (1 + number % kLengths);
  block.batch_size = 1;
  for (int i = 0; i < kRowsPerMessage; ++i) {
    block.samples.push_back({.variant = VariantOf(i / kMetrics),
                             .metric = 1 + i % kMetrics,
                             .value = 0.25 + 0.001 * i,
                             .outcome = v1::OUTCOME_OK,
                             .calls = 3,
                             .order = i,
                             .failure_message = ""});
  }
  return block;
}

server::SweepResult ResultOf() {
  server::SweepResult result;
  for (int i = 0; i < kRowsPerMessage; ++i) {
    const int metric = 1 + i % kMetrics;
    for (int length = 1; length <= kLengths; ++length) {
      result.costs.push_back({.variant = VariantOf(i / kMetrics),
                              .metric = metric,
                              .batch_size = 1,
                              .length = 64 * length,
                              .median = 0.25,
                              .low = 0.2,
                              .high = 0.3,
                              .samples = kBlocksPerJob / kLengths,
                              .outcome = v1::OUTCOME_OK,
                              .failure_message = ""});
    }
    if (i < kMetrics) {
      continue;  // the baseline
    }
    server::Comparison comparison;
    comparison.baseline = "bert";
    comparison.candidate = VariantOf(i / kMetrics);
    comparison.metric = metric;
    comparison.batch_size = 1;
    comparison.range_min = 64;
    comparison.range_max = 64 * kLengths;
    comparison.verdict = v1::VERDICT_CROSSES;
    comparison.crossings = {{300, 290, 310, v1::DIRECTION_CHEAPER}};
    comparison.first = comparison.crossings.front();
    comparison.persistent = comparison.crossings.front();
    comparison.blocks_used = kBlocksPerJob;
    result.comparisons.push_back(std::move(comparison));
  }
  return result;
}

// One job's life in one transaction.
absl::Status MeasureJob(Transaction& tx, const server::NewJob& job,
                        const std::vector<server::Block>& blocks,
                        const server::SweepResult& result) {
  CUSP_RETURN_IF_ERROR(server::InsertJob(tx, job).status());
  CUSP_ASSIGN_OR_RETURN(const server::SyncAnswer leased,
                        server::SyncWorker(tx, {.worker = "filler", .attempt = std::nullopt}));
  if (leased.action != server::SyncAction::kMeasure) {
    return absl::InternalError("the filling worker was given no sweep");
  }
  const server::AttemptName attempt{leased.job, leased.sweep.number, leased.lease.attempt};
  server::Provenance provenance;
  provenance.device_class = kDevice;
  provenance.device = kDevice;
  CUSP_RETURN_IF_ERROR(server::AppendBlocks(tx, attempt, provenance, blocks).status());
  return server::FinishAttempt(tx, attempt, server::AttemptEnd::kSucceeded, result, std::nullopt)
      .status();
}

}  // namespace

absl::Status QueueJobs(const std::string& folder, int64_t jobs, const std::string& device) {
  const SystemClock clock;
  CUSP_ASSIGN_OR_RETURN(const auto store, OpenStore(folder, clock));
  const v1::JobSpec spec = SpecOf(1, device);
  for (int64_t done = 0; done < jobs; done += kJobsPerTransaction) {
    const absl::Status queued = store->WriteAndWait([&](Transaction& tx) -> absl::Status {
      for (int64_t i = done; i < std::min(jobs, done + kJobsPerTransaction); ++i) {
        CUSP_RETURN_IF_ERROR(server::InsertJob(tx, JobOf(spec)).status());
      }
      return absl::OkStatus();
    });
    CUSP_RETURN_IF_ERROR(queued);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> AddMeasuredJobs(const std::string& folder,
                                                         int64_t samples) {
  const SystemClock clock;
  CUSP_ASSIGN_OR_RETURN(const auto store, OpenStore(folder, clock));
  CUSP_RETURN_IF_ERROR(store->WriteAndWait([&](Transaction& tx) {
    server::Worker worker;
    worker.name = "filler";
    worker.device_class = kDevice;
    worker.device = kDevice;
    return server::RegisterWorker(tx, worker, NewUuid()).status();
  }));
  const v1::JobSpec spec = SpecOf(kVariants - 1, kDevice);
  std::vector<server::Block> blocks;
  for (int64_t number = 1; number <= kBlocksPerJob; ++number) {
    blocks.push_back(BlockOf(number));
  }
  const server::SweepResult result = ResultOf();
  std::vector<std::string> names;
  const int64_t samples_per_job = kBlocksPerJob * kRowsPerMessage;
  for (int64_t stored = 0; stored < samples; stored += samples_per_job) {
    const server::NewJob job = JobOf(spec);
    names.push_back("jobs/" + job.public_id);
    CUSP_RETURN_IF_ERROR(
        store->WriteAndWait([&](Transaction& tx) { return MeasureJob(tx, job, blocks, result); }));
  }
  return names;
}

}  // namespace cusp
