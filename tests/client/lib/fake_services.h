// Coordinator services that answer as a test tells them.
#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cusp/v1/admin_service.grpc.pb.h"
#include "cusp/v1/job_service.grpc.pb.h"
#include "cusp/v1/result_service.grpc.pb.h"
#include "cusp/v1/worker_service.grpc.pb.h"

namespace cusp::client {

// Each rpc calls the function of its name where set, else answers
// UNIMPLEMENTED. Set the functions before the first call.
class FakeJobService final : public v1::JobService::Service {
 public:
  std::function<grpc::Status(const v1::SubmitJobRequest&, v1::SubmitJobResponse&)> submit;
  std::function<grpc::Status(const v1::ListJobsRequest&, v1::ListJobsResponse&)> list;
  std::function<grpc::Status(const v1::GetJobRequest&, v1::GetJobResponse&)> get;
  std::function<grpc::Status(const v1::CancelJobRequest&, v1::CancelJobResponse&)> cancel;
  std::function<grpc::Status(const v1::HoldJobRequest&, v1::HoldJobResponse&)> hold;
  std::function<grpc::Status(const v1::ReleaseJobRequest&, v1::ReleaseJobResponse&)> release;
  std::function<grpc::Status(const v1::RetryJobRequest&, v1::RetryJobResponse&)> retry;
  std::function<grpc::Status(const v1::SetJobPriorityRequest&, v1::SetJobPriorityResponse&)>
      set_priority;
  std::function<grpc::Status(grpc::ServerContext&, grpc::ServerWriter<v1::WatchJobResponse>&)>
      watch;

  grpc::Status SubmitJob(grpc::ServerContext* /*context*/, const v1::SubmitJobRequest* request,
                         v1::SubmitJobResponse* response) override {
    return submit ? submit(*request, *response) : Unimplemented();
  }
  grpc::Status ListJobs(grpc::ServerContext* /*context*/, const v1::ListJobsRequest* request,
                        v1::ListJobsResponse* response) override {
    return list ? list(*request, *response) : Unimplemented();
  }
  grpc::Status GetJob(grpc::ServerContext* /*context*/, const v1::GetJobRequest* request,
                      v1::GetJobResponse* response) override {
    return get ? get(*request, *response) : Unimplemented();
  }
  grpc::Status CancelJob(grpc::ServerContext* /*context*/, const v1::CancelJobRequest* request,
                         v1::CancelJobResponse* response) override {
    return cancel ? cancel(*request, *response) : Unimplemented();
  }
  grpc::Status HoldJob(grpc::ServerContext* /*context*/, const v1::HoldJobRequest* request,
                       v1::HoldJobResponse* response) override {
    return hold ? hold(*request, *response) : Unimplemented();
  }
  grpc::Status ReleaseJob(grpc::ServerContext* /*context*/, const v1::ReleaseJobRequest* request,
                          v1::ReleaseJobResponse* response) override {
    return release ? release(*request, *response) : Unimplemented();
  }
  grpc::Status RetryJob(grpc::ServerContext* /*context*/, const v1::RetryJobRequest* request,
                        v1::RetryJobResponse* response) override {
    return retry ? retry(*request, *response) : Unimplemented();
  }
  grpc::Status SetJobPriority(grpc::ServerContext* /*context*/,
                              const v1::SetJobPriorityRequest* request,
                              v1::SetJobPriorityResponse* response) override {
    return set_priority ? set_priority(*request, *response) : Unimplemented();
  }
  grpc::Status WatchJob(grpc::ServerContext* context, const v1::WatchJobRequest* /*request*/,
                        grpc::ServerWriter<v1::WatchJobResponse>* writer) override {
    return watch ? watch(*context, *writer) : Unimplemented();
  }

 private:
  static grpc::Status Unimplemented() { return {grpc::StatusCode::UNIMPLEMENTED, "not faked"}; }
};

// As above.
class FakeResultService final : public v1::ResultService::Service {
 public:
  std::function<grpc::Status(const v1::ListBlocksRequest&, v1::ListBlocksResponse&)> list_blocks;
  std::function<grpc::Status(const v1::GetJobResultRequest&, v1::GetJobResultResponse&)> get;
  std::function<grpc::Status(const v1::ListHistoryRequest&, v1::ListHistoryResponse&)> list_history;

  grpc::Status GetJobResult(grpc::ServerContext* /*context*/,
                            const v1::GetJobResultRequest* request,
                            v1::GetJobResultResponse* response) override {
    return get ? get(*request, *response)
               : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "not faked");
  }

  grpc::Status ListBlocks(grpc::ServerContext* /*context*/, const v1::ListBlocksRequest* request,
                          v1::ListBlocksResponse* response) override {
    return list_blocks ? list_blocks(*request, *response)
                       : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "not faked");
  }

  grpc::Status ListHistory(grpc::ServerContext* /*context*/, const v1::ListHistoryRequest* request,
                           v1::ListHistoryResponse* response) override {
    return list_history ? list_history(*request, *response)
                        : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "not faked");
  }
};

