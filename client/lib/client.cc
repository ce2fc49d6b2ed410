#include "client/lib/client.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "common/grpc_status.h"
#include "common/ids.h"
#include "common/status_macros.h"

namespace cusp::client {
namespace {

constexpr int kPageSize = 1000;
constexpr char kJobPrefix[] = "jobs/";

// Blocks hold up to hundreds of samples; a page must stay far below 4 MiB.
constexpr int kBlockPageSize = 200;

// What to try, for transport errors that name only their effect.
std::string HintFor(const std::string& message) {
  if (message.find("certificate verify failed") != std::string::npos) {
    return "; --ca names the certificates that sign the coordinator's";
  }
  if (message.find("Socket closed") != std::string::npos) {
    return "; it may want TLS (--ca), or a certificate of yours (--cert, --key)";
  }
  return "";
}

// Of the next page, when there are `got` of at most `limit`; 0: no limit.
int32_t PageSizeFor(int64_t limit, size_t got) {
  const int64_t left = limit - static_cast<int64_t>(got);
  return static_cast<int32_t>(limit > 0 ? std::min<int64_t>(left, kPageSize) : kPageSize);
}

}  // namespace

absl::StatusOr<std::string> JobName(const std::string& text) {
  const std::string id = JobId(text);
  const bool plain = std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (id.empty() || id.size() > 64 || !plain) {
    return absl::InvalidArgumentError("`" + text + "` is no job's id; `cusp list` shows them");
  }
  return kJobPrefix + id;
}

std::string JobId(const std::string& name) {
  return name.rfind(kJobPrefix, 0) == 0 ? name.substr(sizeof(kJobPrefix) - 1) : name;
}

Client::Client(std::shared_ptr<grpc::ChannelInterface> channel, Options options)
    : options_(std::move(options)),
      jobs_(v1::JobService::NewStub(channel)),
      results_(v1::ResultService::NewStub(channel)),
      workers_(v1::WorkerService::NewStub(channel)),
      admin_(v1::AdminService::NewStub(channel)),
      artifacts_(v1::ArtifactService::NewStub(channel)) {}

absl::Status Client::Explain(const absl::Status& status) const {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kCancelled: {
      const std::string message(status.message());
      return absl::UnavailableError("server unreachable: " + options_.server + ": " + message +
                                    HintFor(message));
    }
    case absl::StatusCode::kDeadlineExceeded:
      return absl::DeadlineExceededError("server unreachable: " + options_.server +
                                         ": no answer in time");
    default:
      return status;
  }
}

absl::Status Client::Revive() { return options_.revive ? options_.revive() : absl::OkStatus(); }

void Client::Sleep(std::chrono::milliseconds pause) const {
  if (options_.sleep) {
    options_.sleep(pause);
  } else {
    std::this_thread::sleep_for(pause);
  }
}

absl::Status Client::Call(const std::function<grpc::Status(grpc::ClientContext&)>& attempt) {
  std::chrono::milliseconds pause = options_.first_pause;
  for (int tried = 1;; ++tried) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + options_.deadline);
    const absl::Status status = FromGrpc(attempt(context));
    // Nobody cancels here: that is a coordinator that was stopped meanwhile.
    const bool passing = absl::IsUnavailable(status) || absl::IsCancelled(status);
    if (!passing || tried >= options_.attempts) {
      return Explain(status);
    }
    CUSP_RETURN_IF_ERROR(Revive());
    Sleep(pause);
    pause *= 2;
  }
}

absl::StatusOr<v1::Job> Client::SubmitJob(const v1::JobSpec& spec, const Queueing& queueing,
                                          const std::string& request_id) {
  v1::SubmitJobRequest request;
  request.set_request_id(request_id);
  *request.mutable_spec() = spec;
  request.set_priority(queueing.priority);
  request.set_hold(queueing.hold);
  for (const std::string& name : queueing.after_ok) {
    request.add_after_ok(name);
  }
  if (queueing.deadline_us) {
    *request.mutable_deadline() =
        google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(*queueing.deadline_us);
  }
  v1::SubmitJobResponse response;
  CUSP_RETURN_IF_ERROR(Call([&](grpc::ClientContext& context) {
    return jobs_->SubmitJob(&context, request, &response);
  }));
  return std::move(*response.mutable_job());
}

absl::StatusOr<v1::StatArtifactResponse> Client::StatArtifact(const std::string& sha256) {
  v1::StatArtifactRequest request;
  request.set_sha256(sha256);
  v1::StatArtifactResponse response;
  CUSP_RETURN_IF_ERROR(Call([&](grpc::ClientContext& context) {
    return artifacts_->StatArtifact(&context, request, &response);
  }));
  return response;
}

