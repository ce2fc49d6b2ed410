// Real processes for end-to-end tests: a coordinator, workers and the client,
// each in its own process, with their state in a temporary folder.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "common/subprocess.h"
#include "tests/support/temp_dir.h"

namespace cusp::e2e {

// What a finished command printed and how it ended.
struct CommandResult {
  int exit_code = -1;
  std::string out;
  std::string err;

  // stdout as JSON; a discarded value where it is none.
  nlohmann::json Json() const { return nlohmann::json::parse(out, nullptr, false); }
};

// Polls until `done` holds or `limit` has passed; the answer is the last one.
bool WaitUntil(const std::function<bool()>& done,
               std::chrono::seconds limit = std::chrono::seconds(60));

// Owns the folder and every process started through it. Not thread-safe.
class Stack {
 public:
  Stack();
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  // From now on over TCP on the loopback interface, with these flags of cuspd and
  // of cusp and cusp-worker. Before the first start.
  void UseTcp(std::vector<std::string> serve_flags, std::vector<std::string> caller_flags);
  const std::string& server() const { return server_; }

  // From now on with its data in this folder instead of one of its own.
  void UseDataFolder(std::string path) { data_ = std::move(path); }

  // Starts cuspd, on the folder's socket unless told otherwise, and waits until it
  // serves.
  void StartCoordinator();
  // Sends the signal and reaps.
  ExitStatus StopCoordinator(int signal);

  // Starts a worker under `name`. `script` is a fake runner's script; empty:
  // the real runner.
  void StartWorker(const std::string& name, const std::string& script);
  ExitStatus StopWorker(const std::string& name, int signal);
  pid_t WorkerPid(const std::string& name) const;
  pid_t CoordinatorPid() const { return coordinator_->pid(); }
  // Processes that `pid` started and that still run, the oldest first.
  static std::vector<pid_t> ChildrenOf(pid_t pid);

  // Runs `cusp ARGS…` against this stack to its end.
  CommandResult Cusp(const std::vector<std::string>& args,
                     std::chrono::seconds limit = std::chrono::seconds(120)) const;

  // Runs one of our programs, or of the system's, by argv and nothing else.
  CommandResult Call(std::vector<std::string> argv,
                     std::chrono::seconds limit = std::chrono::seconds(60)) const;

  // Starts `cusp ARGS…` and leaves it running; its stdout goes to `out_path`.
  Subprocess StartCusp(const std::vector<std::string>& args, const std::string& out_path) const;

  // Writes a file into the folder and returns its path.
  std::string Write(const std::string& name, std::string_view content) const;
  std::string ReadText(const std::string& name) const;
  std::string Path(const std::string& name) const;
  std::string DatabasePath() const;

  // `show ID --json`.
  nlohmann::json Show(const std::string& id) const;
  // Changes the database, while no coordinator runs on it.
  void ExecuteSql(const std::string& sql) const;
  // First column of the first row of a query on the database, read-only.
  int64_t QueryInt(const std::string& sql) const;
  // The same of all rows, as text.
  std::vector<std::string> QueryTexts(const std::string& sql) const;

 private:
  TempDir dir_;
  std::string data_;    // folder of cuspd
  std::string server_;  // what callers are told
  std::string listen_;  // what cuspd is told
  std::vector<std::string> serve_flags_;
  std::vector<std::string> caller_flags_;
  std::unique_ptr<Subprocess> coordinator_;
  std::map<std::string, Subprocess> workers_;
};

}  // namespace cusp::e2e
