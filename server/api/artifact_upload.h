// One upload of an artifact, from its first message to its end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/growing_file.h"
#include "cusp/v1/artifact_service.pb.h"
#include "server/api/artifact_shelf.h"
#include "server/store/artifacts.h"

namespace cusp::server {

// Made, used and destroyed on the shelf's thread.
class ArtifactUpload {
 public:
  // `shelf` outlives it.
  ArtifactUpload(ArtifactShelf& shelf, std::string user);
  // What was sent stays, so that a later upload goes on with it.
  ~ArtifactUpload();
  ArtifactUpload(const ArtifactUpload&) = delete;
  ArtifactUpload& operator=(const ArtifactUpload&) = delete;

  // Takes the next message. Statuses of UploadArtifact.
  absl::Status Take(const v1::UploadArtifactRequest& request);

  // Whether the artifact was there from the beginning, and nothing more is needed.
  bool is_there() const { return is_there_; }

  // The sender has said all: checks the hash, and puts the artifact in its place.
  absl::StatusOr<v1::UploadArtifactResponse> End();

 private:
  absl::Status Begin(const v1::UploadArtifactRequest& request);

  ArtifactShelf& shelf_;
  const std::string user_;
  Artifact artifact_;
  int64_t user_id_ = 0;
  std::optional<GrowingFile> file_;
  bool has_begun_ = false;
  bool is_there_ = false;
};

}  // namespace cusp::server
