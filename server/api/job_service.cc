#include "server/api/job_service.h"

#include <spdlog/spdlog.h>

#include <memory>
#include <string>
#include <utility>

#include "common/grpc_status.h"
#include "common/status_macros.h"
#include "server/api/answer.h"
#include "server/api/mutation.h"
#include "server/api/names.h"
#include "server/api/submission.h"
#include "server/api/translate.h"
#include "server/api/watch_reactor.h"
#include "server/store/job_changes.h"
#include "server/store/jobs.h"

namespace cusp::server {
namespace {

constexpr char kListPage = 'j';

// A stream that ends with an error before it began.
class FailedWatch final : public grpc::ServerWriteReactor<v1::WatchJobResponse> {
 public:
  explicit FailedWatch(const absl::Status& status) { Finish(ToGrpc(status)); }
  void OnDone() override { delete this; }
};

// The answer has no spec, which is stored already.
absl::StatusOr<v1::SubmitJobResponse> Submit(Transaction& tx, const NewJob& job,
                                             const RequestKey& key) {
  return AnswerOnce<v1::SubmitJobResponse>(
      tx, key, [&](v1::SubmitJobResponse& response) -> absl::Status {
        CUSP_ASSIGN_OR_RETURN(const Job stored, InsertJob(tx, job));
        *response.mutable_job() = ToProto(stored);
        return absl::OkStatus();
      });
}

absl::StatusOr<JobFilter> FilterOf(const v1::ListJobsRequest& request, const Caller& caller) {
  JobFilter filter;
  CUSP_ASSIGN_OR_RETURN(filter.limit, PageSize(request.page_size()));
  if (!request.page_token().empty()) {
    CUSP_ASSIGN_OR_RETURN(filter.before_id,
                          DecodeNumericPageToken(kListPage, request.page_token()));
  }
  if (!request.all_owners()) {
    filter.owner = caller.user;
  }
  for (const int state : request.states()) {
    if (!v1::Job::State_IsValid(state) || state == v1::Job::STATE_UNSPECIFIED) {
      return absl::InvalidArgumentError("states has the unknown state " + std::to_string(state));
    }
    filter.states.push_back(static_cast<JobState>(state));
  }
  return filter;
}

}  // namespace

grpc::ServerUnaryReactor* JobService::SubmitJob(grpc::CallbackServerContext* context,
                                                const v1::SubmitJobRequest* request,
                                                v1::SubmitJobResponse* response) {
  const absl::StatusOr<Caller> caller = gate_.Admit(*context, Permission::kSubmit);
  if (!caller.ok()) {
    return Answer(context, caller.status());
  }
  absl::StatusOr<NewJob> job = CheckSubmission(*request, caller->user);
  if (!job.ok()) {
    return Answer(context, job.status());
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto shared = std::make_shared<const NewJob>(*std::move(job));
  store_.WriteNow<v1::SubmitJobResponse>(
      [shared, key = KeyOf(caller->user, *request)](Transaction& tx) {
        return Submit(tx, *shared, key);
      },
      [reactor, request, response, shared,
       caller = *caller](absl::StatusOr<v1::SubmitJobResponse> answer) {
        if (answer.ok()) {
          *response = std::move(*answer);
          (void)response->mutable_job()->mutable_spec()->ParseFromString(shared->spec);
          spdlog::info("job submitted name={} owner={} request_id={}", response->job().name(),
                       caller.user, request->request_id());
        }
        reactor->Finish(ToGrpc(answer.status()));
      });
  return reactor;
}

grpc::ServerUnaryReactor* JobService::GetJob(grpc::CallbackServerContext* context,
                                             const v1::GetJobRequest* request,
                                             v1::GetJobResponse* response) {
  const auto get = [&]() -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(const Caller caller, gate_.Admit(*context, Permission::kRead));
    CUSP_ASSIGN_OR_RETURN(const std::string id, ParseJobName(request->name()));
    CUSP_ASSIGN_OR_RETURN(*response->mutable_job(),
                          store_.Read<v1::Job>([&](Database& db) -> absl::StatusOr<v1::Job> {
                            CUSP_ASSIGN_OR_RETURN(const int64_t job_id, ResolveJob(db, id));
                            return view_.Read(db, job_id);
                          }));
    return absl::OkStatus();
  };
  return Answer(context, get());
}

grpc::ServerUnaryReactor* JobService::ListJobs(grpc::CallbackServerContext* context,
                                               const v1::ListJobsRequest* request,
                                               v1::ListJobsResponse* response) {
  const auto list = [&]() -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(const Caller caller, gate_.Admit(*context, Permission::kRead));
    CUSP_ASSIGN_OR_RETURN(JobFilter filter, FilterOf(*request, caller));
    const auto page_size = static_cast<size_t>(filter.limit);
    ++filter.limit;  // one more tells whether there is another page
    CUSP_ASSIGN_OR_RETURN(std::vector<Job> jobs, store_.Read<std::vector<Job>>([&](Database& db) {
      return server::ListJobs(db, filter);
    }));
    if (jobs.size() > page_size) {
      jobs.resize(page_size);
      response->set_next_page_token(EncodePageToken(kListPage, std::to_string(jobs.back().id)));
    }
    for (const Job& job : jobs) {
      *response->add_jobs() = ToProto(job);
    }
    return absl::OkStatus();
  };
  return Answer(context, list());
}

