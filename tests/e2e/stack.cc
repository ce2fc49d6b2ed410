#include "tests/e2e/stack.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>
#include <utility>

#include "common/file.h"

namespace cusp::e2e {
namespace {

constexpr size_t kMaxOutput = 64U << 20U;

std::string Binary(const std::string& name) { return std::string(CUSP_BIN_DIR) + "/" + name; }

// A file opened for a child's stdout or stderr, closed here once it has it.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path)
      : fd_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}
  ~OutputFile() { close(fd_); }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::string Content(const std::string& path) {
  auto text = ReadFile(path, kMaxOutput);
  return text.ok() ? *std::move(text) : std::string();
}

}  // namespace

bool WaitUntil(const std::function<bool()>& done, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < deadline) {
    if (done()) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return done();
}

Stack::Stack() : data_(Path("data")), server_("unix:" + Path("cuspd.sock")), listen_(server_) {}

Stack::~Stack() {
  // Said where a test failed: the processes' own words are the only witness.
  if (testing::Test::HasFailure()) {
    for (const char* log : {"cuspd.log", "worker.log"}) {
      std::fprintf(stderr, "--- %s\n%s", log, ReadText(log).c_str());
    }
  }
}

std::string Stack::Path(const std::string& name) const { return dir_.Join(name); }
void Stack::UseTcp(std::vector<std::string> serve_flags, std::vector<std::string> caller_flags) {
  listen_ = "127.0.0.1:0";
  serve_flags_ = std::move(serve_flags);
  caller_flags_ = std::move(caller_flags);
}
std::string Stack::DatabasePath() const { return data_ + "/cusp.db"; }
std::string Stack::ReadText(const std::string& name) const { return Content(Path(name)); }

std::string Stack::Write(const std::string& name, std::string_view content) const {
  EXPECT_TRUE(WriteFileAtomically(Path(name), content).ok());
  return Path(name);
}

void Stack::StartCoordinator() {
  const OutputFile log(Path("cuspd.log"));
  std::vector<std::string> argv = {Binary("cuspd"), "serve", "--data", data_, "--listen", listen_};
  argv.insert(argv.end(), serve_flags_.begin(), serve_flags_.end());
  auto child = Subprocess::Spawn({.argv = argv, .stdout_fd = log.fd(), .stderr_fd = log.fd()});
  ASSERT_TRUE(child.ok()) << child.status();
  coordinator_ = std::make_unique<Subprocess>(*std::move(child));
  if (listen_ == "127.0.0.1:0") {
    const std::string word = "listening on ";
    ASSERT_TRUE(WaitUntil([&] { return ReadText("cuspd.log").find(word) != std::string::npos; }));
    const std::string text = ReadText("cuspd.log");
    const size_t at = text.find(word) + word.size();
    server_ = text.substr(at, text.find('\n', at) - at);
    listen_ = server_;  // the same port after a restart
  }
  ASSERT_TRUE(WaitUntil(
      [this] {
        return Cusp({"list", "--json"}).exit_code == 0;
      },
      std::chrono::seconds(30)))
      << ReadText("cuspd.log");
}

ExitStatus Stack::StopCoordinator(int signal) {
  coordinator_->Kill(signal);
  const auto status = coordinator_->Wait(std::chrono::seconds(30));
  coordinator_.reset();
  return status.value_or(ExitStatus{.code = -1, .signal = 0});
}

void Stack::StartWorker(const std::string& name, const std::string& script) {
  const OutputFile log(Path("worker.log"));
  Subprocess::Options options{
      .argv = {Binary("cusp-worker"), "--server", server_, "--device", "cpu", "--name", name},
      .stdout_fd = log.fd(),
      .stderr_fd = log.fd()};
  options.argv.insert(options.argv.end(), caller_flags_.begin(), caller_flags_.end());
  options.extra_env = {"XDG_CACHE_HOME=" + Path("cache")};
  if (!script.empty()) {
    // In a sandbox the fake runner could not write beside its script.
    options.extra_env.push_back("CUSP_SANDBOX=off");
    options.extra_env.push_back("CUSP_RUNNER=" + std::string(CUSP_FAKE_RUNNER));
    options.extra_env.push_back("CUSP_FAKE_RUNNER_SCRIPT=" + Write(name + ".json", script));
  }
  auto child = Subprocess::Spawn(options);
  ASSERT_TRUE(child.ok()) << child.status();
  workers_.insert_or_assign(name, *std::move(child));
}

