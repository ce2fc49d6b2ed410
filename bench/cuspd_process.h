// A real cuspd behind a Unix socket, and what it takes.
#pragma once

#include <chrono>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "bench/service_calls.h"
#include "common/status_macros.h"
#include "common/subprocess.h"

namespace cusp {

// Memory of a process, in MiB.
struct ResidentMemory {
  double now = 0;
  double peak = 0;
};

// Owns the process. Its data lie in FOLDER/data, its socket is FOLDER/s.
class CuspdProcess {
 public:
  // UNAVAILABLE where it has not answered a call within a minute.
  static absl::StatusOr<CuspdProcess> Start(const std::string& folder) {
    const std::string address = "unix:" + folder + "/s";
    Subprocess::Options options;
    options.argv = {CUSP_BIN_DIR "/cuspd", "serve",    "--data",
                    folder + "/data",      "--listen", address,
                    "--log-level",         "warning"};
    const auto start = std::chrono::steady_clock::now();
    CUSP_ASSIGN_OR_RETURN(Subprocess process, Subprocess::Spawn(options));
    const auto stub = v1::JobService::NewStub(Connect(address));
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
    v1::ListJobsRequest request;
    request.set_page_size(1);
    v1::ListJobsResponse response;
    const grpc::Status answered = stub->ListJobs(&context, request, &response);
    if (!answered.ok()) {
      return absl::UnavailableError("cuspd does not answer: " + answered.error_message());
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    return CuspdProcess(std::move(process), address, seconds.count());
  }

  const std::string& address() const { return address_; }

  // From its start until it answered.
  double start_seconds() const { return start_seconds_; }

  ResidentMemory Memory() const {
    std::ifstream status("/proc/" + std::to_string(process_.pid()) + "/status");
    ResidentMemory memory;
    for (std::string key; status >> key;) {
      if (key == "VmRSS:" || key == "VmHWM:") {
        int64_t kib = 0;
        status >> kib;
        (key == "VmRSS:" ? memory.now : memory.peak) = static_cast<double>(kib) / 1024;
      }
      status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return memory;
  }

  // In order.
  void Stop() { process_.Terminate(std::chrono::seconds(30)); }
  // As a power cut would.
  void Kill() {
    process_.Kill(9);
    process_.Wait(std::chrono::seconds(30));
  }

 private:
  CuspdProcess(Subprocess process, std::string address, double start_seconds)
      : process_(std::move(process)), address_(std::move(address)), start_seconds_(start_seconds) {}

  Subprocess process_;
  std::string address_;
  double start_seconds_ = 0;
};

}  // namespace cusp
