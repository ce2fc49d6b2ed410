#include "bench/simulated_workers.h"

#include <google/protobuf/util/time_util.h>

#include "bench/service_calls.h"
#include "common/ids.h"

namespace cusp {
namespace {

constexpr std::chrono::milliseconds kAfterError{1000};

v1::SweepResult SomeResult() {
  v1::SweepResult result;
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

}  // namespace

SimulatedWorkers::SimulatedWorkers(ChannelOptions caller, std::string device, int count)
    : caller_(std::move(caller)),
      device_(std::move(device)),
      workers_(static_cast<size_t>(count)) {}

SimulatedWorkers::~SimulatedWorkers() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    for (Worker& worker : workers_) {
      if (worker.context != nullptr) {
        worker.context->TryCancel();
      }
    }
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return in_flight_ == 0; });
}

absl::Status SimulatedWorkers::Start() {
  for (size_t i = 0; i < workers_.size(); ++i) {
    Worker& worker = workers_[i];
    worker.stub = v1::WorkerService::NewStub(Connect(caller_));
    v1::RegisterWorkerRequest registration;
    registration.set_request_id(NewUuid());
    registration.mutable_worker()->set_name("workers/simulated-" + std::to_string(i));
    registration.mutable_worker()->set_device_class(device_);
    registration.mutable_worker()->set_device(device_);
    v1::RegisterWorkerResponse response;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    const grpc::Status status = worker.stub->RegisterWorker(&context, registration, &response);
    if (!status.ok()) {
      return absl::UnavailableError("worker " + std::to_string(i) +
                                    " is not taken: " + status.error_message());
    }
    worker.sync.set_worker(registration.worker().name());
    *worker.finish.mutable_result() = SomeResult();
    worker.finish.set_outcome(v1::FinishAttemptRequest::OUTCOME_SUCCEEDED);
    due_.emplace(std::chrono::steady_clock::now(), i);
  }
  thread_ = std::thread([this] { Loop(); });
  return absl::OkStatus();
}

void SimulatedWorkers::Loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    if (due_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto [time, index] = due_.top();
    if (time > std::chrono::steady_clock::now()) {
      changed_.wait_until(lock, time);
      continue;
    }
    due_.pop();
    lock.unlock();
    Sync(index);
    lock.lock();
  }
}

bool SimulatedWorkers::NewContext(Worker& worker) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_) {
    return false;
  }
  worker.context = std::make_unique<grpc::ClientContext>();
  worker.context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  ++in_flight_;
  return true;
}

void SimulatedWorkers::Sync(size_t index) {
  Worker& worker = workers_[index];
  if (!NewContext(worker)) {
    return;
  }
  worker.stub->async()->SyncWorker(
      worker.context.get(), &worker.sync, &worker.desired,
      [this, index](const grpc::Status& status) { OnSync(index, status); });
}

void SimulatedWorkers::OnSync(size_t index, const grpc::Status& status) {
  Worker& worker = workers_[index];
  if (!status.ok()) {
    ++errors_;
    CallAgain(index, kAfterError);
    return;
  }
  ++syncs_;
  const v1::DesiredState& desired = worker.desired.desired_state();
  const std::string& attempt = desired.assignment().attempt();
  const bool was_told = attempt == worker.sync.current_state().attempt();
  if (desired.action() == v1::DesiredState::ACTION_MEASURE && was_told) {
    Finish(index);
    return;
  }
  const bool measures = desired.action() == v1::DesiredState::ACTION_MEASURE;
  worker.sync.mutable_current_state()->set_attempt(measures ? attempt : "");
  CallAgain(index,
            std::chrono::milliseconds(google::protobuf::util::TimeUtil::DurationToMilliseconds(
                worker.desired.next_sync())));
}

void SimulatedWorkers::Finish(size_t index) {
  Worker& worker = workers_[index];
  worker.finish.set_attempt(worker.sync.current_state().attempt());
  {
    // The call that was answered still counts as in flight until this one does.
    const std::lock_guard<std::mutex> lock(mutex_);
    worker.context = std::make_unique<grpc::ClientContext>();
    worker.context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  }
  worker.stub->async()->FinishAttempt(
      worker.context.get(), &worker.finish, &worker.finished,
      [this, index](const grpc::Status& status) {
        ++(status.ok() ? ended_ : errors_);
        workers_[index].sync.mutable_current_state()->clear_attempt();
        CallAgain(index, std::chrono::milliseconds(0));
      });
}

void SimulatedWorkers::CallAgain(size_t index, std::chrono::milliseconds wait) {
  const std::lock_guard<std::mutex> lock(mutex_);
  --in_flight_;
  due_.emplace(std::chrono::steady_clock::now() + wait, index);
  changed_.notify_all();
}

}  // namespace cusp
