#include "server/api/download_reactor.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/grpc_status.h"
#include "server/queue/artifact_rules.h"

namespace cusp::server {

DownloadReactor::DownloadReactor(UniqueFd file, int64_t size, int64_t offset)
    : file_(std::move(file)), offset_(offset) {
  response_.set_size_bytes(size);
}

void DownloadReactor::Refuse(const absl::Status& status) { Finish(ToGrpc(status)); }

void DownloadReactor::Next() {
  const int64_t left = response_.size_bytes() - offset_;
  if (left == 0) {
    Finish(grpc::Status::OK);
    return;
  }
  std::string& piece = *response_.mutable_data();
  piece.resize(static_cast<size_t>(std::min(left, kMaxPieceBytes)));
  const ssize_t n = pread(file_.get(), piece.data(), piece.size(), offset_);
  if (n <= 0) {
    Finish(ToGrpc(absl::InternalError("the artifact cannot be read")));
    return;
  }
  piece.resize(static_cast<size_t>(n));
  response_.set_offset(offset_);
  offset_ += n;
  StartWrite(&response_);
}

void DownloadReactor::OnWriteDone(bool ok) {
  if (ok) {
    Next();
  } else {
    Finish(ToGrpc(absl::CancelledError("the caller has hung up")));
  }
}

}  // namespace cusp::server
