#include "worker/daemon/coordinator.h"

#include <utility>

#include "common/grpc_status.h"
#include "common/ids.h"
#include "common/status_macros.h"

namespace cusp::worker {
namespace {

constexpr std::chrono::seconds kCall{10};
// Longer than any next_sync that a coordinator asks for.
constexpr std::chrono::seconds kIdleSync{60};
constexpr int kPageSize = 1000;
constexpr std::chrono::seconds kDownload{5};

std::chrono::system_clock::time_point In(std::chrono::milliseconds timeout) {
  return std::chrono::system_clock::now() + timeout;
}

}  // namespace

Coordinator::Coordinator(const std::shared_ptr<grpc::Channel>& channel)
    : workers_(v1::WorkerService::NewStub(channel)),
      results_(v1::ResultService::NewStub(channel)),
      artifacts_(v1::ArtifactService::NewStub(channel)) {}

absl::Status Coordinator::Register(const v1::Worker& worker) {
  grpc::ClientContext context;
  context.set_deadline(In(kCall));
  v1::RegisterWorkerRequest request;
  request.set_request_id(NewUuid());
  *request.mutable_worker() = worker;
  v1::RegisterWorkerResponse response;
  return FromGrpc(workers_->RegisterWorker(&context, request, &response));
}

absl::StatusOr<v1::SyncWorkerResponse> Coordinator::Sync(const v1::SyncWorkerRequest& request,
                                                         bool idle) {
  grpc::ClientContext context;
  context.set_deadline(In(idle ? kIdleSync : kCall));
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(cancelled_, false)) {
      return absl::CancelledError("cancelled");
    }
    sync_ = &context;
  }
  v1::SyncWorkerResponse response;
  const absl::Status status = FromGrpc(workers_->SyncWorker(&context, request, &response));
  {
    const std::lock_guard lock(mutex_);
    sync_ = nullptr;
  }
  CUSP_RETURN_IF_ERROR(status);
  return response;
}

void Coordinator::CancelSync() {
  const std::lock_guard lock(mutex_);
  if (sync_ != nullptr) {
    sync_->TryCancel();
  } else {
    cancelled_ = true;
  }
}

absl::Status Coordinator::Finish(const v1::FinishAttemptRequest& request,
                                 std::chrono::milliseconds timeout) {
  grpc::ClientContext context;
  context.set_deadline(In(timeout));
  v1::FinishAttemptResponse response;
  return FromGrpc(workers_->FinishAttempt(&context, request, &response));
}

absl::StatusOr<std::vector<v1::Block>> Coordinator::ListBlocks(const std::string& sweep) {
  std::vector<v1::Block> blocks;
  v1::ListBlocksRequest request;
  request.set_sweep(sweep);
  request.set_page_size(kPageSize);
  do {
    grpc::ClientContext context;
    context.set_deadline(In(kCall));
    v1::ListBlocksResponse response;
    CUSP_RETURN_IF_ERROR(FromGrpc(results_->ListBlocks(&context, request, &response)));
    blocks.insert(blocks.end(), response.blocks().begin(), response.blocks().end());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return blocks;
}

absl::StatusOr<v1::StatArtifactResponse> Coordinator::StatArtifact(const std::string& sha256) {
  grpc::ClientContext context;
  context.set_deadline(In(kCall));
  v1::StatArtifactRequest request;
  request.set_sha256(sha256);
  v1::StatArtifactResponse response;
  CUSP_RETURN_IF_ERROR(FromGrpc(artifacts_->StatArtifact(&context, request, &response)));
  return response;
}

absl::Status Coordinator::Download(
    const std::string& sha256, int64_t offset,
    const std::function<absl::Status(const v1::DownloadArtifactResponse&)>& take) {
  grpc::ClientContext context;
  context.set_deadline(In(kDownload));
  v1::DownloadArtifactRequest request;
  request.set_sha256(sha256);
  request.set_offset(offset);
  const auto stream = artifacts_->DownloadArtifact(&context, request);
  v1::DownloadArtifactResponse piece;
  while (stream->Read(&piece)) {
    const absl::Status taken = take(piece);
    if (!taken.ok()) {
      context.TryCancel();
      (void)stream->Finish();
      return taken;
    }
  }
  return FromGrpc(stream->Finish());
}

bool IsPermanent(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kUnimplemented:
      return true;
    default:
      return false;
  }
}

}  // namespace cusp::worker
