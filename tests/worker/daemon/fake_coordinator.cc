#include "tests/worker/daemon/fake_coordinator.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <utility>

#include "common/channel.h"
#include "common/check.h"

namespace cusp::worker {
namespace {

using grpc::ServerContext;
using grpc::Status;
using grpc::StatusCode;

}  // namespace

class FakeCoordinator::Workers final : public v1::WorkerService::Service {
 public:
  explicit Workers(FakeCoordinator& owner) : owner_(owner) {}

  Status RegisterWorker(ServerContext* /*context*/, const v1::RegisterWorkerRequest* request,
                        v1::RegisterWorkerResponse* /*response*/) override {
    owner_.Set([&](CoordinatorState& state) { state.worker = request->worker(); });
    return Status::OK;
  }

  Status SyncWorker(ServerContext* /*context*/, const v1::SyncWorkerRequest* request,
                    v1::SyncWorkerResponse* response) override {
    Status status;
    owner_.Set([&](CoordinatorState& state) {
      if (!state.worker || state.worker->name() != request->worker()) {
        status = Status(StatusCode::NOT_FOUND, "register first");
        return;
      }
      ++state.syncs;
      state.reported_attempt = request->current_state().attempt();
      state.reported_draining = request->current_state().draining();
      state.reported_not_ready = request->current_state().not_ready();
      *response->mutable_desired_state() = state.desired;
    });
    response->mutable_next_sync()->set_nanos(50'000'000);
    return status;
  }

  Status StreamSamples(ServerContext* context,
                       grpc::ServerReaderWriter<v1::StreamSamplesResponse,
                                                v1::StreamSamplesRequest>* stream) override {
    v1::StreamSamplesRequest request;
    while (stream->Read(&request)) {
      while (owner_.Get().silent && !context->IsCancelled()) {
        std::unique_lock lock(owner_.mutex_);
        owner_.changed_.wait_for(lock, std::chrono::milliseconds(20));
      }
      const Status status = Store(request);
      if (!status.ok()) {
        return status;
      }
      v1::StreamSamplesResponse response;
      response.set_acknowledged_sequence(request.sequence());
      stream->Write(response);
    }
    return Status::OK;
  }

  Status FinishAttempt(ServerContext* /*context*/, const v1::FinishAttemptRequest* request,
                       v1::FinishAttemptResponse* /*response*/) override {
    Status status;
    owner_.Set([&](CoordinatorState& state) {
      if (state.refused_finishes > 0) {
        --state.refused_finishes;
        status = Status(StatusCode::UNAVAILABLE, "later");
        return;
      }
      state.finishes.push_back(*request);
      state.desired.Clear();
      state.desired.set_action(v1::DesiredState::ACTION_IDLE);
    });
    return status;
  }

 private:
  Status Store(const v1::StreamSamplesRequest& request) {
    Status status;
    owner_.Set([&](CoordinatorState& state) {
      if (state.refuse_samples != StatusCode::OK) {
        status = Status(state.refuse_samples, "refused");
        return;
      }
      if (request.has_provenance()) {
        state.provenance = request.provenance();
      } else if (!state.provenance) {
        status = Status(StatusCode::INVALID_ARGUMENT, "the first message needs its provenance");
        return;
      }
      for (const v1::Block& block : request.blocks()) {
        state.repeated_blocks += state.blocks.emplace(block.block(), block).second ? 0 : 1;
      }
      if (state.lost_acknowledgements > 0) {
        --state.lost_acknowledgements;
        status = Status(StatusCode::UNAVAILABLE, "lost");
      }
    });
    return status;
  }

  FakeCoordinator& owner_;
};

class FakeCoordinator::Results final : public v1::ResultService::Service {
 public:
  explicit Results(FakeCoordinator& owner) : owner_(owner) {}

  // Pages of ten.
  Status ListBlocks(ServerContext* /*context*/, const v1::ListBlocksRequest* request,
                    v1::ListBlocksResponse* response) override {
    const CoordinatorState state = owner_.Get();
    const int64_t after = request->page_token().empty() ? 0 : std::stoll(request->page_token());
    for (auto it = state.blocks.upper_bound(after);
         it != state.blocks.end() && response->blocks_size() < 10; ++it) {
      *response->add_blocks() = it->second;
    }
    if (response->blocks_size() == 10) {
      response->set_next_page_token(std::to_string(response->blocks(9).block()));
    }
    return Status::OK;
  }

 private:
  FakeCoordinator& owner_;
};

FakeCoordinator::FakeCoordinator()
    : workers_(std::make_unique<Workers>(*this)), results_(std::make_unique<Results>(*this)) {
  state_.desired.set_action(v1::DesiredState::ACTION_IDLE);
  Start();
}

FakeCoordinator::~FakeCoordinator() { Stop(); }

std::shared_ptr<grpc::Channel> FakeCoordinator::Connect() const {
  ChannelOptions options;
  options.server = address();
  auto channel = OpenChannel(options);
  CUSP_CHECK(channel.ok());
  return *std::move(channel);
}

void FakeCoordinator::Start() {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address(), grpc::InsecureServerCredentials());
  builder.RegisterService(workers_.get());
  builder.RegisterService(results_.get());
  server_ = builder.BuildAndStart();
  CUSP_CHECK(server_ != nullptr);
}

void FakeCoordinator::Stop() {
  if (server_) {
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
    server_.reset();
  }
}

void FakeCoordinator::Set(const std::function<void(CoordinatorState&)>& change) {
  const std::lock_guard lock(mutex_);
  change(state_);
  changed_.notify_all();
}

CoordinatorState FakeCoordinator::Get() {
  const std::lock_guard lock(mutex_);
  return state_;
}

bool FakeCoordinator::WaitFor(const std::function<bool(const CoordinatorState&)>& wanted) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return wanted(state_); });
}

}  // namespace cusp::worker
