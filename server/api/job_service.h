// JobService of proto/cusp/v1/job_service.proto.
#pragma once

#include "cusp/v1/job_service.grpc.pb.h"
#include "server/api/gate.h"
#include "server/api/job_mutation.h"
#include "server/api/job_view.h"
#include "server/api/watch_hub.h"
#include "server/store/store.h"

namespace cusp::server {

// Validates, translates, and calls the store. A mutation that finds the writer
// idle is committed on the thread that serves the call, at most one at a time;
// the others are answered from the writer's thread. Thread-safe.
class JobService final : public v1::JobService::CallbackService {
 public:
  JobService(const Gate& gate, Store& store, const JobView& view, WatchHub& hub)
      : gate_(gate), store_(store), view_(view), hub_(hub) {}

  grpc::ServerUnaryReactor* SubmitJob(grpc::CallbackServerContext* context,
                                      const v1::SubmitJobRequest* request,
                                      v1::SubmitJobResponse* response) override;
  grpc::ServerUnaryReactor* GetJob(grpc::CallbackServerContext* context,
                                   const v1::GetJobRequest* request,
                                   v1::GetJobResponse* response) override;
  grpc::ServerUnaryReactor* ListJobs(grpc::CallbackServerContext* context,
                                     const v1::ListJobsRequest* request,
                                     v1::ListJobsResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchJobResponse>* WatchJob(
      grpc::CallbackServerContext* context, const v1::WatchJobRequest* request) override;
  grpc::ServerUnaryReactor* CancelJob(grpc::CallbackServerContext* context,
                                      const v1::CancelJobRequest* request,
                                      v1::CancelJobResponse* response) override;
  grpc::ServerUnaryReactor* HoldJob(grpc::CallbackServerContext* context,
                                    const v1::HoldJobRequest* request,
                                    v1::HoldJobResponse* response) override;
  grpc::ServerUnaryReactor* ReleaseJob(grpc::CallbackServerContext* context,
                                       const v1::ReleaseJobRequest* request,
                                       v1::ReleaseJobResponse* response) override;
  grpc::ServerUnaryReactor* RetryJob(grpc::CallbackServerContext* context,
                                     const v1::RetryJobRequest* request,
                                     v1::RetryJobResponse* response) override;
  grpc::ServerUnaryReactor* SetJobPriority(grpc::CallbackServerContext* context,
                                           const v1::SetJobPriorityRequest* request,
                                           v1::SetJobPriorityResponse* response) override;

 private:
  // Every mutation of a job that is there; `change` alone tells them apart.
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Change(grpc::CallbackServerContext* context, const Request* request,
                                   Response* response, JobChange change);

  const Gate& gate_;
  Store& store_;
  const JobView& view_;
  WatchHub& hub_;
};

}  // namespace cusp::server
