#include "server/api/operations_service.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "common/grpc_status.h"
#include "common/log_format.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "server/api/doctor.h"
#include "server/api/mutation.h"
#include "server/api/names.h"
#include "server/api/retention.h"
#include "server/api/stream_writer.h"
#include "server/api/translate.h"
#include "server/store/backup.h"
#include "server/store/requests.h"
#include "server/store/store_figures.h"

namespace cusp::server {
namespace {

using BackupWriter = StreamWriter<v1::BackupDatabaseResponse>;

constexpr size_t kChunkBytes = size_t{256} << 10U;
constexpr int64_t kHourSeconds = 3600;

// Removes the copy at the end, and closes it.
struct Copy {
  explicit Copy(std::string path_of_copy) : path(std::move(path_of_copy)) {}
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;
  ~Copy() {
    if (fd >= 0) {
      close(fd);
    }
    unlink(path.c_str());
  }
  const std::string path;
  int fd = -1;
};

absl::Status CheckRoom(const Store& store) {
  const DiskFigures disk = ReadDiskFigures(store.DatabasePath());
  const int64_t need = disk.database_bytes + std::max<int64_t>(disk.wal_bytes, 0);
  if (disk.free_bytes >= 0 && disk.free_bytes < need) {
    return absl::ResourceExhaustedError(
        "a backup is copied in the data folder first and needs " + std::to_string(need >> 20U) +
        " MiB there, where " + std::to_string(disk.free_bytes >> 20U) + " MiB are free; make room");
  }
  return absl::OkStatus();
}

absl::Status SendFile(const Copy& copy, BackupWriter& writer) {
  Sha256 digest;
  int64_t size = 0;
  while (true) {
    v1::BackupDatabaseResponse message;
    message.mutable_data()->resize(kChunkBytes);
    const ssize_t n = read(copy.fd, message.mutable_data()->data(), kChunkBytes);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      return absl::UnavailableError("cannot read the copy: " + std::string(std::strerror(errno)));
    }
    if (n == 0) {
      break;
    }
    message.mutable_data()->resize(static_cast<size_t>(n));
    digest.Update(message.data());
    size += n;
    CUSP_RETURN_IF_ERROR(writer.Send(std::move(message)));
  }
  v1::BackupDatabaseResponse last;
  last.set_size_bytes(size);
  last.set_sha256(digest.Hex());
  spdlog::info("backup sent bytes={}", size);
  return writer.Send(std::move(last));
}

absl::Status BackUpTo(Store& store, const SlowCalls& slow, BackupWriter& writer) {
  CUSP_RETURN_IF_ERROR(CheckRoom(store));
  Copy copy(BackupPath(store.folder()));
  CUSP_RETURN_IF_ERROR(BackUp(store.DatabasePath(), copy.path,
                              [&] { return !slow.IsStopping() && !writer.IsCancelled(); }));
  copy.fd = open(copy.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (copy.fd < 0) {
    return absl::UnavailableError("cannot open the copy: " + std::string(std::strerror(errno)));
  }
  return SendFile(copy, writer);
}

v1::PruneSamplesResponse ToProto(const PruneCounts& counts) {
  v1::PruneSamplesResponse response;
  response.set_jobs(counts.jobs);
  response.set_blocks(counts.blocks);
  response.set_samples(counts.samples);
  return response;
}

}  // namespace

grpc::ServerWriteReactor<v1::BackupDatabaseResponse>* OperationsService::BackupDatabase(
    grpc::CallbackServerContext* context, const v1::BackupDatabaseRequest* /*request*/) {
  const auto writer = BackupWriter::Make(context);
  const auto start = [&]() -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(const Caller caller, deps_.gate.Admit(*context, Permission::kAdminister));
    return deps_.slow.Run(caller.user, LongCallKind::kAdministration, [this, writer, caller] {
      writer->End(BackUpTo(deps_.store, deps_.slow, *writer));
    });
  };
  if (const absl::Status status = start(); !status.ok()) {
    writer->End(status);
  }
  return writer.get();
}

