// What a runner can reach of the machine that it measures on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/subprocess.h"

namespace cusp::worker {

enum class SandboxMode { kAuto, kOn, kOff };

// Of "on" and "off"; anything else is kAuto.
SandboxMode SandboxModeOf(std::string_view text);

// By bubblewrap (bwrap): no network; the file system read-only, with /tmp, /var/tmp and
// /run empty and its own; no processes to see but its own, which end with the worker;
// no capabilities; of the devices the GPUs alone. Value type.
class Sandbox {
 public:
  struct Options {
    std::string bwrap;   // path of the executable
    std::string runner;  // likewise
    // Not to be read: the worker's token, its key, the coordinator's socket.
    std::vector<std::string> hidden_files = {};
    // To be read although a folder that is empty inside holds them.
    std::vector<std::string> shown_files = {};
  };

  explicit Sandbox(Options options) : options_(std::move(options)) {}

  // The same with these files shown; what is no regular file is left out, since a
  // socket would lead out.
  Sandbox Showing(std::vector<std::string> files) const;

  // The command that runs the runner inside, with the GPUs that there are now.
  std::vector<std::string> Command() const { return CommandFor({options_.runner}); }

  // Whether this machine allows it: starts a shell inside. UNAVAILABLE with what
  // bubblewrap says, on one line.
  absl::Status Check() const;

  // How the runner ended, from how bubblewrap did: that tells a signal as the exit code
  // 128 and its number.
  static ExitStatus EndOf(ExitStatus status);

 private:
  std::vector<std::string> CommandFor(const std::vector<std::string>& inside) const;

  Options options_;
};

// The sandbox to use, or nothing: none is wanted, or with kAuto none is to be had.
// `note` says for the log which it is, and why. UNAVAILABLE with the remedy for kOn
// without one. bwrap is looked for in the folders of `path`, as in PATH.
absl::StatusOr<std::optional<Sandbox>> ChooseSandbox(SandboxMode mode, const std::string& path,
                                                     Sandbox::Options options, std::string& note);

}  // namespace cusp::worker
