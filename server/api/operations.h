// What a coordinator offers beside jobs: SQL, archives, operations, monitoring.
#pragma once

#include <grpcpp/server_builder.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/clock.h"
#include "server/api/archive_service.h"
#include "server/api/call_log.h"
#include "server/api/gate.h"
#include "server/api/http_endpoint.h"
#include "server/api/job_view.h"
#include "server/api/live_board.h"
#include "server/api/operations_service.h"
#include "server/api/query_service.h"
#include "server/api/retention.h"
#include "server/api/slow_calls.h"
#include "server/store/store.h"

namespace cusp::server {

// What `cuspd serve` is told of it.
struct OperationsOptions {
  std::string metrics_listen;             // HOST:PORT; empty: no HTTP
  Clock::Duration keep_samples{};         // zero: for ever
  std::vector<std::string> certificates;  // files whose expiry is watched
};

// Owns those services and their threads. Thread-safe.
class Operations {
 public:
  struct Dependencies {
    const Gate& gate;
    Store& store;
    const JobView& view;
    const LiveBoard& board;
    const CallLog& calls;
    const Clock& clock;
  };

  explicit Operations(const Dependencies& deps);

  // Before the server is built.
  void Register(grpc::ServerBuilder& builder);

  // Opens the pages and takes up the policy. As HttpEndpoint::Start().
  absl::Status Start(const OperationsOptions& options);

  // Where the pages are, or "".
  std::string metrics_address() const { return http_ == nullptr ? "" : http_->address(); }

  // To be called several times a second.
  void Tick();

  // Refuses long calls from now on, and has those that run end soon.
  void Refuse() { slow_.Refuse(); }

  // Closes the pages, and waits for slow calls that run. After the gRPC server.
  void Stop();

 private:
  HttpAnswer Metrics() const;
  HttpAnswer Ready() const;

  const Dependencies deps_;
  const Clock::Monotonic started_;
  SlowCalls slow_;
  QueryService queries_;
  ArchiveService archives_;
  OperationsService operations_;
  std::unique_ptr<Retention> retention_;
  std::unique_ptr<HttpEndpoint> http_;
};

}  // namespace cusp::server
