#include "server/api/job_service.h"

#include <spdlog/spdlog.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/grpc_status.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "server/api/names.h"
#include "server/api/submission.h"
#include "server/api/translate.h"
#include "server/api/watch_reactor.h"
#include "server/store/jobs.h"
#include "server/store/requests.h"

namespace cusp::server {
namespace {

constexpr char kListPage = 'j';

grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, const absl::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpc(status));
  return reactor;
}

// A stream that ends with an error before it began.
class FailedWatch final : public grpc::ServerWriteReactor<v1::WatchJobResponse> {
 public:
  explicit FailedWatch(const absl::Status& status) { Finish(ToGrpc(status)); }
  void OnDone() override { delete this; }
};

// Identity of a mutation: the method is part of the payload, so that an id
// cannot be shared by two of them.
template <typename Request>
RequestKey KeyOf(const std::string& user, const Request& request) {
  Request payload = request;
  payload.clear_request_id();
  return {user, request.request_id(),
          Sha256Hex(std::string(Request::descriptor()->name()) + payload.SerializeAsString())};
}

// The job as it was answered first, without its spec, which is stored already.
template <typename Response>
absl::StatusOr<Response> ParseAnswer(const std::string& bytes) {
  Response response;
  if (!response.ParseFromString(bytes)) {
    return absl::DataLossError("a stored answer cannot be read");
  }
  return response;
}

absl::StatusOr<v1::SubmitJobResponse> Submit(Transaction& tx, const NewJob& job,
                                             const RequestKey& key) {
  CUSP_ASSIGN_OR_RETURN(const std::optional<std::string> answered, FindAnswer(tx, key));
  if (answered.has_value()) {
    return ParseAnswer<v1::SubmitJobResponse>(*answered);
  }
  CUSP_ASSIGN_OR_RETURN(const Job stored, InsertJob(tx, job));
  v1::SubmitJobResponse response;
  *response.mutable_job() = ToProto(stored);
  CUSP_RETURN_IF_ERROR(RecordAnswer(tx, key, response.SerializeAsString()));
  return response;
}

absl::StatusOr<v1::CancelJobResponse> Cancel(Transaction& tx, const std::string& id,
                                             const RequestKey& key) {
  CUSP_ASSIGN_OR_RETURN(const std::optional<std::string> answered, FindAnswer(tx, key));
  if (answered.has_value()) {
    return ParseAnswer<v1::CancelJobResponse>(*answered);
  }
  CUSP_ASSIGN_OR_RETURN(const int64_t job_id, ResolveJob(tx.db, id));
  CUSP_RETURN_IF_ERROR(CancelJob(tx, job_id, key.user));
  CUSP_ASSIGN_OR_RETURN(const Job stored, LoadJob(tx.db, job_id, false));
  v1::CancelJobResponse response;
  *response.mutable_job() = ToProto(stored);
  CUSP_RETURN_IF_ERROR(RecordAnswer(tx, key, response.SerializeAsString()));
  return response;
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
  const absl::StatusOr<Caller> caller = gate_.Admit(*context);
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
      [reactor, request, response, shared](absl::StatusOr<v1::SubmitJobResponse> answer) {
        if (answer.ok()) {
          *response = std::move(*answer);
          (void)response->mutable_job()->mutable_spec()->ParseFromString(shared->spec);
          spdlog::info("job submitted name={} owner={} request_id={}", response->job().name(),
                       response->job().owner(), request->request_id());
        }
        reactor->Finish(ToGrpc(answer.status()));
      });
  return reactor;
}

grpc::ServerUnaryReactor* JobService::GetJob(grpc::CallbackServerContext* context,
                                             const v1::GetJobRequest* request,
                                             v1::GetJobResponse* response) {
  const auto get = [&]() -> absl::Status {
    CUSP_RETURN_IF_ERROR(gate_.Admit(*context).status());
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
    CUSP_ASSIGN_OR_RETURN(const Caller caller, gate_.Admit(*context));
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
  const auto resolve = [&]() -> absl::StatusOr<int64_t> {
    CUSP_RETURN_IF_ERROR(gate_.Admit(*context).status());
    CUSP_ASSIGN_OR_RETURN(const std::string id, ParseJobName(request->name()));
    return store_.Read<int64_t>([&](Database& db) { return ResolveJob(db, id); });
  };
  const absl::StatusOr<int64_t> job_id = resolve();
  if (!job_id.ok()) {
    return new FailedWatch(job_id.status());
  }
  auto* reactor = new WatchReactor(hub_, *job_id);
  reactor->Start();
  return reactor;
}

grpc::ServerUnaryReactor* JobService::CancelJob(grpc::CallbackServerContext* context,
                                                const v1::CancelJobRequest* request,
                                                v1::CancelJobResponse* response) {
  const absl::StatusOr<Caller> caller = gate_.Admit(*context);
  if (!caller.ok()) {
    return Answer(context, caller.status());
  }
  const absl::StatusOr<std::string> id = ParseJobName(request->name());
  if (!id.ok()) {
    return Answer(context, id.status());
  }
  const absl::Status id_check = CheckRequestId(request->request_id());
  if (!id_check.ok()) {
    return Answer(context, id_check);
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  store_.WriteNow<v1::CancelJobResponse>(
      [id = *id, key = KeyOf(caller->user, *request)](Transaction& tx) {
        return Cancel(tx, id, key);
      },
      [reactor, response](absl::StatusOr<v1::CancelJobResponse> answer) {
        if (answer.ok()) {
          *response = std::move(*answer);
          spdlog::info("job cancelled name={}", response->job().name());
        }
        reactor->Finish(ToGrpc(answer.status()));
      });
  return reactor;
}

}  // namespace cusp::server
