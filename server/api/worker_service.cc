#include "server/api/worker_service.h"

#include <google/protobuf/util/time_util.h>
#include <spdlog/spdlog.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/grpc_status.h"
#include "common/status_macros.h"
#include "server/api/answer.h"
#include "server/api/names.h"
#include "server/api/sample_reactor.h"
#include "server/api/sync_reactor.h"
#include "server/api/translate.h"
#include "server/api/translate_measurements.h"
#include "server/api/worker_view.h"
#include "server/store/attempts.h"
#include "server/store/leasing.h"
#include "server/store/workers.h"

namespace cusp::server {
namespace {

constexpr char kWorkerPage = 'w';
constexpr size_t kMaxWorkerBytes = 4096;

absl::StatusOr<Worker> CheckRegistration(const v1::RegisterWorkerRequest& request) {
  CUSP_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  const v1::Worker& in = request.worker();
  if (in.ByteSizeLong() > kMaxWorkerBytes) {
    return absl::InvalidArgumentError("the worker's description is longer than 4 KiB");
  }
  Worker worker;
  CUSP_ASSIGN_OR_RETURN(worker.name, ParseWorkerName(in.name()));
  if (in.device_class().empty() || in.device().empty()) {
    return absl::InvalidArgumentError("worker.device_class and worker.device are needed");
  }
  worker.device_class = in.device_class();
  worker.device = in.device();
  worker.host = in.host();
  worker.memory_bytes = in.memory_bytes();
  worker.cores = in.cores();
  worker.cusp_version = in.cusp_version();
  CUSP_ASSIGN_OR_RETURN(worker.speed, FromProto(in.speed()));
  return worker;
}

absl::StatusOr<SyncReport> CheckSync(const v1::SyncWorkerRequest& request) {
  SyncReport report;
  CUSP_ASSIGN_OR_RETURN(report.worker, ParseWorkerName(request.worker()));
  const v1::WorkerState& state = request.current_state();
  if (!state.attempt().empty()) {
    CUSP_ASSIGN_OR_RETURN(report.attempt, ParseAttemptName(state.attempt()));
  }
  report.draining = state.draining();
  report.not_ready = state.not_ready();
  return report;
}

absl::StatusOr<AttemptEnd> CheckEnd(const v1::FinishAttemptRequest& request) {
  switch (request.outcome()) {
    case v1::FinishAttemptRequest::OUTCOME_SUCCEEDED:
      return AttemptEnd::kSucceeded;
    case v1::FinishAttemptRequest::OUTCOME_FAILED:
      return AttemptEnd::kFailed;
    case v1::FinishAttemptRequest::OUTCOME_RELEASED:
      return AttemptEnd::kReleased;
    default:
      return absl::InvalidArgumentError("outcome is missing or unknown");
  }
}

}  // namespace

grpc::ServerUnaryReactor* WorkerService::RegisterWorker(grpc::CallbackServerContext* context,
                                                        const v1::RegisterWorkerRequest* request,
                                                        v1::RegisterWorkerResponse* response) {
  const absl::StatusOr<Caller> caller = deps_.gate.Admit(*context, Permission::kMeasure);
  if (!caller.ok()) {
    return Answer(context, caller.status());
  }
  absl::StatusOr<Worker> worker = CheckRegistration(*request);
  if (!worker.ok()) {
    return Answer(context, worker.status());
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  deps_.store.Write<Worker>(
      [worker = *std::move(worker), request_id = request->request_id()](Transaction& tx) {
        return server::RegisterWorker(tx, worker, request_id);
      },
      [this, reactor, response](const absl::StatusOr<Worker>& known) {
        if (known.ok()) {
          deps_.board.Heard(*known, false);
          *response->mutable_worker() = ToProto(*known);
          response->mutable_worker()->set_state(v1::Worker::STATE_IDLE);
          response->mutable_lease()->set_seconds(kLeaseTime.count());
          spdlog::info("worker registered name={} device_class=\"{}\" host={}", known->name,
                       known->device_class, known->host);
        }
        reactor->Finish(ToGrpc(known.status()));
      });
  return reactor;
}

grpc::ServerUnaryReactor* WorkerService::SyncWorker(grpc::CallbackServerContext* context,
                                                    const v1::SyncWorkerRequest* request,
                                                    v1::SyncWorkerResponse* response) {
  auto* reactor = new SyncReactor(deps_.dispatcher, deps_.board, deps_.hub, deps_.clock);
  absl::StatusOr<Caller> caller = deps_.gate.AdmitLasting(*context, Permission::kMeasure);
  if (!caller.ok()) {
    reactor->Refuse(caller.status());
    return reactor;
  }
  reactor->Keep(*std::move(caller));
  absl::StatusOr<SyncReport> report = CheckSync(*request);
  if (!report.ok()) {
    reactor->Refuse(report.status());
    return reactor;
  }
  const v1::WorkerState& state = request->current_state();
  const Clock::Monotonic deadline = HoldUntil(report->worker, deps_.clock.Now());
  reactor->Start(*std::move(report), deadline, state.has_progress() ? &state.progress() : nullptr,
                 response);
  return reactor;
}

grpc::ServerBidiReactor<v1::StreamSamplesRequest, v1::StreamSamplesResponse>*
WorkerService::StreamSamples(grpc::CallbackServerContext* context) {
  return SampleReactor::Start(deps_.store, deps_.gate.AdmitLasting(*context, Permission::kMeasure));
}

grpc::ServerUnaryReactor* WorkerService::FinishAttempt(grpc::CallbackServerContext* context,
                                                       const v1::FinishAttemptRequest* request,
                                                       v1::FinishAttemptResponse* /*response*/) {
  struct Report {
    AttemptName name;
    AttemptEnd end;
    SweepResult result;
    std::optional<Failure> failure;
  };
  const auto check = [&]() -> absl::StatusOr<Report> {
    CUSP_ASSIGN_OR_RETURN(const Caller caller, deps_.gate.Admit(*context, Permission::kMeasure));
    Report report{};
    CUSP_ASSIGN_OR_RETURN(report.name, ParseAttemptName(request->attempt()));
    CUSP_ASSIGN_OR_RETURN(report.end, CheckEnd(*request));
    CUSP_ASSIGN_OR_RETURN(report.result, FromProto(request->result()));
    if (request->has_failure()) {
      report.failure = FromProto(request->failure());
    }
    return report;
  };
  absl::StatusOr<Report> report = check();
  if (!report.ok()) {
    return Answer(context, report.status());
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  deps_.store.Write<LeaseKey>(
      [report = *std::move(report)](Transaction& tx) {
        return server::FinishAttempt(tx, report.name, report.end, report.result, report.failure);
      },
      [this, reactor, request](const absl::StatusOr<LeaseKey>& lease) {
        if (lease.ok()) {
          deps_.dispatcher.Release(*lease);
          deps_.board.DropProgress(lease->sweep_id);
          spdlog::info("attempt finished name={} outcome={}", request->attempt(),
                       v1::FinishAttemptRequest::Outcome_Name(request->outcome()));
        }
        reactor->Finish(ToGrpc(lease.status()));
      });
  return reactor;
}

grpc::ServerUnaryReactor* WorkerService::ListWorkers(grpc::CallbackServerContext* context,
                                                     const v1::ListWorkersRequest* request,
                                                     v1::ListWorkersResponse* response) {
  const auto list = [&]() -> absl::Status {
    CUSP_ASSIGN_OR_RETURN(const Caller caller, deps_.gate.Admit(*context, Permission::kRead));
    CUSP_ASSIGN_OR_RETURN(const int page_size, PageSize(request->page_size()));
    std::string after;
    if (!request->page_token().empty()) {
      CUSP_ASSIGN_OR_RETURN(after, DecodePageToken(kWorkerPage, request->page_token()));
    }
    CUSP_ASSIGN_OR_RETURN(std::vector<ListedWorker> workers,
                          deps_.store.Read<std::vector<ListedWorker>>([&](Database& db) {
                            return server::ListWorkers(db, after, page_size + 1);
                          }));
    if (workers.size() > static_cast<size_t>(page_size)) {
      workers.pop_back();
      response->set_next_page_token(EncodePageToken(kWorkerPage, workers.back().worker.name));
    }
    for (const ListedWorker& worker : workers) {
      *response->add_workers() = ViewOf(worker, deps_.board);
    }
    return absl::OkStatus();
  };
  return Answer(context, list());
}

}  // namespace cusp::server
