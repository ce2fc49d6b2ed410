// Typed calls to the coordinator, with deadlines and retries.
#pragma once

#include <grpcpp/channel.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cusp/v1/admin_service.grpc.pb.h"
#include "cusp/v1/artifact_service.grpc.pb.h"
#include "cusp/v1/job_service.grpc.pb.h"
#include "cusp/v1/result_service.grpc.pb.h"
#include "cusp/v1/worker_service.grpc.pb.h"

namespace cusp::client {

// "jobs/{id}" of what a user typed: an id, its beginning, or a whole name.
// INVALID_ARGUMENT for anything else.
absl::StatusOr<std::string> JobName(const std::string& text);

// The id alone.
std::string JobId(const std::string& name);

// How a job is queued.
struct Queueing {
  int priority = 0;
  bool hold = false;
  std::vector<std::string> after_ok = {};             // "jobs/{id}"
  std::optional<int64_t> deadline_us = std::nullopt;  // since 1970 UTC
};

// Which jobs ListJobs gives.
struct ListOptions {
  bool all_owners = false;
  int64_t limit = 0;  // 0: all of them, page after page
};

// One coordinator. Calls block; each has a deadline, and is tried again while
// the coordinator is unreachable: every mutation bears a request_id, so that
// nothing happens twice. Statuses are the coordinator's, but UNAVAILABLE and
// DEADLINE_EXCEEDED, whose message names the server. Not thread-safe.
class Client {
 public:
  struct Options {
    std::string server;  // for messages
    std::chrono::milliseconds deadline = std::chrono::seconds(30);
    int attempts = 4;
    std::chrono::milliseconds first_pause = std::chrono::milliseconds(100);  // then doubled
    // Called between attempts; for a private coordinator, which can be started
    // again. Its error ends the call.
    std::function<absl::Status()> revive;
    std::function<void(std::chrono::milliseconds)> sleep;  // default: really
  };

  Client(std::shared_ptr<grpc::ChannelInterface> channel, Options options);

  // Queues a job. `request_id` is a UUID: the same one queues one job only.
  absl::StatusOr<v1::Job> SubmitJob(const v1::JobSpec& spec, const Queueing& queueing,
                                    const std::string& request_id);

  absl::StatusOr<v1::Job> GetJob(const std::string& name);
  absl::StatusOr<std::vector<v1::Job>> ListJobs(const ListOptions& options);
  // Changes of a job that is there; each answers it as it is then.
  absl::StatusOr<v1::Job> CancelJob(const std::string& name);
  absl::StatusOr<v1::Job> HoldJob(const std::string& name);
  absl::StatusOr<v1::Job> ReleaseJob(const std::string& name);
  absl::StatusOr<v1::Job> RetryJob(const std::string& name);
  absl::StatusOr<v1::Job> SetJobPriority(const std::string& name, int priority);
  absl::StatusOr<v1::JobResult> GetJobResult(const std::string& name);

  // Hands every committed block of a sweep, "jobs/{id}/sweeps/{n}", to `take`,
  // in the order of their numbers, holding one page at a time.
  absl::Status ForEachBlock(const std::string& sweep,
                            const std::function<void(const v1::Block&)>& take);

  // Comparisons of all jobs that pass the filters, newest first; at most `limit`, or
  // with 0 all of them, page after page.
  absl::StatusOr<std::vector<v1::HistoryEntry>> ListHistory(v1::ListHistoryRequest filters,
                                                            int64_t limit);

  absl::StatusOr<std::vector<v1::Worker>> ListWorkers();

  // Whether the coordinator has the file of that SHA-256, and else how much of it.
  absl::StatusOr<v1::StatArtifactResponse> StatArtifact(const std::string& sha256);

  // For UploadWeights(), which outlives no Client.
  v1::ArtifactService::StubInterface& artifacts() { return *artifacts_; }

  // For JobWatch, which outlives no Client.
  v1::JobService::StubInterface& jobs() { return *jobs_; }

  // For AdminClient, likewise.
  v1::AdminService::StubInterface& admin() { return *admin_; }

  // Makes a call with deadline and retries, as all of them: for those whose stubs are
  // given out above.
  absl::Status Call(const std::function<grpc::Status(grpc::ClientContext&)>& attempt);

  // `status` with the server named, where it could not be reached.
  absl::Status Explain(const absl::Status& status) const;

  // Starts a private coordinator again; nothing for any other.
  absl::Status Revive();

  // Waits for `pause`, between tries.
  void Sleep(std::chrono::milliseconds pause) const;

 private:
  // A method of the stub that changes one job.
  template <typename Request, typename Response>
  using ChangeMethod = grpc::Status (v1::JobService::StubInterface::*)(grpc::ClientContext*,
                                                                       const Request&, Response*);
  // Names the job in `request`, with a fresh id, and sends it.
  template <typename Request, typename Response>
  absl::StatusOr<v1::Job> Change(ChangeMethod<Request, Response> method, const std::string& name,
                                 Request request = {});

  const Options options_;
  const std::unique_ptr<v1::JobService::StubInterface> jobs_;
  const std::unique_ptr<v1::ResultService::StubInterface> results_;
  const std::unique_ptr<v1::WorkerService::StubInterface> workers_;
  const std::unique_ptr<v1::AdminService::StubInterface> admin_;
  const std::unique_ptr<v1::ArtifactService::StubInterface> artifacts_;
};

}  // namespace cusp::client
