// A coordinator in this process, and whole uploads and downloads.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "common/sha256.h"
#include "cusp/v1/artifact_service.grpc.pb.h"
#include "tests/server/api/service_fixture.h"

namespace cusp::server {

class ArtifactTest : public ServiceTest {
 protected:
  ArtifactTest() { Connect(); }

  void Connect() { artifacts_ = v1::ArtifactService::NewStub(coordinator_->InProcessChannel()); }
  void Reopen() {
    Restart();
    Connect();
  }

  static v1::UploadArtifactRequest First(const std::string& content) {
    v1::UploadArtifactRequest request;
    request.set_sha256(Sha256Hex(content));
    request.set_size_bytes(static_cast<int64_t>(content.size()));
    return request;
  }

  // Sends `first` with the content from `offset` on, in pieces of up to `piece` bytes.
  absl::StatusOr<v1::UploadArtifactResponse> Upload(v1::UploadArtifactRequest first,
                                                    const std::string& content, size_t offset = 0,
                                                    size_t piece = 1 << 20) {
    grpc::ClientContext context;
    v1::UploadArtifactResponse response;
    const auto stream = artifacts_->UploadArtifact(&context, &response);
    do {
      first.set_offset(static_cast<int64_t>(offset));
      first.set_data(content.substr(std::min(offset, content.size()), piece));
      offset += piece;
    } while (stream->Write(first) && offset < content.size());
    stream->WritesDone();
    const grpc::Status status = stream->Finish();
    if (!status.ok()) {
      return FromGrpc(status);
    }
    return response;
  }
  absl::StatusOr<v1::UploadArtifactResponse> Upload(const std::string& content) {
    return Upload(First(content), content);
  }

  absl::StatusOr<v1::StatArtifactResponse> Stat(const std::string& sha256) {
    grpc::ClientContext context;
    v1::StatArtifactRequest request;
    request.set_sha256(sha256);
    v1::StatArtifactResponse response;
    const grpc::Status status = artifacts_->StatArtifact(&context, request, &response);
    if (!status.ok()) {
      return FromGrpc(status);
    }
    return response;
  }
  bool IsThere(const std::string& content) {
    const auto known = Stat(Sha256Hex(content));
    EXPECT_THAT(known, IsOk());
    return known.ok() && known->complete();
  }

  absl::StatusOr<std::string> Download(const std::string& sha256, int64_t offset = 0) {
    grpc::ClientContext context;
    v1::DownloadArtifactRequest request;
    request.set_sha256(sha256);
    request.set_offset(offset);
    const auto stream = artifacts_->DownloadArtifact(&context, request);
    std::string content;
    v1::DownloadArtifactResponse response;
    while (stream->Read(&response)) {
      EXPECT_EQ(response.offset(), offset + static_cast<int64_t>(content.size()));
      content += response.data();
    }
    const grpc::Status status = stream->Finish();
    if (!status.ok()) {
      return FromGrpc(status);
    }
    return content;
  }

  // A submission of SmallSpec() whose baseline has these weights.
  std::string SubmitWithWeights(const std::string& content) {
    v1::SubmitJobRequest request;
    request.set_request_id(NewUuid());
    *request.mutable_spec() = SmallSpec();
    request.mutable_spec()->mutable_baselines(0)->set_weights_path("/w.safetensors");
    request.mutable_spec()->mutable_baselines(0)->set_weights_sha256(Sha256Hex(content));
    const auto job = Submit(request);
    EXPECT_THAT(job, IsOk());
    return job.ok() ? job->name() : "";
  }

  std::unique_ptr<v1::ArtifactService::Stub> artifacts_;
};

}  // namespace cusp::server
