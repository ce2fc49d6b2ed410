#include "client/lib/archive_calls.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "client/lib/output_file.h"
#include "common/errno_status.h"
#include "common/grpc_status.h"
#include "common/status_macros.h"
#include "cusp/v1/archive_service.grpc.pb.h"

namespace cusp::client {
namespace {

constexpr size_t kChunkBytes = size_t{256} << 10U;

absl::Status AsInputFault(const absl::Status& status) {
  return status.ok() ? status : absl::InvalidArgumentError(std::string(status.message()));
}

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// False where the coordinator has ended the call, whose status says why.
absl::StatusOr<bool> Send(std::FILE* file, const std::string& path,
                          grpc::ClientWriterInterface<v1::ImportJobRequest>& stream) {
  v1::ImportJobRequest message;
  while (true) {
    message.mutable_data()->resize(kChunkBytes);
    const size_t n = std::fread(message.mutable_data()->data(), 1, kChunkBytes, file);
    if (std::ferror(file) != 0) {
      return ErrnoStatus(path);
    }
    if (n == 0) {
      return true;
    }
    message.mutable_data()->resize(n);
    if (!stream.Write(message)) {
      return false;
    }
  }
}

}  // namespace

absl::Status ExportJob(const Connection& connection, const std::string& job,
                       const std::string& path) {
  absl::StatusOr<OutputFile> file = OutputFile::Create(path);
  CUSP_RETURN_IF_ERROR(AsInputFault(file.status()));
  const auto stub = v1::ArchiveService::NewStub(connection.channel);
  grpc::ClientContext context;
  v1::ExportJobRequest request;
  request.set_job(job);
  const auto stream = stub->ExportJob(&context, request);
  v1::ExportJobResponse response;
  while (stream->Read(&response)) {
    file->Write(response.data());
  }
  CUSP_RETURN_IF_ERROR(connection.client.Explain(FromGrpc(stream->Finish())));
  return file->Commit();
}

absl::StatusOr<v1::ImportJobResponse> ImportJob(const Connection& connection,
                                                const std::string& path) {
  const File file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr) {
    return AsInputFault(ErrnoStatus(path));
  }
  const auto stub = v1::ArchiveService::NewStub(connection.channel);
  grpc::ClientContext context;
  v1::ImportJobResponse response;
  const auto stream = stub->ImportJob(&context, &response);
  const absl::StatusOr<bool> sent = Send(file.get(), path, *stream);
  if (!sent.ok()) {
    context.TryCancel();
  } else if (*sent) {
    stream->WritesDone();
  }
  const absl::Status status = FromGrpc(stream->Finish());
  CUSP_RETURN_IF_ERROR(AsInputFault(sent.status()));
  if (absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status)) {
    return absl::InvalidArgumentError(path + ": " + std::string(status.message()));
  }
  CUSP_RETURN_IF_ERROR(connection.client.Explain(status));
  return response;
}

}  // namespace cusp::client
