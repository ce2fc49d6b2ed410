#include "worker/daemon/sandbox.h"

#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <initializer_list>
#include <sstream>
#include <string_view>
#include <utility>

#include "common/status_macros.h"
#include "worker/daemon/output_tail.h"

namespace cusp::worker {
namespace {

// Full of other programs' sockets, through which a runner could have them act for it.
constexpr std::array<const char*, 3> kEmptyFolders = {"/tmp", "/var/tmp", "/run"};
// Drivers of distributions that keep them there.
constexpr char kDriversInRun[] = "/run/opengl-driver";
constexpr char kTemporaryBytes[] = "268435456";
constexpr std::chrono::seconds kCheckTime{10};
constexpr int kSignalBase = 128;

bool IsFolder(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool IsRegular(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

bool IsInEmptyFolder(const std::string& path) {
  return std::any_of(kEmptyFolders.begin(), kEmptyFolders.end(), [&path](const char* folder) {
    return path.rfind(std::string(folder) + "/", 0) == 0;
  });
}

std::vector<std::string> Matches(const char* pattern) {
  std::vector<std::string> paths;
  glob_t found{};
  if (glob(pattern, 0, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  globfree(&found);
  return paths;
}

void Add(std::vector<std::string>& command, std::initializer_list<std::string> words) {
  command.insert(command.end(), words);
}

std::string FindOn(const std::string& path, const std::string& name) {
  size_t begin = 0;
  while (begin <= path.size()) {
    const size_t end = std::min(path.find(':', begin), path.size());
    const std::string candidate = path.substr(begin, end - begin) + "/" + name;
    if (candidate.front() == '/' && access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
    begin = end + 1;
  }
  return "";
}

// For a log, where a line is an event.
std::string OnOneLine(const std::string& text) {
  std::string joined;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) {
      joined += (joined.empty() ? "" : "; ") + line;
    }
  }
  return joined;
}

}  // namespace

SandboxMode SandboxModeOf(std::string_view text) {
  return text == "on" ? SandboxMode::kOn : text == "off" ? SandboxMode::kOff : SandboxMode::kAuto;
}

Sandbox Sandbox::Showing(std::vector<std::string> files) const {
  Options options = options_;
  for (std::string& file : files) {
    if (IsRegular(file)) {
      options.shown_files.push_back(std::move(file));
    }
  }
  return Sandbox(std::move(options));
}

std::vector<std::string> Sandbox::CommandFor(const std::vector<std::string>& inside) const {
  std::vector<std::string> command = {options_.bwrap,
                                      "--unshare-net",
                                      "--unshare-pid",
                                      "--unshare-ipc",
                                      "--die-with-parent",
                                      "--new-session",
                                      "--cap-drop",
                                      "ALL",
                                      "--ro-bind",
                                      "/",
                                      "/",
                                      "--proc",
                                      "/proc",
                                      "--dev",
                                      "/dev"};
  for (const std::string& gpu : Matches("/dev/nvidia*")) {
    Add(command, {"--dev-bind-try", gpu, gpu});
  }
  for (const char* folder : kEmptyFolders) {
    if (IsFolder(folder)) {
      Add(command, {"--size", kTemporaryBytes, "--tmpfs", folder});
    }
  }
  Add(command, {"--ro-bind-try", kDriversInRun, kDriversInRun});
  // Libraries are found beside the runner.
  const std::string folder = options_.runner.substr(0, options_.runner.rfind('/'));
  if (IsInEmptyFolder(folder)) {
    Add(command, {"--ro-bind-try", folder, folder});
  }
  for (const std::string& file : options_.shown_files) {
    if (IsInEmptyFolder(file)) {
      Add(command, {"--ro-bind-try", file, file});
    }
  }
  for (const std::string& file : options_.hidden_files) {
    if (access(file.c_str(), F_OK) == 0 && !IsInEmptyFolder(file)) {
      Add(command, {"--ro-bind", "/dev/null", file});
    }
  }
  Add(command, {"--chdir", "/", "--"});
  command.insert(command.end(), inside.begin(), inside.end());
  return command;
}

absl::Status Sandbox::Check() const {
  CUSP_ASSIGN_OR_RETURN(OutputTail output, OutputTail::Create());
  Subprocess::Options options;
  options.argv = CommandFor({"/bin/sh", "-c", "exit 0"});
  options.stdout_fd = output.write_fd();
  options.stderr_fd = output.write_fd();
  CUSP_ASSIGN_OR_RETURN(Subprocess process, Subprocess::Spawn(options));
  output.CloseWriteEnd();
  const std::optional<ExitStatus> status = process.Wait(kCheckTime);
  if (status.has_value() && status->ok()) {
    return absl::OkStatus();
  }
  output.Drain();
  const std::string said = OnOneLine(output.text());
  return absl::UnavailableError(options_.bwrap + ": " +
                                (status.has_value() ? status->ToString() : "gave no answer") +
                                (said.empty() ? "" : ": " + said));
}

ExitStatus Sandbox::EndOf(ExitStatus status) {
  if (status.signal == 0 && status.code > kSignalBase) {
    return {.code = 0, .signal = status.code - kSignalBase};
  }
  return status;
}

absl::StatusOr<std::optional<Sandbox>> ChooseSandbox(SandboxMode mode, const std::string& path,
                                                     Sandbox::Options options, std::string& note) {
  if (mode == SandboxMode::kOff) {
    note = "the runner has no sandbox: --sandbox off";
    return std::optional<Sandbox>();
  }
  options.bwrap = FindOn(path, "bwrap");
  absl::Status status = absl::UnavailableError("bwrap is not on PATH; install bubblewrap");
  if (!options.bwrap.empty()) {
    Sandbox sandbox(std::move(options));
    status = sandbox.Check();
    if (status.ok()) {
      note = "the runner has a sandbox, by bubblewrap";
      return std::optional<Sandbox>(std::move(sandbox));
    }
  }
  note = "the runner has no sandbox: " + std::string(status.message());
  if (mode == SandboxMode::kOn) {
    return absl::UnavailableError(note + "; --sandbox auto or off starts without");
  }
  return std::optional<Sandbox>();
}

}  // namespace cusp::worker
