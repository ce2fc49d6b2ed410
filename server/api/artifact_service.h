// ArtifactService of proto/cusp/v1/artifact_service.proto.
#pragma once

#include "cusp/v1/artifact_service.grpc.pb.h"
#include "server/api/artifact_shelf.h"
#include "server/api/gate.h"

namespace cusp::server {

// Validates, and hands over to the shelf. Thread-safe.
class ArtifactService final : public v1::ArtifactService::CallbackService {
 public:
  ArtifactService(const Gate& gate, ArtifactShelf& shelf) : gate_(gate), shelf_(shelf) {}

  grpc::ServerUnaryReactor* StatArtifact(grpc::CallbackServerContext* context,
                                         const v1::StatArtifactRequest* request,
                                         v1::StatArtifactResponse* response) override;
  grpc::ServerReadReactor<v1::UploadArtifactRequest>* UploadArtifact(
      grpc::CallbackServerContext* context, v1::UploadArtifactResponse* response) override;
  grpc::ServerWriteReactor<v1::DownloadArtifactResponse>* DownloadArtifact(
      grpc::CallbackServerContext* context, const v1::DownloadArtifactRequest* request) override;

 private:
  const Gate& gate_;
  ArtifactShelf& shelf_;
};

}  // namespace cusp::server
