// One place that sees every call: for the log, and for counting.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_interceptor.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/clock.h"

namespace google::protobuf {
class Message;
}

namespace cusp::server {

// Logs one line for each call at its end: its number, method, user, status, time, and
// the ids that its request bears. Never headers, which hold tokens, nor messages.
// Thread-safe; outlives the server.
class CallLog {
 public:
  explicit CallLog(const Clock& clock);

  // Who makes the call, once that is known.
  void Identify(const grpc::ServerContextBase* context, const std::string& user);

  // Calls that ended, by method ("JobService/SubmitJob") and status ("OK").
  using Counts = std::map<std::pair<std::string, std::string>, int64_t>;
  Counts Read() const;

  // For grpc::ServerBuilder::experimental().SetInterceptorCreators().
  static std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
  Interceptors(CallLog& log);

 private:
  friend class CallInterceptor;

  // What is known of a call at its end.
  struct Call {
    std::string method;
    std::string ids;     // "request_id=… job=…", as in a log line
    std::string status;  // name of its code
    Clock::Monotonic start;
  };

  Clock::Monotonic Now() const { return clock_.Now(); }
  void End(const grpc::ServerContextBase* context, const Call& call);

  const Clock& clock_;
  const std::string run_;  // tells this process's calls from those of the next one
  std::atomic<int64_t> number_{0};
  mutable std::mutex mutex_;
  // Of calls that run.
  std::unordered_map<const grpc::ServerContextBase*, std::string> users_;  // guarded by mutex_
  Counts counts_;                                                          // guarded by mutex_
};

// The ids among the fields of a request, as "key=value" with a space between.
std::string IdsOf(const google::protobuf::Message& request);

}  // namespace cusp::server
