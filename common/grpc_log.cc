#include "common/grpc_log.h"

#include <grpc/support/log.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>
#include <string_view>

#include "common/log_format.h"

namespace cusp {
namespace {

// Never freed: gRPC's own threads may have something to say while statics end.
std::shared_ptr<spdlog::logger>* g_logger = nullptr;

// What gRPC calls an error is seldom ours, and never ends the service: a port scan that
// breaks off its handshake is one.
spdlog::level::level_enum LevelOf(gpr_log_severity severity) {
  switch (severity) {
    case GPR_LOG_SEVERITY_DEBUG:
      return spdlog::level::debug;
    case GPR_LOG_SEVERITY_INFO:
      return spdlog::level::info;
    case GPR_LOG_SEVERITY_ERROR:
      break;
  }
  return spdlog::level::warn;
}

void Log(gpr_log_func_args* line) {
  const std::string_view path = line->file;
  const std::string file(path.substr(path.rfind('/') + 1));
  (*g_logger)->log(LevelOf(line->severity), "gRPC reports source=grpc at={} text={}",
                   LogValue(file + ":" + std::to_string(line->line)), LogValue(line->message));
}

}  // namespace

void RouteGrpcLog() {
  if (g_logger == nullptr) {
    g_logger = new std::shared_ptr<spdlog::logger>;
  }
  *g_logger = spdlog::default_logger();
  gpr_set_log_function(Log);
}

}  // namespace cusp
