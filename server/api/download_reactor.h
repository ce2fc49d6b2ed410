// One DownloadArtifact stream.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <cstdint>

#include "absl/status/status.h"
#include "common/unique_fd.h"
#include "cusp/v1/artifact_service.pb.h"

namespace cusp::server {

// Reads a piece whenever the one before is on its way. Deletes itself when the stream is
// over.
class DownloadReactor final : public grpc::ServerWriteReactor<v1::DownloadArtifactResponse> {
 public:
  // From `offset` to the end of a file of `size` bytes.
  DownloadReactor(UniqueFd file, int64_t size, int64_t offset);

  // Sends the first piece. Apart from the constructor, since answers may come at once.
  void Start() { Next(); }
  // Ends with an error instead.
  void Refuse(const absl::Status& status);

  void OnWriteDone(bool ok) override;
  void OnDone() override { delete this; }

 private:
  void Next();

  const UniqueFd file_;
  int64_t offset_;
  v1::DownloadArtifactResponse response_;
};

}  // namespace cusp::server
