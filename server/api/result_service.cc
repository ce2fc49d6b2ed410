#include "server/api/result_service.h"

#include <string>

#include "common/grpc_status.h"
#include "common/status_macros.h"
#include "server/api/answer.h"
#include "server/api/history.h"
#include "server/api/names.h"
#include "server/api/translate.h"
#include "server/api/translate_measurements.h"
#include "server/queue/transitions.h"
#include "server/store/blocks.h"
#include "server/store/jobs.h"
#include "server/store/provenances.h"
#include "server/store/results.h"

namespace cusp::server {
namespace {

constexpr char kBlockPage = 'b';
// Keeps a page well below the 4 MiB that a client takes in one message.
constexpr int kMaxSamplesPerPage = 10000;

// Blocks of the sweep's current generation; a page of another one would mix
// measurements that do not belong together.
absl::StatusOr<BlockPage> ReadBlocks(Database& db, const Sweep& sweep, const std::string& token,
                                     int page_size) {
  PagePair from{sweep.generation, 0};  // generation, block
  if (!token.empty()) {
    CUSP_ASSIGN_OR_RETURN(from, DecodePairPageToken(kBlockPage, token));
  }
  if (from.first != sweep.generation) {
    return absl::InvalidArgumentError("page_token is of generation " + std::to_string(from.first) +
                                      ", but the sweep was started anew and is at generation " +
                                      std::to_string(sweep.generation) +
                                      "; list again without page_token");
  }
  return server::ListBlocks(db, sweep, from.second, page_size, kMaxSamplesPerPage);
}

absl::StatusOr<v1::JobResult> ReadResult(Database& db, const std::string& id,
                                         const LiveBoard& board) {
  CUSP_ASSIGN_OR_RETURN(const int64_t job_id, ResolveJob(db, id));
  CUSP_ASSIGN_OR_RETURN(Job job, LoadJob(db, job_id, false));
  v1::JobResult out;
  out.set_job(JobName(job.public_id));
  out.set_state(static_cast<v1::Job::State>(job.state));
  out.set_complete(HasEnded(job.state));
  for (Sweep& sweep : job.sweeps) {
    if (sweep.provenance) {
      CUSP_RETURN_IF_ERROR(LoadConditions(db, sweep));
      *out.add_provenances() = ToProto(*sweep.provenance);
    }
    if (HasEnded(sweep.state)) {
      CUSP_ASSIGN_OR_RETURN(const SweepResult result, LoadResult(db, sweep));
      AppendResult(result, sweep, &out);
    } else if (auto progress = board.Progress(sweep.id)) {
      for (v1::Estimate& estimate : *progress->mutable_estimates()) {
        *out.add_comparisons() = std::move(*estimate.mutable_comparison());
      }
    }
  }
  return out;
}

}  // namespace

grpc::ServerUnaryReactor* ResultService::GetJobResult(grpc::CallbackServerContext* context,
                                                      const v1::GetJobResultRequest* request,
                                                      v1::GetJobResultResponse* response) {
  const auto get = [&]() -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(const Caller caller, gate_.Admit(*context, Permission::kRead));
    CUSP_ASSIGN_OR_RETURN(const std::string id, ParseJobName(request->job()));
    CUSP_ASSIGN_OR_RETURN(
        *response->mutable_result(),
        store_.Read<v1::JobResult>([&](Database& db) { return ReadResult(db, id, board_); }));
    return absl::OkStatus();
  };
  return Answer(context, get());
}

grpc::ServerUnaryReactor* ResultService::ListBlocks(grpc::CallbackServerContext* context,
                                                    const v1::ListBlocksRequest* request,
                                                    v1::ListBlocksResponse* response) {
  const auto list = [&]() -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(const Caller caller, gate_.Admit(*context, Permission::kFetch));
    CUSP_ASSIGN_OR_RETURN(const SweepName name, ParseSweepName(request->sweep()));
    CUSP_ASSIGN_OR_RETURN(const int page_size, PageSize(request->page_size()));
    Sweep sweep;
    CUSP_ASSIGN_OR_RETURN(const BlockPage page,
                          store_.Read<BlockPage>([&](Database& db) -> absl::StatusOr<BlockPage> {
                            CUSP_ASSIGN_OR_RETURN(sweep, LoadSweep(db, name.job, name.number));
                            return ReadBlocks(db, sweep, request->page_token(), page_size);
                          }));
    for (const Block& block : page.blocks) {
      *response->add_blocks() = ToProto(block);
    }
    if (page.more) {
      response->set_next_page_token(
          EncodePairPageToken(kBlockPage, {sweep.generation, page.blocks.back().block}));
    }
    return absl::OkStatus();
  };
  return Answer(context, list());
}

grpc::ServerUnaryReactor* ResultService::ListHistory(grpc::CallbackServerContext* context,
                                                     const v1::ListHistoryRequest* request,
                                                     v1::ListHistoryResponse* response) {
  const auto list = [&]() -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(const Caller caller, gate_.Admit(*context, Permission::kRead));
    CUSP_ASSIGN_OR_RETURN(*response, store_.Read<v1::ListHistoryResponse>(
                                         [&](Database& db) { return ReadHistory(db, *request); }));
    return absl::OkStatus();
  };
  return Answer(context, list());
}

}  // namespace cusp::server
