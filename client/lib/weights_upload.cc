#include "client/lib/weights_upload.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <istream>
#include <memory>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "catalog/weights_index.h"
#include "common/grpc_status.h"
#include "common/sha256.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

constexpr int64_t kPieceBytes = int64_t{1} << 20U;
// Tries without a piece between them; another sender of the same file is waited for.
constexpr int kMaxTries = 40;
constexpr std::chrono::milliseconds kPause{500};

// What is sent under one hash.
struct Artifact {
  std::string path;  // for messages
  std::string sha256;
  int64_t size_bytes = 0;
  std::vector<std::string> parts = {};
  std::function<std::unique_ptr<std::istream>()> open;
};

absl::Status Changed(const std::string& path) {
  return absl::FailedPreconditionError(path +
                                       " has changed since the job file was read; submit it again");
}

absl::StatusOr<Artifact> ArtifactOfFile(const std::string& path, const std::string& sha256) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) {
    return absl::FailedPreconditionError(path + ": " + error.message());
  }
  return Artifact{
      .path = path, .sha256 = sha256, .size_bytes = static_cast<int64_t>(size), .open = [path] {
        return std::make_unique<std::ifstream>(path, std::ios::binary);
      }};
}

// The files of weights in shards, and last the list of their digests.
absl::StatusOr<std::vector<Artifact>> ArtifactsOfIndex(const v1::VariantSpec& variant) {
  std::vector<Artifact> artifacts;
  Artifact list;
  std::string digests;
  CUSP_ASSIGN_OR_RETURN(const std::vector<std::string> files,
                        catalog::FilesOfWeights(variant.weights_path()));
  for (const std::string& file : files) {
    CUSP_ASSIGN_OR_RETURN(const std::string digest, Sha256HexOfFile(file));
    CUSP_ASSIGN_OR_RETURN(Artifact artifact, ArtifactOfFile(file, digest));
    artifacts.push_back(std::move(artifact));
    list.parts.push_back(digest);
    digests += digest;
  }
  if (Sha256Hex(digests) != variant.weights_sha256()) {
    return Changed(variant.weights_path());
  }
  list.path = variant.weights_path();
  list.sha256 = variant.weights_sha256();
  list.size_bytes = static_cast<int64_t>(digests.size());
  list.open = [digests] { return std::make_unique<std::istringstream>(digests); };
  artifacts.push_back(std::move(list));
  return artifacts;
}

absl::StatusOr<std::vector<Artifact>> ArtifactsOf(const v1::VariantSpec& variant) {
  if (catalog::IsWeightsIndex(variant.weights_path())) {
    return ArtifactsOfIndex(variant);
  }
  CUSP_ASSIGN_OR_RETURN(Artifact artifact,
                        ArtifactOfFile(variant.weights_path(), variant.weights_sha256()));
  return std::vector<Artifact>{std::move(artifact)};
}

// How a stream ended, and whether it was this side that ended it.
struct StreamEnd {
  absl::Status status;
  bool ours = false;
};

// Sends from `offset` to the end in one stream.
StreamEnd SendFrom(Client& client, const Artifact& artifact, int64_t offset,
                   const UploadListener& listener) {
  const std::unique_ptr<std::istream> in = artifact.open();
  in->seekg(offset);
  grpc::ClientContext context;
  v1::UploadArtifactResponse response;
  const auto stream = client.artifacts().UploadArtifact(&context, &response);
  v1::UploadArtifactRequest message;
  message.set_sha256(artifact.sha256);
  message.set_size_bytes(artifact.size_bytes);
  message.mutable_parts()->Add(artifact.parts.begin(), artifact.parts.end());
  absl::Status stopped;
  bool open = true;
  for (int64_t sent = offset; open && stopped.ok() && sent < artifact.size_bytes;) {
    std::string& piece = *message.mutable_data();
    piece.resize(static_cast<size_t>(std::min(kPieceBytes, artifact.size_bytes - sent)));
    if (!in->read(piece.data(), static_cast<std::streamsize>(piece.size()))) {
      stopped = Changed(artifact.path);
      break;
    }
    message.set_offset(sent);
    open = stream->Write(message);
    sent += static_cast<int64_t>(piece.size());
    message.clear_parts();
    stopped = listener(artifact.path, sent, artifact.size_bytes);
  }
  if (offset == artifact.size_bytes) {
    (void)stream->Write(message);  // all is there but for the end
  }
  if (!stopped.ok()) {
    context.TryCancel();
    (void)stream->Finish();
    return {stopped, true};
  }
  stream->WritesDone();
  const absl::Status status = FromGrpc(stream->Finish());
  if (absl::IsDataLoss(status)) {
    return {Changed(artifact.path), true};
  }
  const bool is_cut = status.ok() && !response.complete();
  return {is_cut ? absl::UnavailableError("the upload was cut short") : status, false};
}

bool IsPassing(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status) || absl::IsCancelled(status);
}

absl::Status Send(Client& client, const Artifact& artifact, const UploadListener& listener) {
  int64_t reached = -1;
  for (int tries = 1;; ++tries) {
    const auto known = client.StatArtifact(artifact.sha256);
    if (absl::IsUnavailable(known.status()) && reached >= 0 && tries < kMaxTries) {
      client.Sleep(kPause);  // it was there a moment ago
      continue;
    }
    CUSP_RETURN_IF_ERROR(known.status());
    if (known->complete()) {
      return absl::OkStatus();
    }
    const int64_t committed = known->committed_bytes();
    if (committed > reached) {
      reached = committed;
      tries = 1;
    }
    // A longer beginning is of something else, and is dropped.
    const int64_t offset = committed > artifact.size_bytes ? 0 : committed;
    CUSP_RETURN_IF_ERROR(listener(artifact.path, offset, artifact.size_bytes));
    const StreamEnd end = SendFrom(client, artifact, offset, listener);
    if (end.ours || end.status.ok()) {
      return end.status;
    }
    if (!IsPassing(end.status) || tries >= kMaxTries) {
      return client.Explain(end.status);
    }
    CUSP_RETURN_IF_ERROR(client.Revive());
    client.Sleep(kPause);
  }
}

}  // namespace

absl::Status UploadWeights(Client& client, const v1::JobSpec& spec,
                           const UploadListener& listener) {
  std::set<std::string> done;
  for (const auto* variants : {&spec.baselines(), &spec.candidates()}) {
    for (const v1::VariantSpec& variant : *variants) {
      if (variant.weights_sha256().empty() || !done.insert(variant.weights_sha256()).second) {
        continue;
      }
      const auto known = client.StatArtifact(variant.weights_sha256());
      if (absl::IsUnimplemented(known.status())) {
        return absl::OkStatus();  // an older one
      }
      CUSP_RETURN_IF_ERROR(known.status());
      if (known->complete()) {
        continue;
      }
      CUSP_ASSIGN_OR_RETURN(const std::vector<Artifact> artifacts, ArtifactsOf(variant));
      for (const Artifact& artifact : artifacts) {
        CUSP_RETURN_IF_ERROR(Send(client, artifact, listener));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace cusp::client
