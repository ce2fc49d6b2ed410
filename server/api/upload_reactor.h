// One UploadArtifact stream.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "cusp/v1/artifact_service.pb.h"
#include "server/api/artifact_shelf.h"
#include "server/api/artifact_upload.h"

namespace cusp::server {

// Reads a message, hands it to the shelf's thread, and reads the next once that one is
// written: a slow disk holds the sender back. Deletes itself when the stream is over.
class UploadReactor final : public grpc::ServerReadReactor<v1::UploadArtifactRequest> {
 public:
  // `response` lives as long as the call.
  UploadReactor(ArtifactShelf& shelf, std::string user, v1::UploadArtifactResponse* response);

  // Reads the first message. Apart from the constructor, since it may come at once.
  void Start() { StartRead(&request_); }
  // Ends with an error instead.
  void Refuse(const absl::Status& status);

  void OnReadDone(bool ok) override;
  void OnDone() override;

 private:
  void Take();
  void End();

  ArtifactShelf& shelf_;
  const std::string user_;
  v1::UploadArtifactResponse* const response_;
  v1::UploadArtifactRequest request_;
  std::unique_ptr<ArtifactUpload> upload_;  // of the shelf's thread
};

}  // namespace cusp::server
