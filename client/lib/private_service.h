// A coordinator and a worker for one person on one machine.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/file_lock.h"
#include "common/subprocess.h"

namespace cusp::client {

// Where the Unix socket of the coordinator that serves `state` lies:
// STATE/cuspd.sock, or, where that is too long for a socket, a name derived
// from it in `runtime_dir` (may be empty: then a private folder in /tmp).
// PERMISSION_DENIED where that folder is somebody else's.
absl::StatusOr<std::string> SocketPath(const std::string& state, const std::string& runtime_dir);

// Runs `cuspd` on a folder, and a `cusp-worker` for it, and stops what it
// started. A coordinator that already serves the folder is shared. At most one
// worker measures for a folder, since two would disturb one another: the
// worker's duty belongs to whoever holds a lock. Main thread only.
class PrivateService {
 public:
  struct Options {
    std::string state;       // absolute
    std::string socket;      // as SocketPath gives it
    std::string binary_dir;  // where cuspd and cusp-worker are
  };

  explicit PrivateService(Options options);
  // Stops the worker, then the coordinator, where they are ours.
  ~PrivateService();
  PrivateService(const PrivateService&) = delete;
  PrivateService& operator=(const PrivateService&) = delete;

  // "unix:PATH".
  std::string address() const { return "unix:" + options_.socket; }

  // True where a coordinator answers on the socket.
  bool IsServing() const;

  // Makes sure that a coordinator answers: finds a live one or starts one.
  // Also for starting it again after it died. INTERNAL with the end of its log
  // where it can't be started, or the fault of the folder.
  absl::Status EnsureServing();

  // Whether measuring for the folder falls to this process: true from the first
  // time that nobody else has the duty.
  absl::StatusOr<bool> TakeWorkerDuty();

  // Starts the worker, unless this or another process already runs one for the
  // folder: then does nothing. `device` as in cusp-worker's flag.
  absl::Status EnsureWorker(const std::string& device);

  // Has a worker tell the coordinator what the device is and how fast, without taking
  // work, and waits for its end. Nothing where a process runs one for the folder: then
  // the coordinator knows already. INTERNAL with the end of its log.
  absl::Status RegisterWorker(const std::string& device);

  // How our worker ended; nothing while it runs, or where it is not ours.
  std::optional<ExitStatus> WorkerDeath();

  // End of the newest worker's log, for error messages.
  std::string WorkerLogTail() const;

  // Stops our worker, if it still runs, and forgets it.
  void StopWorker();

 private:
  struct Child {
    Subprocess process;
    std::string log;       // path
    size_t log_start = 0;  // size of the log when the child was started
  };

  absl::StatusOr<Child> Start(const std::string& binary, const std::vector<std::string>& arguments,
                              const std::string& log_name) const;
  absl::Status WaitUntilServing();
  // Beside the usual arguments.
  absl::Status StartWorker(const std::string& device, const std::vector<std::string>& more);

  const Options options_;
  std::optional<Child> coordinator_;
  std::optional<Child> worker_;
  std::optional<FileLock> worker_duty_;
};

}  // namespace cusp::client
