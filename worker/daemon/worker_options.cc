#include "worker/daemon/worker_options.h"

#include <CLI/CLI.hpp>
#include <cctype>
#include <cmath>
#include <iostream>
#include <limits>
#include <sstream>

#include "common/file.h"
#include "common/version.h"
#include "worker/daemon/weights_cache.h"

namespace cusp::worker {
namespace {

constexpr int kBadUsage = 2;
constexpr size_t kMaxNameLength = 63;

void AddFlags(CLI::App& app, WorkerOptions& options) {
  app.add_option("--server", options.channel.server, "Coordinator: unix:PATH or HOST:PORT")
      ->envname("CUSP_SERVER");
  app.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")
      ->check(CLI::Validator(
          [](const std::string& text) {
            const bool numbered = text.rfind("cuda:", 0) == 0 && text.size() > 5 &&
                                  text.find_first_not_of("0123456789", 5) == std::string::npos;
            const bool known = text == "auto" || text == "cpu" || text == "cuda" || numbered;
            return known ? std::string() : "'" + text + "': auto, cpu, cuda or cuda:N";
          },
          "DEVICE"));
  app.add_option("--name", options.name, "Name of this worker, unique (default: host and device)");
  app.add_option("--token-file", options.channel.token_file, "File with this worker's token")
      ->envname("CUSP_TOKEN_FILE");
  app.add_option("--ca", options.channel.ca_file, "Certificates that vouch for the coordinator")
      ->envname("CUSP_CA");
  app.add_option("--cert", options.channel.cert_file, "Own certificate");
  app.add_option("--key", options.channel.key_file, "Key of --cert");
  app.add_option("--runner", options.runner,
                 "The runner (default: cusp-runner beside this program)")
      ->envname("CUSP_RUNNER");
  app.add_option("--memory-limit", options.memory_limit,
                 "Data limit of a runner on a CPU: bytes (K, M, G, T) or a share of what is "
                 "available; 0: none")
      ->capture_default_str();
  app.add_option("--sandbox", options.sandbox,
                 "auto, on or off: start the runner by bubblewrap, without network and with a "
                 "read-only file system; auto does where that is installed and works, on refuses "
                 "to start without")
      ->check(CLI::IsMember({"auto", "on", "off"}))
      ->envname("CUSP_SANDBOX")
      ->capture_default_str();
  app.add_option("--call-timeout", options.call_timeout_seconds,
                 "Seconds after which a runner that gives no answer counts as hung; steps known "
                 "to take long get more")
      ->check(CLI::Range(0.01, 86400.0))
      ->capture_default_str();
  app.add_option("--weights-cache", options.weights_cache,
                 "Folder of weights that were fetched from the coordinator")
      ->default_str(options.weights_cache);
  app.add_option("--weights-cache-size", options.weights_cache_size,
                 "Bytes (K, M, G, T) beyond which those not used for the longest go; 0: no limit")
      ->capture_default_str();
  app.add_flag("--once", options.once, "End after one sweep");
  CLI::Option* self_test = app.add_flag(
      "--self-test", options.self_test,
      "Tell what this machine can tell apart, and end: 0 where a model does not differ from its "
      "copy, 1 where it does");
  app.add_flag("--json", options.json, "Print the self-test as JSON")->needs(self_test);
  app.add_option("--threads", options.threads, "CPU threads of the self-test (default: all cores)")
      ->needs(self_test)
      ->check(CLI::Range(1, 1024));
  app.add_flag("--register-only", options.register_only,
               "Tell the coordinator what the device is and how fast, and end");
  app.add_option("--log-level", options.log_level, "trace, debug, info, warn, error or off")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  app.add_option("--log-format", options.log_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  app.set_version_flag("--version", std::string("cusp-worker ") + kVersion);
}

}  // namespace

std::variant<WorkerOptions, int> ParseCommandLine(int argc, const char* const* argv) {
  WorkerOptions options;
  options.weights_cache = DefaultWeightsCache();
  CLI::App app("Measures the sweeps that a coordinator gives it, on one device.", "cusp-worker");
  AddFlags(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadUsage;
  }
  if (options.channel.server.empty() && !options.self_test) {
    return app.exit(CLI::RequiredError("--server")) == 0 ? 0 : kBadUsage;
  }
  if (options.runner.empty()) {
    const auto directory = ExecutableDirectory();
    if (!directory.ok()) {
      std::cerr << "cusp-worker: " << directory.status().message() << "; name it with --runner\n";
      return kBadUsage;
    }
    options.runner = *directory + "/cusp-runner";
  }
  return options;
}

absl::StatusOr<int64_t> ParseMemoryLimit(const std::string& text, int64_t available_bytes) {
  std::istringstream in(text);
  double number = 0;
  std::string unit;
  in >> number;
  if (!in || !(number >= 0)) {
    return absl::InvalidArgumentError("memory limit '" + text + "': a number of bytes, or N%");
  }
  in >> unit;
  double factor = 1;
  if (unit == "%" && number <= 100) {
    factor = static_cast<double>(available_bytes) / 100;
  } else if (!unit.empty()) {
    const size_t power = std::string("KMGT").find(unit.front());
    if (power == std::string::npos || unit.size() > 1) {
      return absl::InvalidArgumentError("memory limit '" + text +
                                        "': bytes with K, M, G or T, or a share up to 100%");
    }
    factor = std::pow(1024.0, static_cast<double>(power + 1));
  }
  const double bytes = number * factor;
  if (bytes >= static_cast<double>(std::numeric_limits<int64_t>::max())) {
    return absl::InvalidArgumentError("memory limit '" + text + "' is too large");
  }
  return static_cast<int64_t>(bytes);
}

int64_t AvailableMemory(std::string_view meminfo, std::string_view cgroup_max) {
  int64_t available = 0;
  const std::string key = "MemAvailable:";
  if (const size_t at = meminfo.find(key); at != std::string_view::npos) {
    std::istringstream(std::string(meminfo.substr(at + key.size(), 64))) >> available;
    available *= 1024;
  }
  int64_t limit = 0;
  // "max" where there is none.
  if (std::istringstream(std::string(cgroup_max)) >> limit && limit > 0) {
    available = available == 0 ? limit : std::min(available, limit);
  }
  return available;
}

std::string DefaultName(const std::string& host, const std::string& device) {
  std::string name;
  for (const char c : host + "-" + device) {
    const auto byte = static_cast<unsigned char>(c);
    name += std::isalnum(byte) != 0 ? static_cast<char>(std::tolower(byte)) : '-';
  }
  // The end tells devices of one host apart, so the beginning is cut.
  return name.size() > kMaxNameLength ? name.substr(name.size() - kMaxNameLength) : name;
}

}  // namespace cusp::worker
