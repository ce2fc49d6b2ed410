#include "server/api/upload_reactor.h"

#include <utility>

#include "common/grpc_status.h"

namespace cusp::server {

UploadReactor::UploadReactor(ArtifactShelf& shelf, std::string user,
                             v1::UploadArtifactResponse* response)
    : shelf_(shelf), user_(std::move(user)), response_(response) {}

void UploadReactor::Refuse(const absl::Status& status) { Finish(ToGrpc(status)); }

void UploadReactor::OnReadDone(bool ok) {
  shelf_.Post([this, ok] { ok ? Take() : End(); });
}

void UploadReactor::Take() {
  if (upload_ == nullptr) {
    upload_ = std::make_unique<ArtifactUpload>(shelf_, user_);
  }
  const absl::Status taken = upload_->Take(request_);
  if (taken.ok() && !upload_->is_there()) {
    StartRead(&request_);
    return;
  }
  response_->set_complete(taken.ok());
  // Before the answer, so that the next try finds nobody in its way.
  upload_.reset();
  Finish(ToGrpc(taken));
}

// The sender has said all, or is gone: then nobody hears the answer, and what was sent
// stays for the next try.
void UploadReactor::End() {
  if (upload_ == nullptr) {
    upload_ = std::make_unique<ArtifactUpload>(shelf_, user_);
  }
  auto response = upload_->End();
  upload_.reset();
  const absl::Status status = response.status();
  if (status.ok()) {
    *response_ = *std::move(response);
  }
  Finish(ToGrpc(status));
}

void UploadReactor::OnDone() {
  // After what still runs there.
  shelf_.Post([this] { delete this; });
}

}  // namespace cusp::server
