#include "tests/e2e/acked_submitter.h"

#include <grpcpp/create_channel.h>

#include <chrono>

#include "common/ids.h"

namespace cusp::e2e {
namespace {

constexpr std::chrono::seconds kCall{5};
constexpr std::chrono::milliseconds kBetweenTries{20};
constexpr char kNobodysDevice[] = "nobodys";

std::shared_ptr<grpc::Channel> Connect(const std::string& server) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  return grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

v1::JobSpec SmallSpec(const std::string& device) {
  v1::JobSpec spec;
  spec.set_name("small");
  spec.set_device(device);
  spec.add_baselines()->set_model("bert");
  spec.add_candidates()->set_model("longformer");
  spec.mutable_candidates(0)->set_config_json(R"({"attention_window": 128})");
  spec.mutable_lengths()->set_min(64);
  spec.mutable_lengths()->set_max(2048);
  return spec;
}

AckedSubmitter::AckedSubmitter(const std::string& server)
    : stub_(v1::JobService::NewStub(Connect(server))) {
  thread_ = std::thread([this] { Loop(); });
}

void AckedSubmitter::Stop() {
  stopping_ = true;
  if (thread_.joinable()) {
    thread_.join();
  }
}

void AckedSubmitter::Loop() {
  v1::SubmitJobRequest request;
  *request.mutable_spec() = SmallSpec(kNobodysDevice);
  while (!stopping_) {
    request.set_request_id(NewUuid());
    grpc::Status status;
    v1::SubmitJobResponse response;
    do {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + kCall);
      status = stub_->SubmitJob(&context, request, &response);
      std::this_thread::sleep_for(kBetweenTries);
    } while (status.error_code() == grpc::StatusCode::UNAVAILABLE ||
             status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
             status.error_code() == grpc::StatusCode::CANCELLED);
    if (status.ok()) {
      acknowledged_.push_back(response.job().name().substr(sizeof("jobs/") - 1));
    } else {
      refusals_.push_back(status.error_message());
    }
  }
}

}  // namespace cusp::e2e
