#include "tests/e2e/acked_stream.h"

#include <grpcpp/create_channel.h>

#include <chrono>

#include "common/ids.h"
#include "tests/e2e/acked_submitter.h"

namespace cusp::e2e {
namespace {

using std::chrono::steady_clock;

constexpr int64_t kWindow = 4;
constexpr std::chrono::seconds kCall{5};
constexpr std::chrono::seconds kBetweenSyncs{3};
constexpr std::chrono::milliseconds kBetweenMessages{5};

bool IsPassing(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::CANCELLED ||
         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
}

v1::Block BlockOf(int64_t number) {
  v1::Block block;
  block.set_block(number);
  block.set_length(64);
  block.set_batch_size(1);
  for (int variant = 0; variant < AckedStream::kVariants; ++variant) {
    v1::Sample* sample = block.add_samples();
    sample->set_variant(variant == 0 ? "bert" : "longformer");
    sample->set_metric(v1::METRIC_LATENCY);
    sample->set_value(AckedStream::ValueOf(number, variant));
    sample->set_outcome(v1::OUTCOME_OK);
    sample->set_calls(1);
    sample->set_order(variant);
  }
  return block;
}

}  // namespace

AckedStream::AckedStream(const std::string& server, const std::string& device) {
  if (Take(server, device)) {
    thread_ = std::thread([this] { Loop(); });
  } else {
    refusals_.emplace_back("no sweep was given to the sending worker");
  }
}

void AckedStream::Stop() {
  stopping_ = true;
  if (thread_.joinable()) {
    thread_.join();
  }
}

bool AckedStream::Take(const std::string& server, const std::string& device) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  const auto channel =
      grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
  stub_ = v1::WorkerService::NewStub(channel);
  worker_ = "workers/sender-" + NewShortId();

  grpc::ClientContext submitting;
  v1::SubmitJobRequest submission;
  submission.set_request_id(NewUuid());
  *submission.mutable_spec() = SmallSpec(device);
  v1::SubmitJobResponse submitted;
  grpc::ClientContext registering;
  v1::RegisterWorkerRequest registration;
  registration.set_request_id(NewUuid());
  registration.mutable_worker()->set_name(worker_);
  registration.mutable_worker()->set_device_class(device);
  registration.mutable_worker()->set_device(device);
  v1::RegisterWorkerResponse registered;
  grpc::ClientContext syncing;
  v1::SyncWorkerRequest sync;
  sync.set_worker(worker_);
  v1::SyncWorkerResponse desired;
  if (!v1::JobService::NewStub(channel)->SubmitJob(&submitting, submission, &submitted).ok() ||
      !stub_->RegisterWorker(&registering, registration, &registered).ok() ||
      !stub_->SyncWorker(&syncing, sync, &desired).ok()) {
    return false;
  }
  job_ = submitted.job().name().substr(sizeof("jobs/") - 1);
  attempt_ = desired.desired_state().assignment().attempt();
  return !attempt_.empty();
}

void AckedStream::Loop() {
  while (!stopping_) {
    SendUntilBroken();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

void AckedStream::SendUntilBroken() {
  grpc::ClientContext context;
  const auto stream = stub_->StreamSamples(&context);
  v1::StreamSamplesResponse response;
  int64_t sent = acknowledged_;
  auto next_sync = steady_clock::now();
  bool open = true;
  while (open && !stopping_) {
    if (steady_clock::now() >= next_sync) {
      Renew();
      next_sync = steady_clock::now() + kBetweenSyncs;
    }
    v1::StreamSamplesRequest message;
    while (open && sent - acknowledged_ < kWindow) {
      message.set_attempt(attempt_);
      message.set_sequence(++sent);
      message.clear_blocks();
      *message.add_blocks() = BlockOf(sent);
      message.mutable_provenance()->set_device_class("sent");
      open = stream->Write(message);
    }
    open = open && stream->Read(&response);
    if (open) {
      acknowledged_ = response.acknowledged_sequence();
      std::this_thread::sleep_for(kBetweenMessages);
    }
  }
  if (open) {
    context.TryCancel();
  }
  const grpc::Status status = stream->Finish();
  if (!open && !status.ok() && !IsPassing(status)) {
    refusals_.push_back(status.error_message());
    stopping_ = true;
  }
}

void AckedStream::Renew() {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCall);
  v1::SyncWorkerRequest request;
  request.set_worker(worker_);
  request.mutable_current_state()->set_attempt(attempt_);
  v1::SyncWorkerResponse response;
  const grpc::Status status = stub_->SyncWorker(&context, request, &response);
  if (!status.ok() && !IsPassing(status)) {
    refusals_.push_back(status.error_message());
  }
}

}  // namespace cusp::e2e