grpc::ServerWriteReactor<v1::WatchJobResponse>* JobService::WatchJob(
    grpc::CallbackServerContext* context, const v1::WatchJobRequest* request) {
  absl::StatusOr<Caller> caller = gate_.AdmitLasting(*context, Permission::kRead);
  if (!caller.ok()) {
    return new FailedWatch(caller.status());
  }
  const auto resolve = [&]() -> absl::StatusOr<int64_t> {
    CUSP_ASSIGN_OR_RETURN(const std::string id, ParseJobName(request->name()));
    return store_.Read<int64_t>([&](Database& db) { return ResolveJob(db, id); });
  };
  const absl::StatusOr<int64_t> job_id = resolve();
  if (!job_id.ok()) {
    return new FailedWatch(job_id.status());
  }
  auto* reactor = new WatchReactor(hub_, *job_id, *std::move(caller));
  reactor->Start();
  return reactor;
}

template <typename Request, typename Response>
grpc::ServerUnaryReactor* JobService::Change(grpc::CallbackServerContext* context,
                                             const Request* request, Response* response,
                                             JobChange change) {
  const auto check = [&]() -> absl::StatusOr<std::pair<std::string, Caller>> {
    CUSP_ASSIGN_OR_RETURN(Caller caller, gate_.Admit(*context, Permission::kSubmit));
    CUSP_ASSIGN_OR_RETURN(std::string id, ParseJobName(request->name()));
    CUSP_RETURN_IF_ERROR(CheckRequestId(request->request_id()));
    return std::make_pair(std::move(id), std::move(caller));
  };
  const auto checked = check();
  if (!checked.ok()) {
    return Answer(context, checked.status());
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto& [id, caller] = *checked;
  store_.WriteNow<Response>(
      [id = id, caller = caller, key = KeyOf(caller.user, *request),
       change = std::move(change)](Transaction& tx) {
        return AnswerOnce<Response>(tx, key, [&](Response& changed) -> absl::Status {
          CUSP_ASSIGN_OR_RETURN(*changed.mutable_job(), ChangeJob(tx, id, ActorOf(caller), change));
          return absl::OkStatus();
        });
      },
      [reactor, response](absl::StatusOr<Response> answer) {
        if (answer.ok()) {
          *response = std::move(*answer);
          spdlog::info("job changed request={} name={} state={}", Response::descriptor()->name(),
                       response->job().name(), v1::Job::State_Name(response->job().state()));
        }
        reactor->Finish(ToGrpc(answer.status()));
      });
  return reactor;
}

grpc::ServerUnaryReactor* JobService::CancelJob(grpc::CallbackServerContext* context,
                                                const v1::CancelJobRequest* request,
                                                v1::CancelJobResponse* response) {
  return Change(context, request, response, server::CancelJob);
}

grpc::ServerUnaryReactor* JobService::HoldJob(grpc::CallbackServerContext* context,
                                              const v1::HoldJobRequest* request,
                                              v1::HoldJobResponse* response) {
  return Change(context, request, response, server::HoldJob);
}

grpc::ServerUnaryReactor* JobService::ReleaseJob(grpc::CallbackServerContext* context,
                                                 const v1::ReleaseJobRequest* request,
                                                 v1::ReleaseJobResponse* response) {
  return Change(context, request, response, server::ReleaseJob);
}

grpc::ServerUnaryReactor* JobService::RetryJob(grpc::CallbackServerContext* context,
                                               const v1::RetryJobRequest* request,
                                               v1::RetryJobResponse* response) {
  return Change(context, request, response, server::RetryJob);
}

grpc::ServerUnaryReactor* JobService::SetJobPriority(grpc::CallbackServerContext* context,
                                                     const v1::SetJobPriorityRequest* request,
                                                     v1::SetJobPriorityResponse* response) {
  return Change(context, request, response,
                [priority = request->priority()](Transaction& tx, int64_t id, const Actor& actor) {
                  const absl::Status in_range = CheckPriority(priority);
                  return in_range.ok() ? server::SetJobPriority(tx, id, actor, priority) : in_range;
                });
}

}  // namespace cusp::server
