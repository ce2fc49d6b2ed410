#include "client/lib/operations_calls.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "common/errno_status.h"
#include "common/grpc_status.h"
#include "common/ids.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "common/version.h"
#include "cusp/v1/operations_service.grpc.pb.h"

namespace cusp::client {
namespace {

// A file that only its owner can read, made beside its final path.
class PrivateFile {
 public:
  explicit PrivateFile(std::string path)
      : path_(std::move(path)), temporary_(path_ + ".tmp." + std::to_string(getpid())) {}
  PrivateFile(const PrivateFile&) = delete;
  PrivateFile& operator=(const PrivateFile&) = delete;
  ~PrivateFile() {
    if (fd_ >= 0) {
      close(fd_);
      unlink(temporary_.c_str());
    }
  }

  absl::Status Open() {
    if (access(path_.c_str(), F_OK) == 0) {
      return absl::InvalidArgumentError(path_ +
                                        " exists; give another name, so that no backup is lost");
    }
    fd_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd_ >= 0) {
      return absl::OkStatus();
    }
    const size_t slash = path_.rfind('/');
    const std::string folder = slash == std::string::npos ? "."
                               : slash == 0               ? "/"
                                                          : path_.substr(0, slash);
    return absl::InvalidArgumentError(
        "cannot write " + path_ + " (" + std::string(ErrnoStatus("folder " + folder).message()) +
        "); make the folder, or give a file in one that you may write to");
  }

  absl::Status Write(std::string_view bytes) {
    digest_.Update(bytes);
    size_ += static_cast<int64_t>(bytes.size());
    while (!bytes.empty()) {
      const ssize_t n = write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno != EINTR) {
        return ErrnoStatus(path_);
      }
      bytes.remove_prefix(n < 0 ? 0 : static_cast<size_t>(n));
    }
    return absl::OkStatus();
  }

  // Under its name, on disk.
  absl::Status Commit() {
    if (fsync(fd_) != 0 || link(temporary_.c_str(), path_.c_str()) != 0) {
      return ErrnoStatus(path_);
    }
    return absl::OkStatus();  // the destructor removes the other name
  }

  int64_t size() const { return size_; }
  std::string Hash() const { return digest_.Hex(); }

 private:
  const std::string path_;
  const std::string temporary_;
  Sha256 digest_;
  int64_t size_ = 0;
  int fd_ = -1;
};

}  // namespace

absl::StatusOr<int64_t> BackUpTo(const Connection& connection, const std::string& path) {
  PrivateFile file(path);
  CUSP_RETURN_IF_ERROR(file.Open());
  const auto stub = v1::OperationsService::NewStub(connection.channel);
  grpc::ClientContext context;
  const auto stream = stub->BackupDatabase(&context, {});
  v1::BackupDatabaseResponse response;
  v1::BackupDatabaseResponse last;
  absl::Status written;
  while (written.ok() && stream->Read(&response)) {
    written = file.Write(response.data());
    last.set_size_bytes(response.size_bytes());
    last.set_sha256(response.sha256());
  }
  if (!written.ok()) {
    context.TryCancel();
  }
  const absl::Status status = FromGrpc(stream->Finish());
  CUSP_RETURN_IF_ERROR(written);
  CUSP_RETURN_IF_ERROR(connection.client.Explain(status));
  if (last.sha256() != file.Hash() || last.size_bytes() != file.size()) {
    return absl::DataLossError("what came is not what the coordinator sent; try again");
  }
  CUSP_RETURN_IF_ERROR(file.Commit());
  return file.size();
}

absl::StatusOr<v1::PruneSamplesResponse> PruneSamples(const Connection& connection,
                                                      std::chrono::seconds older_than,
                                                      bool dry_run) {
  const auto stub = v1::OperationsService::NewStub(connection.channel);
  grpc::ClientContext context;
  v1::PruneSamplesRequest request;
  request.set_request_id(NewUuid());
  request.mutable_older_than()->set_seconds(older_than.count());
  request.set_dry_run(dry_run);
  v1::PruneSamplesResponse response;
  CUSP_RETURN_IF_ERROR(
      connection.client.Explain(FromGrpc(stub->PruneSamples(&context, request, &response))));
  return response;
}

absl::StatusOr<std::vector<v1::Finding>> Diagnose(const Connection& connection,
                                                  int64_t now_micros) {
  const auto stub = v1::OperationsService::NewStub(connection.channel);
  grpc::ClientContext context;
  v1::DiagnoseRequest request;
  request.mutable_client_time()->set_seconds(now_micros / 1'000'000);
  request.mutable_client_time()->set_nanos(static_cast<int32_t>(now_micros % 1'000'000 * 1000));
  request.set_client_version(kVersion);
  v1::DiagnoseResponse response;
  CUSP_RETURN_IF_ERROR(
      connection.client.Explain(FromGrpc(stub->Diagnose(&context, request, &response))));
  return std::vector<v1::Finding>(response.findings().begin(), response.findings().end());
}

}  // namespace cusp::client