ExitStatus Stack::StopWorker(const std::string& name, int signal) {
  Subprocess& worker = workers_.at(name);
  worker.Kill(signal);
  const auto status = worker.Wait(std::chrono::seconds(30));
  workers_.erase(name);
  return status.value_or(ExitStatus{.code = -1, .signal = 0});
}

pid_t Stack::WorkerPid(const std::string& name) const { return workers_.at(name).pid(); }

std::vector<pid_t> Stack::ChildrenOf(pid_t pid) {
  // To the kernel a child belongs to the thread that made it.
  std::vector<pid_t> children;
  std::error_code gone;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
    std::ifstream list(task.path() / "children");
    for (pid_t child = 0; list >> child;) {
      children.push_back(child);
    }
  }
  std::sort(children.begin(), children.end());
  return children;
}

CommandResult Stack::Cusp(const std::vector<std::string>& args, std::chrono::seconds limit) const {
  std::vector<std::string> argv = {"cusp", "--server", server_};
  argv.insert(argv.end(), caller_flags_.begin(), caller_flags_.end());
  argv.insert(argv.end(), args.begin(), args.end());
  return Call(argv, limit);
}

CommandResult Stack::Call(std::vector<std::string> argv, std::chrono::seconds limit) const {
  const std::string out_path = Path("out.txt");
  const std::string err_path = Path("err.txt");
  unlink(out_path.c_str());
  unlink(err_path.c_str());
  const OutputFile out(out_path);
  const OutputFile err(err_path);
  if (argv.front().rfind("cusp", 0) == 0) {
    argv.front() = Binary(argv.front());
  }
  auto child = Subprocess::Spawn({.argv = argv, .stdout_fd = out.fd(), .stderr_fd = err.fd()});
  if (!child.ok()) {
    return {.exit_code = -1, .out = "", .err = child.status().ToString()};
  }
  const auto status = child->Wait(limit);
  const int code = status && status->signal == 0 ? status->code : -1;
  return {.exit_code = code, .out = Content(out_path), .err = Content(err_path)};
}

Subprocess Stack::StartCusp(const std::vector<std::string>& args,
                            const std::string& out_path) const {
  const OutputFile out(out_path);
  const OutputFile err(Path("background.err"));
  std::vector<std::string> argv = {Binary("cusp")};
  argv.insert(argv.end(), caller_flags_.begin(), caller_flags_.end());
  argv.insert(argv.end(), args.begin(), args.end());
  auto child = Subprocess::Spawn({.argv = argv,
                                  .extra_env = {"CUSP_SERVER=" + server_},
                                  .stdout_fd = out.fd(),
                                  .stderr_fd = err.fd()});
  EXPECT_TRUE(child.ok()) << child.status();
  return *std::move(child);
}

nlohmann::json Stack::Show(const std::string& id) const {
  return Cusp({"show", id, "--json"}).Json();
}

void Stack::ExecuteSql(const std::string& sql) const {
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open_v2(DatabasePath().c_str(), &db, SQLITE_OPEN_READWRITE, nullptr),
            SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(db);
  sqlite3_close(db);
}

int64_t Stack::QueryInt(const std::string& sql) const {
  const std::vector<std::string> rows = QueryTexts(sql);
  EXPECT_FALSE(rows.empty()) << sql;
  return rows.empty() ? -1 : std::strtoll(rows.front().c_str(), nullptr, 10);
}

std::vector<std::string> Stack::QueryTexts(const std::string& sql) const {
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open_v2(DatabasePath().c_str(), &db, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  sqlite3_busy_timeout(db, 5000);
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr), SQLITE_OK)
      << sqlite3_errmsg(db);
  std::vector<std::string> rows;
  int code = sqlite3_step(statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
    const unsigned char* text = sqlite3_column_text(statement, 0);
    rows.emplace_back(text == nullptr ? "" : reinterpret_cast<const char*>(text));
  }
  EXPECT_EQ(code, SQLITE_DONE) << sql << ": " << sqlite3_errmsg(db);
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return rows;
}

}  // namespace cusp::e2e
