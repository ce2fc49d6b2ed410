// cusp-worker: measures what a coordinator gives it.
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "common/channel.h"
#include "common/clock.h"
#include "common/core_dumps.h"
#include "common/file.h"
#include "common/grpc_log.h"
#include "common/log_format.h"
#include "common/status_macros.h"
#include "common/subprocess.h"
#include "worker/daemon/daemon.h"
#include "worker/daemon/device_facts.h"
#include "worker/daemon/device_guard.h"
#include "worker/daemon/runner_process.h"
#include "worker/daemon/self_test.h"
#include "worker/daemon/self_test_text.h"
#include "worker/daemon/weights_cache.h"
#include "worker/daemon/worker_options.h"

namespace {

constexpr size_t kMaxProcFile = 1U << 20U;

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

absl::StatusOr<std::shared_ptr<const cusp::worker::WeightsCache>> OpenWeightsCache(
    const cusp::worker::WorkerOptions& flags) {
  // A size is a limit of memory without a share of anything.
  auto max_bytes = cusp::worker::ParseMemoryLimit(flags.weights_cache_size, 0);
  if (!max_bytes.ok() || flags.weights_cache_size.find('%') != std::string::npos) {
    return absl::InvalidArgumentError("--weights-cache-size '" + flags.weights_cache_size +
                                      "': a number of bytes, with K, M, G or T");
  }
  if (flags.weights_cache.empty()) {
    spdlog::warn("no folder for weights is known, so none are fetched; see --weights-cache");
    return nullptr;
  }
  return std::make_shared<const cusp::worker::WeightsCache>(flags.weights_cache, *max_bytes);
}

absl::StatusOr<std::optional<cusp::worker::Sandbox>> MakeSandbox(
    const cusp::worker::WorkerOptions& flags) {
  cusp::worker::Sandbox::Options options;
  options.runner = flags.runner;
  options.hidden_files = {flags.channel.token_file, flags.channel.key_file};
  const std::string unix_prefix = "unix:";
  if (flags.channel.server.rfind(unix_prefix, 0) == 0) {
    options.hidden_files.push_back(flags.channel.server.substr(unix_prefix.size()));
  }
  const char* path = std::getenv("PATH");
  const auto mode = cusp::worker::SandboxModeOf(flags.sandbox);
  std::string note;
  auto sandbox =
      cusp::worker::ChooseSandbox(mode, path == nullptr ? "" : path, std::move(options), note);
  if (sandbox.ok()) {
    const bool missed = !sandbox->has_value() && mode != cusp::worker::SandboxMode::kOff;
    spdlog::log(missed ? spdlog::level::warn : spdlog::level::info, "{}", note);
  }
  return sandbox;
}

// Of a GPU takes the guard too.
absl::StatusOr<cusp::worker::DaemonOptions> MakeDaemonOptions(
    const cusp::worker::WorkerOptions& flags, std::optional<cusp::worker::DeviceGuard>& guard) {
  cusp::worker::DaemonOptions options;
  options.once = flags.once;
  options.register_only = flags.register_only;
  cusp::worker::SessionOptions& session = options.session;
  session.host = cusp::worker::ReadHostFacts();
  session.runner = flags.runner;
  CUSP_ASSIGN_OR_RETURN(session.sandbox, MakeSandbox(flags));
  session.device = cusp::worker::ResolveDevice(flags.device);
  session.call_timeout = std::chrono::duration_cast<cusp::Clock::Duration>(
      std::chrono::duration<double>(flags.call_timeout_seconds));
  const int64_t available = cusp::worker::AvailableMemory(
      cusp::ReadFile("/proc/meminfo", kMaxProcFile).value_or(""),
      cusp::ReadFile("/sys/fs/cgroup/memory.max", kMaxProcFile).value_or(""));
  CUSP_ASSIGN_OR_RETURN(session.memory_limit_bytes,
                        cusp::worker::ParseMemoryLimit(flags.memory_limit, available));
  cusp::worker::RunnerProcessLauncher launcher(session.runner, session.sandbox);
  CUSP_ASSIGN_OR_RETURN(session.weights, OpenWeightsCache(flags));
  CUSP_ASSIGN_OR_RETURN(
      const auto facts,
      cusp::worker::AskRunner(launcher, session.device,
                              session.device == "cpu" ? session.memory_limit_bytes : 0));
  if (const std::string& device = facts.started.pci_bus_id(); !device.empty()) {
    CUSP_ASSIGN_OR_RETURN(guard, cusp::worker::DeviceGuard::Take(device));
  }
  if (auto instruments = cusp::worker::OpenInstruments(facts.started); instruments.ok()) {
    session.instruments = *std::move(instruments);
  } else {
    spdlog::debug("energy is not available: {}", std::string(instruments.status().message()));
  }
  const std::string name = flags.name.empty()
                               ? cusp::worker::DefaultName(session.host.host, session.device)
                               : flags.name;
  options.worker = cusp::worker::DescribeWorker(name, session.host, facts);
  session.speed = options.worker.speed();
  if (!facts.speed.ok()) {
    spdlog::warn("the device's speed is not known, so nothing is predicted error={}",
                 cusp::LogValue(std::string(facts.speed.status().message())));
  }
  return options;
}

// Serves until it ends by itself or by signals: the first one drains, the
// second one stops at once, unless it is the echo of the first: `timeout`
// signals the process and then its group.
absl::Status Serve(cusp::worker::Daemon& daemon) {
  absl::Status status;
  std::atomic<bool> ended = false;
  std::thread loop([&] {
    status = daemon.Run();
    ended = true;
  });
  const sigset_t signals = StopSignals();
  const timespec tick{.tv_sec = 0, .tv_nsec = 100'000'000};
  constexpr auto kEcho = std::chrono::milliseconds(200);
  std::chrono::steady_clock::time_point drained;
  bool draining = false;
  while (!ended) {
    if (sigtimedwait(&signals, nullptr, &tick) < 0) {
      continue;
    }
    if (draining && std::chrono::steady_clock::now() - drained < kEcho) {
      continue;
    }
    if (draining) {
      spdlog::warn("stopping at once");
      daemon.StopNow();
    } else {
      spdlog::info("draining: giving the sweep back after its block; once more stops at once");
      daemon.Drain();
      drained = std::chrono::steady_clock::now();
    }
    draining = true;
  }
  loop.join();
  return status;
}

int Fail(const absl::Status& status, int code) {
  spdlog::error("{}", std::string(status.message()));
  return code;
}

// 0, or 1 where a model differs from its copy.
int SelfTest(const cusp::worker::WorkerOptions& flags) {
  auto sandbox = MakeSandbox(flags);
  if (!sandbox.ok()) {
    return Fail(sandbox.status(), 1);
  }
  cusp::worker::RunnerProcessLauncher launcher(flags.runner, *std::move(sandbox));
  cusp::worker::SelfTestOptions options;
  options.device = cusp::worker::ResolveDevice(flags.device);
  options.threads = flags.threads;
  options.noise.cpus = cusp::worker::ReadHostFacts().cpus;
  const auto report = cusp::worker::RunSelfTest(
      launcher, options, [](const std::string& part) { spdlog::info("{}", part); });
  if (!report.ok()) {
    return Fail(report.status(), 1);
  }
  std::fputs((flags.json ? ToJson(*report) : ToText(*report)).c_str(), stdout);
  return report->Differs() ? 1 : 0;
}

// Exit codes are those of `cusp`.
int ExitCodeOf(const absl::Status& status) {
  return absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status) ? 4 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  cusp::ForbidCoreDumps();
  const auto parsed = cusp::worker::ParseCommandLine(argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) {
    return *code;
  }
  const auto& flags = std::get<cusp::worker::WorkerOptions>(parsed);
  // Before any thread exists: gRPC's threads must not take these signals.
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  if (std::getenv("CUSP_DIE_WITH_PARENT") != nullptr) {
    cusp::DieWithParent();
  }
  spdlog::set_default_logger(spdlog::stderr_color_mt("cusp-worker"));
  spdlog::set_formatter(cusp::MakeLogFormatter(flags.log_format));
  spdlog::set_level(spdlog::level::from_str(flags.log_level));
  cusp::RouteGrpcLog();

  if (flags.self_test) {
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    return SelfTest(flags);
  }
  const auto channel = cusp::OpenChannel(flags.channel);
  if (!channel.ok()) {
    return Fail(channel.status(), 2);
  }
  // Held until the process ends.
  std::optional<cusp::worker::DeviceGuard> guard;
  auto options = MakeDaemonOptions(flags, guard);
  if (!options.ok()) {
    return Fail(options.status(), absl::IsInvalidArgument(options.status()) ? 2 : 1);
  }
  cusp::worker::Coordinator coordinator(*channel);
  const cusp::SystemClock clock;
  cusp::worker::Daemon daemon(*std::move(options), coordinator, clock);
  const absl::Status status = Serve(daemon);
  return status.ok() ? 0 : Fail(status, ExitCodeOf(status));
}
