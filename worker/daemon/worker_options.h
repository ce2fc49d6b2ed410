// The command line of cusp-worker.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/statusor.h"
#include "common/channel.h"

namespace cusp::worker {

struct WorkerOptions {
  ChannelOptions channel;
  std::string device = "auto";
  std::string name;  // empty: host name and device
  std::string runner;
  std::string memory_limit = "80%";
  std::string sandbox = "auto";
  bool once = false;
  bool self_test = false;  // then no coordinator is needed
  bool json = false;       // of the self-test
  int threads = 0;         // of the self-test; 0: all cores
  bool register_only = false;
  std::string log_level = "info";
  std::string log_format = "text";  // or "json"
  double call_timeout_seconds = 30;
  std::string weights_cache;  // folder; empty: none
  std::string weights_cache_size = "50G";
};

// The options, or the exit code with which to end: 0 after --help and
// --version, 2 for a bad command line; the text has been printed. Takes server,
// token file and CA from CUSP_SERVER, CUSP_TOKEN_FILE and CUSP_CA, the
// runner from CUSP_RUNNER and its sandbox from CUSP_SANDBOX, where no flag gives them.
std::variant<WorkerOptions, int> ParseCommandLine(int argc, const char* const* argv);

// Bytes that `text` means: "80%" of `available_bytes`, or a number with K, M, G
// or T (powers of 1024); "0" is no limit. INVALID_ARGUMENT.
absl::StatusOr<int64_t> ParseMemoryLimit(const std::string& text, int64_t available_bytes);

// Memory that is free for new processes: MemAvailable of /proc/meminfo's text,
// but not more than `cgroup_max`, the text of a cgroup's memory.max.
int64_t AvailableMemory(std::string_view meminfo, std::string_view cgroup_max);

// "host-device" in the characters that a worker's name may have.
std::string DefaultName(const std::string& host, const std::string& device);

}  // namespace cusp::worker