grpc::ServerUnaryReactor* OperationsService::PruneSamples(grpc::CallbackServerContext* context,
                                                          const v1::PruneSamplesRequest* request,
                                                          v1::PruneSamplesResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto start = [&]() -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(const Caller caller, deps_.gate.Admit(*context, Permission::kAdminister));
    if (!request->dry_run()) {
      CUSP_RETURN_IF_ERROR(CheckRequestId(request->request_id()));
    }
    if (request->older_than().seconds() < kHourSeconds) {
      return absl::InvalidArgumentError("older_than is less than an hour; give more, such as 180d");
    }
    return deps_.slow.Run(caller.user, LongCallKind::kAdministration,
                          [this, reactor, request, response, caller] {
                            reactor->Finish(ToGrpc(Prune(*request, caller.user, *response)));
                          });
  };
  if (const absl::Status status = start(); !status.ok()) {
    reactor->Finish(ToGrpc(status));
  }
  return reactor;
}

absl::Status OperationsService::Prune(const v1::PruneSamplesRequest& request,
                                      const std::string& user, v1::PruneSamplesResponse& response) {
  // Cut, so that no number of seconds overflows: 10,000 years are as good as any.
  const int64_t age =
      std::min<int64_t>(request.older_than().seconds(), int64_t{10'000} * 366 * 86400);
  const int64_t before_us = deps_.clock.WallMicros() - age * 1'000'000;
  if (request.dry_run()) {
    CUSP_ASSIGN_OR_RETURN(
        const PruneCounts counts,
        deps_.store.Read<PruneCounts>([&](Database& db) { return CountPrunable(db, before_us); }));
    response = ToProto(counts);
    return absl::OkStatus();
  }
  const RequestKey key = KeyOf(user, request);
  std::optional<std::string> answered;
  CUSP_RETURN_IF_ERROR(deps_.store.WriteAndWait([&](Transaction& tx) -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(answered, FindAnswer(tx, key));
    return absl::OkStatus();
  }));
  if (answered) {
    return response.ParseFromString(*answered)
               ? absl::OkStatus()
               : absl::DataLossError("a stored answer cannot be read");
  }
  CUSP_ASSIGN_OR_RETURN(const PruneCounts counts, PruneAll(deps_.store, before_us, user, [this] {
                          return !deps_.slow.IsStopping();
                        }));
  response = ToProto(counts);
  spdlog::info("samples pruned user={} jobs={} blocks={} samples={}", LogValue(user), counts.jobs,
               counts.blocks, counts.samples);
  return deps_.store.WriteAndWait(
      [&](Transaction& tx) { return RecordAnswer(tx, key, response.SerializeAsString()); });
}

grpc::ServerUnaryReactor* OperationsService::Diagnose(grpc::CallbackServerContext* context,
                                                      const v1::DiagnoseRequest* request,
                                                      v1::DiagnoseResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto start = [&]() -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(const Caller caller, deps_.gate.Admit(*context, Permission::kAdminister));
    return deps_.slow.Run(caller.user, LongCallKind::kAdministration,
                          [this, reactor, request, response, caller] {
                            reactor->Finish(ToGrpc(DiagnoseNow(*request, *response)));
                          });
  };
  if (const absl::Status status = start(); !status.ok()) {
    reactor->Finish(ToGrpc(status));
  }
  return reactor;
}

absl::Status OperationsService::DiagnoseNow(const v1::DiagnoseRequest& request,
                                            v1::DiagnoseResponse& response) {
  // Now: the checks themselves may take seconds.
  const int64_t arrived_us = deps_.clock.WallMicros();
  CUSP_ASSIGN_OR_RETURN(DiagnosisFacts facts,
                        GatherFacts(deps_.store, deps_.board, deps_.clock, certificates_));
  facts.server_us = arrived_us;
  if (request.has_client_time()) {
    facts.client_us = FromTimestamp(request.client_time());
  }
  facts.client_version = request.client_version().substr(0, 64);
  for (const Finding& finding : server::Diagnose(facts)) {
    v1::Finding& out = *response.add_findings();
    out.set_check(finding.check);
    out.set_level(static_cast<v1::Finding::Level>(finding.level));
    out.set_message(finding.message);
    out.set_remedy(finding.remedy);
  }
  return absl::OkStatus();
}

}  // namespace cusp::server