absl::StatusOr<v1::Job> Client::GetJob(const std::string& name) {
  v1::GetJobRequest request;
  request.set_name(name);
  v1::GetJobResponse response;
  CUSP_RETURN_IF_ERROR(Call(
      [&](grpc::ClientContext& context) { return jobs_->GetJob(&context, request, &response); }));
  return std::move(*response.mutable_job());
}

absl::StatusOr<std::vector<v1::Job>> Client::ListJobs(const ListOptions& options) {
  std::vector<v1::Job> jobs;
  v1::ListJobsRequest request;
  request.set_all_owners(options.all_owners);
  do {
    request.set_page_size(PageSizeFor(options.limit, jobs.size()));
    v1::ListJobsResponse response;
    CUSP_RETURN_IF_ERROR(Call([&](grpc::ClientContext& context) {
      return jobs_->ListJobs(&context, request, &response);
    }));
    std::move(response.mutable_jobs()->begin(), response.mutable_jobs()->end(),
              std::back_inserter(jobs));
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() &&
           (options.limit == 0 || static_cast<int64_t>(jobs.size()) < options.limit));
  return jobs;
}

template <typename Request, typename Response>
absl::StatusOr<v1::Job> Client::Change(ChangeMethod<Request, Response> method,
                                       const std::string& name, Request request) {
  request.set_request_id(NewUuid());
  request.set_name(name);
  Response response;
  CUSP_RETURN_IF_ERROR(Call([&](grpc::ClientContext& context) {
    return (jobs_.get()->*method)(&context, request, &response);
  }));
  return std::move(*response.mutable_job());
}

absl::StatusOr<v1::Job> Client::CancelJob(const std::string& name) {
  return Change(&v1::JobService::StubInterface::CancelJob, name);
}

absl::StatusOr<v1::Job> Client::HoldJob(const std::string& name) {
  return Change(&v1::JobService::StubInterface::HoldJob, name);
}

absl::StatusOr<v1::Job> Client::ReleaseJob(const std::string& name) {
  return Change(&v1::JobService::StubInterface::ReleaseJob, name);
}

absl::StatusOr<v1::Job> Client::RetryJob(const std::string& name) {
  return Change(&v1::JobService::StubInterface::RetryJob, name);
}

absl::StatusOr<v1::Job> Client::SetJobPriority(const std::string& name, int priority) {
  v1::SetJobPriorityRequest request;
  request.set_priority(priority);
  return Change(&v1::JobService::StubInterface::SetJobPriority, name, request);
}

absl::StatusOr<v1::JobResult> Client::GetJobResult(const std::string& name) {
  v1::GetJobResultRequest request;
  request.set_job(name);
  v1::GetJobResultResponse response;
  CUSP_RETURN_IF_ERROR(Call([&](grpc::ClientContext& context) {
    return results_->GetJobResult(&context, request, &response);
  }));
  return std::move(*response.mutable_result());
}

absl::Status Client::ForEachBlock(const std::string& sweep,
                                  const std::function<void(const v1::Block&)>& take) {
  v1::ListBlocksRequest request;
  request.set_sweep(sweep);
  request.set_page_size(kBlockPageSize);
  do {
    v1::ListBlocksResponse response;
    CUSP_RETURN_IF_ERROR(Call([&](grpc::ClientContext& context) {
      return results_->ListBlocks(&context, request, &response);
    }));
    for (const v1::Block& block : response.blocks()) {
      take(block);
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::HistoryEntry>> Client::ListHistory(v1::ListHistoryRequest filters,
                                                                  int64_t limit) {
  std::vector<v1::HistoryEntry> entries;
  do {
    filters.set_page_size(PageSizeFor(limit, entries.size()));
    v1::ListHistoryResponse response;
    CUSP_RETURN_IF_ERROR(Call([&](grpc::ClientContext& context) {
      return results_->ListHistory(&context, filters, &response);
    }));
    std::move(response.mutable_entries()->begin(), response.mutable_entries()->end(),
              std::back_inserter(entries));
    filters.set_page_token(response.next_page_token());
  } while (!filters.page_token().empty() &&
           (limit == 0 || static_cast<int64_t>(entries.size()) < limit));
  return entries;
}

absl::StatusOr<std::vector<v1::Worker>> Client::ListWorkers() {
  std::vector<v1::Worker> workers;
  v1::ListWorkersRequest request;
  request.set_page_size(kPageSize);
  do {
    v1::ListWorkersResponse response;
    CUSP_RETURN_IF_ERROR(Call([&](grpc::ClientContext& context) {
      return workers_->ListWorkers(&context, request, &response);
    }));
    std::move(response.mutable_workers()->begin(), response.mutable_workers()->end(),
              std::back_inserter(workers));
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return workers;
}

}  // namespace cusp::client
