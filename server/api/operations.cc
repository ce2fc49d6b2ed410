#include "server/api/operations.h"

#include <chrono>
#include <utility>

#include "common/status_macros.h"
#include "server/api/figures.h"
#include "server/api/metrics_text.h"

namespace cusp::server {
namespace {

// Long calls are rare and mostly read: more at once would take processors and memory
// from what the service is for.
constexpr size_t kSlowThreads = 4;
constexpr size_t kSlowWaiting = 16;
constexpr int kOk = 200;
constexpr int kUnavailable = 503;
constexpr char kMetricsType[] = "text/plain; version=0.0.4; charset=utf-8";

HttpAnswer AnswerOf(const absl::Status& status) {
  return {.status = status.ok() ? kOk : kUnavailable,
          .body = status.ok() ? "ok\n" : std::string(status.message()) + "\n"};
}

}  // namespace

Operations::Operations(const Dependencies& deps)
    : deps_(deps),
      started_(deps.clock.Now()),
      slow_({.threads = kSlowThreads, .waiting = kSlowWaiting}),
      queries_(deps.gate, deps.store, deps.clock, slow_),
      archives_(deps.gate, deps.store, deps.view, slow_),
      operations_({deps.gate, deps.store, deps.board, deps.clock, slow_}) {}

void Operations::Register(grpc::ServerBuilder& builder) {
  builder.RegisterService(&queries_);
  builder.RegisterService(&archives_);
  builder.RegisterService(&operations_);
}

absl::Status Operations::Start(const OperationsOptions& options) {
  operations_.SetCertificates(options.certificates);
  retention_ = std::make_unique<Retention>(deps_.store, deps_.clock, options.keep_samples);
  if (options.metrics_listen.empty()) {
    return absl::OkStatus();
  }
  CUSP_ASSIGN_OR_RETURN(
      http_, HttpEndpoint::Start(options.metrics_listen,
                                 {{"/metrics", [this] { return Metrics(); }},
                                  {"/healthz", [] { return AnswerOf(absl::OkStatus()); }},
                                  {"/readyz", [this] { return Ready(); }}}));
  return absl::OkStatus();
}

void Operations::Tick() {
  if (retention_ != nullptr) {
    retention_->Tick();
  }
}

void Operations::Stop() {
  http_.reset();
  slow_.Stop();
}

HttpAnswer Operations::Metrics() const {
  absl::StatusOr<ServiceFigures> figures = ReadFigures(deps_.store, deps_.board, deps_.calls);
  if (!figures.ok()) {
    return AnswerOf(figures.status());
  }
  figures->uptime_seconds = std::chrono::duration<double>(deps_.clock.Now() - started_).count();
  return {.status = kOk, .body = MetricsText(*figures), .content_type = kMetricsType};
}

HttpAnswer Operations::Ready() const { return AnswerOf(CheckReady(deps_.store)); }

}  // namespace cusp::server
