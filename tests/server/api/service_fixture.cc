#include "tests/server/api/service_fixture.h"

#include <chrono>
#include <utility>

namespace cusp::server {

namespace {

template <typename Method, typename Request, typename Response>
absl::StatusOr<v1::Job> ChangeJob(v1::JobService::Stub& jobs, Method method,
                                  const std::string& name, const std::string& request_id,
                                  Request& request, Response& response) {
  grpc::ClientContext context;
  request.set_name(name);
  request.set_request_id(request_id);
  const grpc::Status status = (jobs.*method)(&context, request, &response);
  if (!status.ok()) {
    return FromGrpc(status);
  }
  return response.job();
}

}  // namespace

v1::JobSpec SmallSpec() {
  v1::JobSpec spec;
  spec.set_name("small");
  spec.add_baselines()->set_model("bert");
  spec.add_candidates()->set_model("longformer");
  spec.mutable_candidates(0)->set_config_json(R"({"attention_window": 128})");
  spec.mutable_lengths()->set_min(64);
  spec.mutable_lengths()->set_max(2048);
  return spec;
}

v1::Provenance SomeProvenance() {
  v1::Provenance provenance;
  provenance.set_device_class("Fake CPU");
  provenance.set_device("cpu");
  provenance.set_host("h");
  provenance.set_cusp_version("0.1.0");
  v1::SweepConditions& conditions = *provenance.mutable_conditions();
  conditions.mutable_start_time()->set_seconds(1'700'000'000);
  conditions.add_variants()->set_variant("bert");
  conditions.mutable_variants(0)->set_config_sha256("abcd");
  return provenance;
}

v1::Block SomeBlock(int64_t number) {
  v1::Block block;
  block.set_block(number);
  block.set_length(64);
  block.set_batch_size(1);
  int order = 0;
  for (const char* variant : {"bert", "longformer"}) {
    v1::Sample* sample = block.add_samples();
    sample->set_variant(variant);
    sample->set_metric(v1::METRIC_LATENCY);
    sample->set_value(0.25);
    sample->set_outcome(v1::OUTCOME_OK);
    sample->set_calls(3);
    sample->set_order(order++);
  }
  return block;
}

v1::SweepResult SomeResult() {
  v1::SweepResult result;
  v1::Comparison* comparison = result.add_comparisons();
  comparison->set_baseline("bert");
  comparison->set_candidate("longformer");
  comparison->set_metric(v1::METRIC_LATENCY);
  comparison->set_mode(v1::MODE_INFERENCE);
  comparison->set_dtype(v1::DTYPE_FLOAT32);
  comparison->set_batch_size(1);
  comparison->set_range_min(64);
  comparison->set_range_max(2048);
  comparison->set_verdict(v1::VERDICT_CROSSES);
  v1::Crossing* crossing = comparison->add_crossings();
  crossing->set_length(512);
  crossing->set_low(500);
  crossing->set_high(530);
  crossing->set_direction(v1::DIRECTION_CHEAPER);
  *comparison->mutable_first() = *crossing;
  *comparison->mutable_persistent() = *crossing;
  comparison->add_undecided_lengths(512);
  comparison->add_equal_lengths(520);
  comparison->set_blocks_used(9);
  comparison->set_note("settled");
  v1::Cost* cost = result.add_costs();
  cost->set_variant("bert");
  cost->set_metric(v1::METRIC_LATENCY);
  cost->set_mode(v1::MODE_INFERENCE);
  cost->set_dtype(v1::DTYPE_FLOAT32);
  cost->set_batch_size(1);
  cost->set_length(64);
  cost->set_median(0.25);
  cost->set_low(0.2);
  cost->set_high(0.3);
  cost->set_samples(9);
  cost->set_outcome(v1::OUTCOME_OK);
  return result;
}

void ServiceTest::Start() {
  auto folder = DataFolder::Open(dir_.Join("data"));
  ASSERT_THAT(folder, IsOk());
  auto store = Store::Open(*std::move(folder), clock_);
  ASSERT_THAT(store, IsOk());
  auto coordinator = Coordinator::StartInProcess(*std::move(store), clock_);
  ASSERT_THAT(coordinator, IsOk());
  coordinator_ = *std::move(coordinator);
  const auto channel = coordinator_->InProcessChannel();
  jobs_ = v1::JobService::NewStub(channel);
  workers_ = v1::WorkerService::NewStub(channel);
  results_ = v1::ResultService::NewStub(channel);
}

void ServiceTest::Restart() {
  coordinator_.reset();
  Start();
}

void ServiceTest::KeepTicking() {
  ticking_ = true;
  ticker_ = std::thread([this] {
    while (ticking_) {
      coordinator_->Tick();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
}

void ServiceTest::StopTicking() {
  ticking_ = false;
  if (ticker_.joinable()) {
    ticker_.join();
  }
}

absl::StatusOr<v1::Job> ServiceTest::Submit(const v1::SubmitJobRequest& request) {
  grpc::ClientContext context;
  v1::SubmitJobResponse response;
  const grpc::Status status = jobs_->SubmitJob(&context, request, &response);
  if (!status.ok()) {
    return FromGrpc(status);
  }
  return response.job();
}

std::string ServiceTest::SubmitSmall(const std::string& device, int priority) {
  v1::SubmitJobRequest request;
  request.set_request_id(NewUuid());
  *request.mutable_spec() = SmallSpec();
  request.mutable_spec()->set_device(device);
  request.set_priority(priority);
  const absl::StatusOr<v1::Job> job = Submit(request);
  EXPECT_THAT(job, IsOk());
  return job.ok() ? job->name() : "";
}

absl::StatusOr<v1::Job> ServiceTest::Get(const std::string& name) {
  grpc::ClientContext context;
  v1::GetJobRequest request;
  request.set_name(name);
  v1::GetJobResponse response;
  const grpc::Status status = jobs_->GetJob(&context, request, &response);
  if (!status.ok()) {
    return FromGrpc(status);
  }
  return response.job();
}

absl::StatusOr<v1::Job> ServiceTest::Cancel(const std::string& name,
                                            const std::string& request_id) {
  grpc::ClientContext context;
  v1::CancelJobRequest request;
  request.set_request_id(request_id);
  request.set_name(name);
  v1::CancelJobResponse response;
  const grpc::Status status = jobs_->CancelJob(&context, request, &response);
  if (!status.ok()) {
    return FromGrpc(status);
  }
  return response.job();
}

absl::StatusOr<v1::Job> ServiceTest::Hold(const std::string& name, const std::string& request_id) {
  v1::HoldJobRequest request;
  v1::HoldJobResponse response;
  return ChangeJob(*jobs_, &v1::JobService::Stub::HoldJob, name, request_id, request, response);
}

absl::StatusOr<v1::Job> ServiceTest::Release(const std::string& name) {
  v1::ReleaseJobRequest request;
  v1::ReleaseJobResponse response;
  return ChangeJob(*jobs_, &v1::JobService::Stub::ReleaseJob, name, NewUuid(), request, response);
}

absl::StatusOr<v1::Job> ServiceTest::Retry(const std::string& name, const std::string& request_id) {
  v1::RetryJobRequest request;
  v1::RetryJobResponse response;
  return ChangeJob(*jobs_, &v1::JobService::Stub::RetryJob, name, request_id, request, response);
}

absl::StatusOr<v1::Job> ServiceTest::SetPriority(const std::string& name, int priority) {
  v1::SetJobPriorityRequest request;
  request.set_priority(priority);
  v1::SetJobPriorityResponse response;
  return ChangeJob(*jobs_, &v1::JobService::Stub::SetJobPriority, name, NewUuid(), request,
                   response);
}

v1::Job ServiceTest::WatchToTheEnd(const std::string& name) {
  grpc::ClientContext context;
  v1::WatchJobRequest request;
  request.set_name(name);
  const auto watch = jobs_->WatchJob(&context, request);
  v1::WatchJobResponse response;
  while (watch->Read(&response)) {
  }
  EXPECT_TRUE(watch->Finish().ok());
  return response.job();
}

absl::Status ServiceTest::Register(const std::string& id, const std::string& request_id) {
  grpc::ClientContext context;
  v1::RegisterWorkerRequest request;
  request.set_request_id(request_id);
  request.mutable_worker()->set_name("workers/" + id);
  request.mutable_worker()->set_device_class("Fake CPU");
  request.mutable_worker()->set_device("cpu");
  request.mutable_worker()->set_host("h");
  request.mutable_worker()->set_cusp_version("0.1.0");
  v1::RegisterWorkerResponse response;
  return FromGrpc(workers_->RegisterWorker(&context, request, &response));
}

absl::StatusOr<v1::SyncWorkerResponse> ServiceTest::Sync(const std::string& id,
                                                         const std::string& attempt) {
  grpc::ClientContext context;
  v1::SyncWorkerRequest request;
  request.set_worker("workers/" + id);
  request.mutable_current_state()->set_attempt(attempt);
  v1::SyncWorkerResponse response;
  const grpc::Status status = workers_->SyncWorker(&context, request, &response);
  if (!status.ok()) {
    return FromGrpc(status);
  }
  return response;
}

std::string ServiceTest::Lease(const std::string& id) {
  EXPECT_THAT(Register(id), IsOk());
  const absl::StatusOr<v1::SyncWorkerResponse> response = Sync(id);
  EXPECT_THAT(response, IsOk());
  return response.ok() ? response->desired_state().assignment().attempt() : "";
}

absl::StatusOr<int64_t> ServiceTest::Send(const v1::StreamSamplesRequest& request) {
  grpc::ClientContext context;
  const auto stream = workers_->StreamSamples(&context);
  stream->Write(request);
  stream->WritesDone();
  v1::StreamSamplesResponse response;
  int64_t acknowledged = 0;
  while (stream->Read(&response)) {
    acknowledged = response.acknowledged_sequence();
  }
  const grpc::Status status = stream->Finish();
  if (!status.ok()) {
    return FromGrpc(status);
  }
  return acknowledged;
}

absl::StatusOr<int64_t> ServiceTest::SendBlock(const std::string& attempt, int64_t number) {
  v1::StreamSamplesRequest request;
  request.set_attempt(attempt);
  request.set_sequence(number);
  *request.mutable_provenance() = SomeProvenance();
  *request.add_blocks() = SomeBlock(number);
  return Send(request);
}

absl::Status ServiceTest::Finish(const std::string& attempt,
                                 v1::FinishAttemptRequest::Outcome outcome) {
  grpc::ClientContext context;
  v1::FinishAttemptRequest request;
  request.set_attempt(attempt);
  request.set_outcome(outcome);
  if (outcome == v1::FinishAttemptRequest::OUTCOME_SUCCEEDED) {
    *request.mutable_result() = SomeResult();
  }
  if (outcome == v1::FinishAttemptRequest::OUTCOME_FAILED) {
    request.mutable_failure()->set_reason(v1::Failure::REASON_CRASHED);
    request.mutable_failure()->set_message("it died");
  }
  v1::FinishAttemptResponse response;
  return FromGrpc(workers_->FinishAttempt(&context, request, &response));
}

absl::StatusOr<v1::ListBlocksResponse> ServiceTest::Blocks(const std::string& sweep, int page_size,
                                                           const std::string& token) {
  grpc::ClientContext context;
  v1::ListBlocksRequest request;
  request.set_sweep(sweep);
  request.set_page_size(page_size);
  request.set_page_token(token);
  v1::ListBlocksResponse response;
  const grpc::Status status = results_->ListBlocks(&context, request, &response);
  if (!status.ok()) {
    return FromGrpc(status);
  }
  return response;
}

}  // namespace cusp::server
