#include "server/api/call_log.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <spdlog/spdlog.h>

#include <array>
#include <string_view>

#include "absl/status/status.h"
#include "common/ids.h"
#include "common/log_format.h"

namespace cusp::server {
namespace {

using grpc::experimental::InterceptionHookPoints;

constexpr std::string_view kOurs = "/cusp.v1.";
constexpr std::string_view kPeriodic = "WorkerService/SyncWorker";
constexpr size_t kMaxIdBytes = 200;
// Far more than there are methods and codes.
constexpr size_t kMaxCounters = 1000;

// Fields of requests that name what a call is about.
constexpr std::array<std::string_view, 6> kIdFields = {"request_id", "name",    "job",
                                                       "sweep",      "attempt", "worker"};

std::string CodeName(grpc::StatusCode code) {
  return absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
}

spdlog::level::level_enum LevelOf(std::string_view method, std::string_view status) {
  if (status == "INTERNAL" || status == "DATA_LOSS" || status == "UNKNOWN") {
    return spdlog::level::err;
  }
  if (status == "RESOURCE_EXHAUSTED" || status == "UNAUTHENTICATED" ||
      status == "PERMISSION_DENIED") {
    return spdlog::level::warn;
  }
  // Every worker syncs every few seconds.
  return method == kPeriodic && (status == "OK" || status == "CANCELLED") ? spdlog::level::debug
                                                                          : spdlog::level::info;
}

}  // namespace

// Follows one call. gRPC owns it, and calls it from one thread at a time.
class CallInterceptor final : public grpc::experimental::Interceptor {
 public:
  CallInterceptor(CallLog& log, grpc::experimental::ServerRpcInfo* info)
      : log_(log), context_(info->server_context()) {
    call_.method = std::string_view(info->method()).substr(kOurs.size());
    call_.start = log.Now();
  }

  ~CallInterceptor() override {
    if (call_.status.empty()) {  // nobody was left to send one to
      call_.status = CodeName(grpc::StatusCode::CANCELLED);
    }
    log_.End(context_, call_);
  }

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE) &&
        call_.ids.empty()) {
      // Of our services every message is one of protobuf's.
      const auto* request =
          static_cast<const google::protobuf::Message*>(methods->GetRecvMessage());
      call_.ids = request == nullptr ? "" : IdsOf(*request);
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      call_.status = CodeName(methods->GetSendStatus().error_code());
    }
    methods->Proceed();
  }

 private:
  CallLog& log_;
  const grpc::ServerContextBase* const context_;
  CallLog::Call call_;
};

namespace {

class CallInterceptorFactory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit CallInterceptorFactory(CallLog& log) : log_(log) {}

  // Nothing for health checks and reflection, whose messages are no protobuf here.
  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override {
    return std::string_view(info->method()).starts_with(kOurs) ? new CallInterceptor(log_, info)
                                                               : nullptr;
  }

 private:
  CallLog& log_;
};

}  // namespace

CallLog::CallLog(const Clock& clock) : clock_(clock), run_(NewShortId().substr(0, 5)) {}

void CallLog::Identify(const grpc::ServerContextBase* context, const std::string& user) {
  const std::lock_guard<std::mutex> lock(mutex_);
  users_[context] = user;
}

CallLog::Counts CallLog::Read() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return counts_;
}

std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
CallLog::Interceptors(CallLog& log) {
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> creators;
  creators.push_back(std::make_unique<CallInterceptorFactory>(log));
  return creators;
}

void CallLog::End(const grpc::ServerContextBase* context, const Call& call) {
  std::string user;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (const auto found = users_.find(context); found != users_.end()) {
      user = std::move(found->second);
      users_.erase(found);
    }
    const auto key = std::make_pair(call.method, call.status);
    if (counts_.size() < kMaxCounters || counts_.contains(key)) {
      ++counts_[key];
    }
  }
  const std::chrono::duration<double, std::milli> time = clock_.Now() - call.start;
  spdlog::log(LevelOf(call.method, call.status),
              "call id={}-{} method={} user={} status={} ms={:.2f}{}{}", run_, ++number_,
              call.method, LogValue(user), call.status, time.count(), call.ids.empty() ? "" : " ",
              call.ids);
}

std::string IdsOf(const google::protobuf::Message& request) {
  const google::protobuf::Descriptor& type = *request.GetDescriptor();
  std::string ids;
  for (const std::string_view name : kIdFields) {
    const auto* field = type.FindFieldByName(std::string(name));
    if (field == nullptr || field->is_repeated() ||
        field->type() != google::protobuf::FieldDescriptor::TYPE_STRING) {
      continue;
    }
    const std::string value = request.GetReflection()->GetString(request, field);
    if (!value.empty()) {
      // `name` is that of a job wherever a request has one.
      ids += (ids.empty() ? "" : " ") + std::string(name == "name" ? "job" : name) + "=" +
             LogValue(value.substr(0, kMaxIdBytes));
    }
  }
  return ids;
}

}  // namespace cusp::server
