#include "server/api/archive_service.h"

#include <spdlog/spdlog.h>

#include <optional>
#include <string>
#include <utility>

#include "common/grpc_status.h"
#include "common/log_format.h"
#include "common/status_macros.h"
#include "server/api/archive_export.h"
#include "server/api/archive_import.h"
#include "server/api/names.h"
#include "server/api/spool_file.h"
#include "server/api/stream_writer.h"
#include "server/store/archives.h"
#include "server/store/jobs.h"

namespace cusp::server {
namespace {

using ExportWriter = StreamWriter<v1::ExportJobResponse>;

constexpr size_t kChunkBytes = size_t{256} << 10U;
constexpr int64_t kMaxArchiveBytes = int64_t{2} << 30U;

// Gathers small pieces of the archive into messages.
class ChunkSender {
 public:
  explicit ChunkSender(ExportWriter& writer) : writer_(writer) {}

  absl::Status Take(std::string_view bytes) {
    while (!bytes.empty()) {
      const size_t room = kChunkBytes - message_.data().size();
      message_.mutable_data()->append(bytes.substr(0, room));
      bytes.remove_prefix(std::min(room, bytes.size()));
      if (message_.data().size() == kChunkBytes) {
        CUSP_RETURN_IF_ERROR(Flush());
      }
    }
    return absl::OkStatus();
  }

  absl::Status Flush() {
    return message_.data().empty() ? absl::OkStatus() : writer_.Send(std::exchange(message_, {}));
  }

 private:
  ExportWriter& writer_;
  v1::ExportJobResponse message_;
};

ArchiveReader ReaderOf(SpoolFile& spool) {
  spool.Rewind();
  return ArchiveReader([&spool](char* out, size_t size) { return spool.Read(out, size); });
}

absl::Status StoreIt(Store& store, SpoolFile& spool, const std::string& owner, int64_t& job_id) {
  return store.WriteAndWait([&](Transaction& tx) -> absl::Status {
    ArchiveReader reader = ReaderOf(spool);
    CUSP_ASSIGN_OR_RETURN(job_id, StoreArchive(tx, reader, owner));
    return absl::OkStatus();
  });
}

// Stores the archive, or finds that its job is here.
absl::Status Import(Store& store, const JobView& view, SpoolFile& spool, const std::string& owner,
                    v1::ImportJobResponse& response) {
  ArchiveReader reader = ReaderOf(spool);
  CUSP_ASSIGN_OR_RETURN(const ArchiveSummary summary, CheckArchive(reader));
  CUSP_ASSIGN_OR_RETURN(const std::optional<int64_t> known,
                        store.Read<std::optional<int64_t>>(
                            [&](Database& db) { return FindJob(db, summary.public_id); }));
  int64_t job_id = known.value_or(0);
  if (known) {
    const absl::StatusOr<std::string> content = ContentSha256Of(store, job_id);
    if (!content.ok() || *content != summary.content_sha256) {
      return absl::AlreadyExistsError(
          "there is a job " + summary.public_id +
          " here with another content; it may still run, or its samples were dropped since the "
          "archive was made. Nothing was changed");
    }
    response.set_already_present(true);
  } else {
    CUSP_RETURN_IF_ERROR(StoreIt(store, spool, owner, job_id));
    spdlog::info("job imported job={} user={}", JobName(summary.public_id), LogValue(owner));
  }
  CUSP_ASSIGN_OR_RETURN(*response.mutable_job(), view.Read(job_id));
  return absl::OkStatus();
}

// Takes the pieces of an archive, reading on when the last one is kept. Deletes itself
// when the call is over.
class ImportReactor final : public grpc::ServerReadReactor<v1::ImportJobRequest> {
 public:
  struct Dependencies {
    Store& store;
    const JobView& view;
    SlowCalls& slow;
  };

  ImportReactor(Dependencies deps, const absl::StatusOr<Caller>& caller,
                v1::ImportJobResponse* response)
      : deps_(deps), response_(response) {
    const absl::Status status = Begin(caller);
    if (status.ok()) {
      StartRead(&request_);
    } else {
      Finish(ToGrpc(status));
    }
  }

  void OnReadDone(bool ok) override {
    absl::Status status = absl::OkStatus();
    if (ok) {
      status = spool_->Append(request_.data());
      if (status.ok()) {
        StartRead(&request_);
        return;
      }
    } else {
      status = deps_.slow.Run(user_, LongCallKind::kUsers, [this] {
        Finish(ToGrpc(Import(deps_.store, deps_.view, *spool_, user_, *response_)));
      });
      if (status.ok()) {
        return;
      }
    }
    Finish(ToGrpc(status));
  }

  void OnDone() override { delete this; }

 private:
  absl::Status Begin(const absl::StatusOr<Caller>& caller) {
    CUSP_RETURN_IF_ERROR(caller.status());
    user_ = caller->user;
    slot_ = caller->slot;
    CUSP_ASSIGN_OR_RETURN(spool_, SpoolFile::Create(deps_.store.folder(), kMaxArchiveBytes));
    return absl::OkStatus();
  }

  const Dependencies deps_;
  v1::ImportJobResponse* const response_;
  std::string user_;
  CallSlot slot_;
  std::optional<SpoolFile> spool_;
  v1::ImportJobRequest request_;
};

}  // namespace

grpc::ServerWriteReactor<v1::ExportJobResponse>* ArchiveService::ExportJob(
    grpc::CallbackServerContext* context, const v1::ExportJobRequest* request) {
  const auto writer = ExportWriter::Make(context);
  const auto start = [&]() -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(const Caller caller, gate_.Admit(*context, Permission::kRead));
    CUSP_ASSIGN_OR_RETURN(const std::string id, ParseJobName(request->job()));
    CUSP_ASSIGN_OR_RETURN(const int64_t job_id,
                          store_.Read<int64_t>([&](Database& db) { return ResolveJob(db, id); }));
    return slow_.Run(caller.user, LongCallKind::kUsers, [this, writer, job_id, caller] {
      ChunkSender sender(*writer);
      absl::Status status = server::ExportJob(store_, job_id, [&sender](std::string_view bytes) {
                              return sender.Take(bytes);
                            }).status();
      writer->End(status.ok() ? sender.Flush() : status);
    });
  };
  if (const absl::Status status = start(); !status.ok()) {
    writer->End(status);
  }
  return writer.get();
}

grpc::ServerReadReactor<v1::ImportJobRequest>* ArchiveService::ImportJob(
    grpc::CallbackServerContext* context, v1::ImportJobResponse* response) {
  return new ImportReactor({store_, view_, slow_}, gate_.Admit(*context, Permission::kSubmit),
                           response);
}

}  // namespace cusp::server
