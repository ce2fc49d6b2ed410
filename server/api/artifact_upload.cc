#include "server/api/artifact_upload.h"

#include <utility>

#include "common/status_macros.h"
#include "server/queue/artifact_rules.h"

namespace cusp::server {
namespace {

absl::StatusOr<Artifact> CheckBeginning(const v1::UploadArtifactRequest& request) {
  CUSP_RETURN_IF_ERROR(CheckSha256(request.sha256()));
  if (request.parts_size() > kMaxArtifactParts) {
    return absl::InvalidArgumentError("the artifact has " + std::to_string(request.parts_size()) +
                                      " parts, more than " + std::to_string(kMaxArtifactParts));
  }
  Artifact artifact;
  artifact.sha256 = request.sha256();
  artifact.size_bytes = request.size_bytes();
  for (const std::string& part : request.parts()) {
    CUSP_RETURN_IF_ERROR(CheckSha256(part));
    artifact.parts.push_back(part);
  }
  return artifact;
}

}  // namespace

ArtifactUpload::ArtifactUpload(ArtifactShelf& shelf, std::string user)
    : shelf_(shelf), user_(std::move(user)) {}

ArtifactUpload::~ArtifactUpload() {
  if (file_.has_value()) {
    shelf_.Promise(user_id_, -artifact_.size_bytes);
  }
}

absl::Status ArtifactUpload::Begin(const v1::UploadArtifactRequest& request) {
  CUSP_ASSIGN_OR_RETURN(artifact_, CheckBeginning(request));
  CUSP_RETURN_IF_ERROR(shelf_.store().WriteAndWait([&](Transaction& tx) -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(const auto size, ArtifactSize(tx.db, artifact_.sha256));
    is_there_ = size.has_value();
    if (is_there_) {
      return TouchArtifact(tx, artifact_.sha256);
    }
    CUSP_ASSIGN_OR_RETURN(const ArtifactAllowance allowance, LoadAllowance(tx, user_));
    user_id_ = allowance.user_id;
    return CheckUpload(artifact_.size_bytes, {.used = allowance.used_bytes,
                                              .promised = shelf_.Promised(user_id_),
                                              .max = allowance.max_bytes});
  }));
  has_begun_ = true;
  if (is_there_) {
    return absl::OkStatus();
  }
  auto file = GrowingFile::Open(shelf_.folder().IncomingPathOf(artifact_.sha256, user_id_));
  if (absl::IsAborted(file.status())) {
    return absl::AbortedError(
        "these bytes are being uploaded on another connection; wait for it, or try again");
  }
  CUSP_RETURN_IF_ERROR(file.status());
  file_ = *std::move(file);
  shelf_.Promise(user_id_, artifact_.size_bytes);
  // The beginning of something longer is not this.
  return file_->size() > artifact_.size_bytes ? file_->Clear() : absl::OkStatus();
}

absl::Status ArtifactUpload::Take(const v1::UploadArtifactRequest& request) {
  if (!has_begun_) {
    CUSP_RETURN_IF_ERROR(Begin(request));
  }
  if (is_there_ || request.data().empty()) {
    return absl::OkStatus();
  }
  CUSP_RETURN_IF_ERROR(CheckPiece(request.offset(), static_cast<int64_t>(request.data().size()),
                                  file_->size(), artifact_.size_bytes));
  return file_->Append(request.data());
}

absl::StatusOr<v1::UploadArtifactResponse> ArtifactUpload::End() {
  v1::UploadArtifactResponse response;
  if (!has_begun_) {
    return absl::InvalidArgumentError("the upload has no message; name sha256 and size_bytes");
  }
  if (!is_there_ && file_->size() < artifact_.size_bytes) {
    response.set_committed_bytes(file_->size());
    return response;
  }
  if (!is_there_) {
    CUSP_RETURN_IF_ERROR(
        file_->Publish(artifact_.sha256, shelf_.folder().PathOf(artifact_.sha256)));
    const absl::Status inserted = shelf_.store().WriteAndWait(
        [&](Transaction& tx) { return InsertArtifact(tx, user_, artifact_); });
    if (!inserted.ok()) {
      shelf_.folder().Remove(artifact_.sha256);
      return inserted;
    }
  }
  response.set_complete(true);
  return response;
}

}  // namespace cusp::server