// As above.
class FakeWorkerService final : public v1::WorkerService::Service {
 public:
  std::function<grpc::Status(const v1::ListWorkersRequest&, v1::ListWorkersResponse&)> list;

  grpc::Status ListWorkers(grpc::ServerContext* /*context*/, const v1::ListWorkersRequest* request,
                           v1::ListWorkersResponse* response) override {
    return list ? list(*request, *response)
                : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "not faked");
  }
};

// As above.
class FakeAdminService final : public v1::AdminService::Service {
 public:
  std::function<grpc::Status(const v1::GetCallerRequest&, v1::GetCallerResponse&)> get_caller;
  std::function<grpc::Status(const v1::CreateTokenRequest&, v1::CreateTokenResponse&)> create_token;
  std::function<grpc::Status(const v1::ListTokensRequest&, v1::ListTokensResponse&)> list_tokens;
  std::function<grpc::Status(const v1::RevokeTokenRequest&, v1::RevokeTokenResponse&)> revoke_token;
  std::function<grpc::Status(const v1::ListUsersRequest&, v1::ListUsersResponse&)> list_users;
  std::function<grpc::Status(const v1::UpdateUserRequest&, v1::UpdateUserResponse&)> update_user;
  std::function<grpc::Status(const v1::ListAuditEventsRequest&, v1::ListAuditEventsResponse&)>
      list_audit_events;
  std::function<grpc::Status(const v1::DrainWorkerRequest&, v1::DrainWorkerResponse&)> drain_worker;
  std::function<grpc::Status(const v1::ResumeWorkerRequest&, v1::ResumeWorkerResponse&)>
      resume_worker;

  grpc::Status GetCaller(grpc::ServerContext* /*context*/, const v1::GetCallerRequest* request,
                         v1::GetCallerResponse* response) override {
    return get_caller ? get_caller(*request, *response) : Unimplemented();
  }
  grpc::Status CreateToken(grpc::ServerContext* /*context*/, const v1::CreateTokenRequest* request,
                           v1::CreateTokenResponse* response) override {
    return create_token ? create_token(*request, *response) : Unimplemented();
  }
  grpc::Status ListTokens(grpc::ServerContext* /*context*/, const v1::ListTokensRequest* request,
                          v1::ListTokensResponse* response) override {
    return list_tokens ? list_tokens(*request, *response) : Unimplemented();
  }
  grpc::Status RevokeToken(grpc::ServerContext* /*context*/, const v1::RevokeTokenRequest* request,
                           v1::RevokeTokenResponse* response) override {
    return revoke_token ? revoke_token(*request, *response) : Unimplemented();
  }
  grpc::Status ListUsers(grpc::ServerContext* /*context*/, const v1::ListUsersRequest* request,
                         v1::ListUsersResponse* response) override {
    return list_users ? list_users(*request, *response) : Unimplemented();
  }
  grpc::Status UpdateUser(grpc::ServerContext* /*context*/, const v1::UpdateUserRequest* request,
                          v1::UpdateUserResponse* response) override {
    return update_user ? update_user(*request, *response) : Unimplemented();
  }
  grpc::Status ListAuditEvents(grpc::ServerContext* /*context*/,
                               const v1::ListAuditEventsRequest* request,
                               v1::ListAuditEventsResponse* response) override {
    return list_audit_events ? list_audit_events(*request, *response) : Unimplemented();
  }
  grpc::Status DrainWorker(grpc::ServerContext* /*context*/, const v1::DrainWorkerRequest* request,
                           v1::DrainWorkerResponse* response) override {
    return drain_worker ? drain_worker(*request, *response) : Unimplemented();
  }
  grpc::Status ResumeWorker(grpc::ServerContext* /*context*/,
                            const v1::ResumeWorkerRequest* request,
                            v1::ResumeWorkerResponse* response) override {
    return resume_worker ? resume_worker(*request, *response) : Unimplemented();
  }

 private:
  static grpc::Status Unimplemented() { return {grpc::StatusCode::UNIMPLEMENTED, "not faked"}; }
};

// A server in this process with all services, also on `address` if given.
class FakeCoordinator {
 public:
  explicit FakeCoordinator(const std::string& address = "") {
    grpc::ServerBuilder builder;
    if (!address.empty()) {
      builder.AddListeningPort(address, grpc::InsecureServerCredentials());
    }
    builder.RegisterService(&jobs);
    builder.RegisterService(&results);
    builder.RegisterService(&workers);
    builder.RegisterService(&admin);
    server_ = builder.BuildAndStart();
  }
  // Streams that a test left open are cut.
  ~FakeCoordinator() { server_->Shutdown(std::chrono::system_clock::now()); }

  std::shared_ptr<grpc::Channel> Channel() { return server_->InProcessChannel({}); }

  FakeJobService jobs;
  FakeResultService results;
  FakeWorkerService workers;
  FakeAdminService admin;

 private:
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace cusp::client
