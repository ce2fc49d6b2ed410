// A request of any service, as it comes from outside: the first line names the method,
// the rest is the message. A whole coordinator in this process answers.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/check.h"
#include "cusp/v1/admin_service.grpc.pb.h"
#include "cusp/v1/job_service.grpc.pb.h"
#include "cusp/v1/result_service.grpc.pb.h"
#include "cusp/v1/worker_service.grpc.pb.h"
#include "server/api/coordinator.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace {

// Calls that wait for something to happen end so.
constexpr auto kDeadline = std::chrono::milliseconds(20);

// Kept over inputs: what one made, another finds.
class Service {
 public:
  Service() {
    auto folder = cusp::server::DataFolder::Open(dir_.Join("data"));
    CUSP_CHECK(folder.ok());
    auto store = cusp::server::Store::Open(*std::move(folder), clock_);
    CUSP_CHECK(store.ok());
    auto coordinator = cusp::server::Coordinator::StartInProcess(*std::move(store), clock_);
    CUSP_CHECK(coordinator.ok());
    coordinator_ = *std::move(coordinator);
    stub_ = std::make_unique<grpc::GenericStub>(coordinator_->InProcessChannel());
  }

  grpc::Status Call(const std::string& method, std::string_view message) {
    grpc::CompletionQueue queue;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kDeadline);
    const auto call = stub_->PrepareCall(&context, method, &queue);
    void* tag = nullptr;
    bool ok = false;
    call->StartCall(nullptr);
    queue.Next(&tag, &ok);
    const grpc::Slice slice(message.data(), message.size());
    call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
    queue.Next(&tag, &ok);
    grpc::ByteBuffer response;
    do {
      call->Read(&response, nullptr);
      queue.Next(&tag, &ok);
    } while (ok);
    grpc::Status status;
    call->Finish(&status, nullptr);
    queue.Next(&tag, &ok);
    queue.Shutdown();
    return status;
  }

 private:
  cusp::TempDir dir_;
  cusp::FakeClock clock_;
  std::unique_ptr<cusp::server::Coordinator> coordinator_;
  std::unique_ptr<grpc::GenericStub> stub_;
};

const google::protobuf::MethodDescriptor* FindMethod(const std::string& name) {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  for (const char* service :
       {cusp::v1::AdminService::service_full_name(), cusp::v1::JobService::service_full_name(),
        cusp::v1::ResultService::service_full_name(),
        cusp::v1::WorkerService::service_full_name()}) {
    if (const auto* method = pool->FindServiceByName(service)->FindMethodByName(name)) {
      return method;
    }
  }
  return nullptr;
}

// Of what is no whole message, what could be read of it; nothing where that is no
// message either, as with text that is no UTF-8: gRPC refuses it before we see it.
std::optional<std::string> Readable(const google::protobuf::MethodDescriptor& method,
                                    std::string_view message) {
  const std::unique_ptr<google::protobuf::Message> request(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(method.input_type())
          ->New());
  (void)request->ParsePartialFromString(std::string(message));
  std::string bytes = request->SerializePartialAsString();
  return request->ParseFromString(bytes) ? std::optional<std::string>(std::move(bytes))
                                         : std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto& service = *new Service();
  // It would tell of each text that is no UTF-8.
  [[maybe_unused]] static auto* const before = google::protobuf::SetLogHandler(nullptr);
  const std::string_view text = cusp::fuzz::TextOf(data, size);
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) {
    return 0;
  }
  const auto* method = FindMethod(std::string(text.substr(0, end)));
  if (method == nullptr) {
    return 0;
  }
  const std::optional<std::string> message = Readable(*method, text.substr(end + 1));
  if (!message.has_value()) {
    return 0;
  }
  const grpc::Status status =
      service.Call("/" + method->service()->full_name() + "/" + method->name(), *message);
  // Anything that blames the caller will do.
  CUSP_CHECK(status.error_code() != grpc::StatusCode::UNKNOWN);
  CUSP_CHECK(status.error_code() != grpc::StatusCode::INTERNAL);
  CUSP_CHECK(status.error_code() != grpc::StatusCode::DATA_LOSS);
  CUSP_CHECK(status.error_code() != grpc::StatusCode::UNIMPLEMENTED);
  return 0;
}
