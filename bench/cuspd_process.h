// A real cuspd, behind a Unix socket or TLS, and what it takes.
#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/channel.h"
#include "common/subprocess.h"

namespace cusp {

// Memory of a process, in MiB.
struct ResidentMemory {
  double now = 0;
  double peak = 0;
};

// How it is called: through FOLDER/s without a token, or on a port of the loopback
// interface that the system chose, with certificates in FOLDER/pki and the first
// administrator's token, whose calls are counted.
enum class Transport { kSocket, kTls };

// Owns the process. Its data lie in FOLDER/data.
class CuspdProcess {
 public:
  // UNAVAILABLE where it has not answered a call within a minute, or where the
  // certificates cannot be made, which takes the openssl command.
  static absl::StatusOr<CuspdProcess> Start(const std::string& folder,
                                            Transport transport = Transport::kSocket);

  // What one who calls it must know, for Connect().
  const ChannelOptions& caller() const { return caller_; }

  // From its start until it answered.
  double start_seconds() const { return start_seconds_; }

  ResidentMemory Memory() const;

  // In order.
  void Stop();
  // As a power cut would.
  void Kill();

 private:
  CuspdProcess(Subprocess process, ChannelOptions caller, double start_seconds)
      : process_(std::move(process)), caller_(std::move(caller)), start_seconds_(start_seconds) {}

  Subprocess process_;
  ChannelOptions caller_;
  double start_seconds_ = 0;
};

}  // namespace cusp
