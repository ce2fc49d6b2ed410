#include "server/api/artifact_service.h"

#include <optional>
#include <string>
#include <utility>

#include "common/grpc_status.h"
#include "common/status_macros.h"
#include "server/api/download_reactor.h"
#include "server/api/upload_reactor.h"
#include "server/queue/artifact_rules.h"
#include "server/store/artifacts.h"

namespace cusp::server {
namespace {

// What the database knows of an artifact and its asker.
struct Known {
  std::optional<int64_t> size;
  int64_t user_id = 0;
};

absl::StatusOr<Known> Ask(Transaction& tx, const std::string& sha256, const std::string& user) {
  Known known;
  CUSP_ASSIGN_OR_RETURN(known.size, ArtifactSize(tx.db, sha256));
  if (known.size.has_value()) {
    CUSP_RETURN_IF_ERROR(TouchArtifact(tx, sha256));
  } else {
    CUSP_ASSIGN_OR_RETURN(const ArtifactAllowance allowance, LoadAllowance(tx, user));
    known.user_id = allowance.user_id;
  }
  return known;
}

}  // namespace

grpc::ServerUnaryReactor* ArtifactService::StatArtifact(grpc::CallbackServerContext* context,
                                                        const v1::StatArtifactRequest* request,
                                                        v1::StatArtifactResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const absl::StatusOr<Caller> caller = gate_.Admit(*context, Permission::kFetch);
  const absl::Status fault = caller.ok() ? CheckSha256(request->sha256()) : caller.status();
  if (!fault.ok()) {
    reactor->Finish(ToGrpc(fault));
    return reactor;
  }
  shelf_.store().Write<Known>(
      [sha256 = request->sha256(), user = caller->user](Transaction& tx) {
        return Ask(tx, sha256, user);
      },
      [this, reactor, request, response](const absl::StatusOr<Known>& known) {
        if (known.ok() && known->size.has_value()) {
          response->set_complete(true);
          response->set_size_bytes(*known->size);
        } else if (known.ok()) {
          response->set_committed_bytes(
              shelf_.folder().IncomingBytes(request->sha256(), known->user_id));
        }
        reactor->Finish(ToGrpc(known.status()));
      });
  return reactor;
}

grpc::ServerReadReactor<v1::UploadArtifactRequest>* ArtifactService::UploadArtifact(
    grpc::CallbackServerContext* context, v1::UploadArtifactResponse* response) {
  const absl::StatusOr<Caller> caller = gate_.Admit(*context, Permission::kSubmit);
  auto* reactor = new UploadReactor(shelf_, caller.ok() ? caller->user : "", response);
  if (caller.ok()) {
    reactor->Start();
  } else {
    reactor->Refuse(caller.status());
  }
  return reactor;
}

grpc::ServerWriteReactor<v1::DownloadArtifactResponse>* ArtifactService::DownloadArtifact(
    grpc::CallbackServerContext* context, const v1::DownloadArtifactRequest* request) {
  int64_t size_bytes = 0;
  const auto open = [&]() -> absl::StatusOr<UniqueFd> {
    CUSP_RETURN_IF_ERROR(gate_.Admit(*context, Permission::kMeasure).status());
    CUSP_RETURN_IF_ERROR(CheckSha256(request->sha256()));
    CUSP_ASSIGN_OR_RETURN(const auto size,
                          shelf_.store().Read<std::optional<int64_t>>(
                              [&](Database& db) { return ArtifactSize(db, request->sha256()); }));
    if (!size.has_value()) {
      return absl::NotFoundError("there is no artifact " + request->sha256() +
                                 "; submit the job again to send it");
    }
    if (request->offset() < 0 || request->offset() > *size) {
      return absl::InvalidArgumentError("offset " + std::to_string(request->offset()) +
                                        " is not within the artifact's " + std::to_string(*size) +
                                        " bytes");
    }
    size_bytes = *size;
    return shelf_.folder().Open(request->sha256());
  };
  auto file = open();
  if (!file.ok()) {
    auto* reactor = new DownloadReactor(UniqueFd(), 0, 0);
    reactor->Refuse(file.status());
    return reactor;
  }
  auto* reactor = new DownloadReactor(*std::move(file), size_bytes, request->offset());
  reactor->Start();
  return reactor;
}

}  // namespace cusp::server
