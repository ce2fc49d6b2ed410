// cuspd: the coordinator.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <memory>
#include <string>

#include "common/clock.h"
#include "common/core_dumps.h"
#include "common/grpc_log.h"
#include "common/log_format.h"
#include "common/process_limits.h"
#include "common/subprocess.h"
#include "common/version.h"
#include "server/api/coordinator.h"

namespace {

constexpr int kExitError = 1;
constexpr int kExitUsage = 2;

// Why there is no start: plain words for who reads them, a line of the log for a machine.
void TellWhy(const absl::Status& status, bool in_log) {
  const std::string why(status.message());
  if (in_log && spdlog::should_log(spdlog::level::err)) {
    spdlog::error("not started reason={}", cusp::LogValue(why));
  } else {
    std::fprintf(stderr, "cuspd: %s\n", why.c_str());
  }
}

int Serve(const cusp::server::CoordinatorOptions& options, bool json_log) {
  // Blocked before any thread starts, so that only this one takes them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  // Database, socket and tokens are nobody else's business.
  umask(S_IRWXG | S_IRWXO);
  cusp::RaiseDescriptorLimit();

  const cusp::SystemClock clock;
  auto coordinator = cusp::server::Coordinator::Start(options, clock);
  if (!coordinator.ok()) {
    TellWhy(coordinator.status(), json_log);
    return absl::IsInvalidArgument(coordinator.status()) ? kExitUsage : kExitError;
  }
  std::printf("listening on %s\n", (*coordinator)->address().c_str());
  std::fflush(stdout);
  spdlog::info("started version={} data={} address={} metrics={}", cusp::kVersion,
               cusp::LogValue(options.data_folder), (*coordinator)->address(),
               cusp::LogValue((*coordinator)->metrics_address()));
  int signal = -1;
  while (signal < 0) {
    const std::chrono::nanoseconds wait = (*coordinator)->Tick();  // below a second
    const timespec timeout{0, wait.count()};
    signal = sigtimedwait(&signals, nullptr, &timeout);
  }
  spdlog::info("stopping signal={}", signal);
  (*coordinator)->Stop();
  coordinator->reset();
  spdlog::info("stopped");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  cusp::ForbidCoreDumps();
  if (std::getenv("CUSP_DIE_WITH_PARENT") != nullptr) {
    cusp::DieWithParent();
  }
  CLI::App app("Cusp's coordinator: queue, leases, storage and results of profiling jobs.");
  app.set_version_flag("--version", std::string("cuspd ") + cusp::kVersion);
  app.require_subcommand(1);
  CLI::App* serve = app.add_subcommand("serve", "Serves until SIGTERM or SIGINT.");
  cusp::server::CoordinatorOptions options;
  std::string log_level = "info";
  std::string log_format = "text";
  int64_t keep_days = 0;
  serve->add_option("--data", options.data_folder, "Folder of database, socket and tokens")
      ->required();
  serve->add_option("--listen", options.listen,
                    "unix:PATH (mode 0600, no token) or HOST:PORT (token always; TLS unless "
                    "loopback); default unix:DATA/cuspd.sock");
  serve->add_option("--tls-cert", options.tls_cert_file, "Certificate chain, PEM");
  serve->add_option("--tls-key", options.tls_key_file, "Its private key, PEM, mode 0600");
  serve->add_option("--client-ca", options.client_ca_file,
                    "Clients need a certificate of this authority, PEM");
  serve->add_option("--metrics-listen", options.operations.metrics_listen,
                    "HOST:PORT of the loopback interface for /metrics, /healthz and /readyz");
  serve
      ->add_option("--keep-samples", keep_days,
                   "Drop samples of jobs that ended so long ago, such as 180d; default: never")
      ->transform(CLI::AsNumberWithUnit(std::map<std::string, int64_t>{{"d", 1}},
                                        CLI::AsNumberWithUnit::UNIT_REQUIRED))
      ->check(CLI::Range(int64_t{1}, int64_t{100'000}));
  serve->add_option("--log-format", log_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  serve->add_option("--log-level", log_level, "debug, info, warning, error or off")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("cuspd", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  spdlog::set_formatter(cusp::MakeLogFormatter(log_format));
  spdlog::set_level(spdlog::level::from_str(log_level));
  cusp::RouteGrpcLog();
  options.operations.keep_samples = std::chrono::hours(24) * keep_days;
  return Serve(options, log_format == "json");
}
