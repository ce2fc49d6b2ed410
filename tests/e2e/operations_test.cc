// What an operator does with a running service: backup and restore, pruning, archives,
// SQL, monitoring, and stopping it.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/e2e/stack.h"

namespace cusp::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kJob[] = R"(
name: planted
preset: tiny
baselines: [bert]
candidates:
  - {name: lf, model: longformer, config: {attention_window: 16}}
modes: [inference]
metrics: [latency]
lengths: {min: 64, max: 1024}
threads: 1
seed: 7
)";

// They cross at 400.
constexpr char kScript[] =
    R"({"variants": [{"a": 1e-3, "b": 0, "c": 1e-8}, {"a": 1e-3, "b": 4e-6, "c": 0}],
        "noise": 0.005, "sleep_scale": 0})";

// Body and head of a page.
std::string Fetch(const std::string& address, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(send(fd, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  std::string all;
  char buffer[4096];
  for (ssize_t n = 0; (n = recv(fd, buffer, sizeof(buffer), 0)) > 0;) {
    all.append(buffer, static_cast<size_t>(n));
  }
  close(fd);
  return all;
}

class OperationsTest : public testing::Test {
 protected:
  std::string Submit() {
    const auto submitted = stack_.Cusp({"submit", stack_.Write("job.yaml", kJob), "--parsable"});
    EXPECT_EQ(submitted.exit_code, 0) << submitted.err;
    return submitted.out.substr(0, submitted.out.find('\n'));
  }

  std::string FinishedJob() {
    stack_.StartWorker("w1", kScript);
    const std::string id = Submit();
    EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
    return id;
  }

  // Another coordinator on another folder, started by the call that needs it.
  CommandResult Elsewhere(std::vector<std::string> args) const {
    args.insert(args.begin(), {"cusp", "--state", stack_.Path("elsewhere")});
    return stack_.Call(args);
  }

  Stack stack_;
};

TEST_F(OperationsTest, BackupUnderLoadHasAllThatWasAcknowledgedBefore) {
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  const std::string first = FinishedJob();
  std::vector<std::string> before = {first};
  for (int i = 0; i < 5; ++i) {
    before.push_back(Submit());
  }
  const std::string file = stack_.Path("backup.db");
  auto backup = stack_.StartCusp({"admin", "backup", file}, stack_.Path("backup.out"));
  Submit();  // while it runs
  Submit();
  const auto status = backup.Wait(std::chrono::seconds(60));
  ASSERT_TRUE(status && status->ok()) << stack_.ReadText("background.err");
  struct stat info {};
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);

  // Restored as docs/operations.md says: the file as cusp.db of an empty folder.
  std::filesystem::create_directory(stack_.Path("elsewhere"));
  std::filesystem::copy_file(file, stack_.Path("elsewhere/cusp.db"));
  for (const std::string& id : before) {
    EXPECT_EQ(Elsewhere({"show", id}).exit_code, 0) << id;
  }
  const auto results = Elsewhere({"results", first, "--json"});
  EXPECT_EQ(results.Json().at("comparisons").at(0).at("verdict"), "crosses");
  EXPECT_EQ(Elsewhere({"admin", "doctor"}).exit_code, 0);
}

TEST_F(OperationsTest, ArchiveMovesAJobWithAllItsFindings) {
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  const std::string id = FinishedJob();
  const std::string file = stack_.Path("job.cusp");
  ASSERT_EQ(stack_.Cusp({"export", id, "--output", file}).exit_code, 0);
  const auto imported = Elsewhere({"import", file});
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  EXPECT_EQ(imported.out, "job " + id + " imported\n");
  EXPECT_THAT(Elsewhere({"import", file}).out, HasSubstr("is here already"));

  auto here = stack_.Cusp({"results", id, "--json"}).Json();
  auto there = Elsewhere({"results", id, "--json"}).Json();
  here.erase("repeat");  // it names the coordinator
  there.erase("repeat");
  EXPECT_EQ(there.dump(), here.dump());
  EXPECT_EQ(Elsewhere({"results", id, "--flops"}).out, stack_.Cusp({"results", id, "--flops"}).out);
  EXPECT_EQ(Elsewhere({"results", id, "--samples", "-"}).out,
            stack_.Cusp({"results", id, "--samples", "-"}).out);
  auto original = stack_.Cusp({"show", id, "--provenance", "--json"}).Json();
  auto copy = Elsewhere({"show", id, "--provenance", "--json"}).Json();
  copy.erase("original_owner");
  EXPECT_EQ(copy.dump(), original.dump());

  // Damage is refused with its place, and changes nothing.
  auto bytes = stack_.ReadText("job.cusp");
  bytes.resize(bytes.size() / 2);
  const auto refused = stack_.Cusp({"import", stack_.Write("cut.cusp", bytes)});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("cut.cusp: record"), HasSubstr("cut off")));
}

TEST_F(OperationsTest, PrunedJobKeepsItsFindingsAndSaysSo) {
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  const std::string id = FinishedJob();
  EXPECT_THAT(stack_.Cusp({"admin", "prune", "--older-than", "1h"}).out,
              HasSubstr("dropped 0 samples"));
  // As if it had ended in 1970.
  ASSERT_EQ(stack_.StopCoordinator(SIGTERM).code, 0);
  stack_.ExecuteSql("UPDATE jobs SET create_time_us = 1, start_time_us = 1, end_time_us = 2");
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  const auto before = stack_.Cusp({"results", id, "--json"}).Json();
  EXPECT_THAT(stack_.Cusp({"admin", "prune", "--older-than", "180d", "--dry-run"}).out,
              HasSubstr("blocks of 1 jobs"));
  EXPECT_GT(stack_.QueryInt("SELECT count(*) FROM samples"), 0);
  EXPECT_EQ(stack_.Cusp({"admin", "prune", "--older-than", "180d"}).exit_code, 0);
  EXPECT_EQ(stack_.QueryInt("SELECT count(*) FROM samples"), 0);
  EXPECT_EQ(stack_.Cusp({"results", id, "--json"}).Json(), before);
  EXPECT_THAT(stack_.Cusp({"results", id}).out, HasSubstr("samples were pruned on "));
  EXPECT_THAT(stack_.Cusp({"show", id}).out, HasSubstr("samples were pruned on "));
}

TEST_F(OperationsTest, SqlReadsTheHistoryAndNothingElse) {
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  const std::string id = FinishedJob();
  const auto rows = stack_.Cusp(
      {"sql", "SELECT job, verdict FROM v_tipping_points WHERE metric = 'latency'", "--csv"});
  EXPECT_EQ(rows.out, "job,verdict\n" + id + ",crosses\n") << rows.err;
  const auto refused = stack_.Cusp({"sql", "SELECT * FROM users"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("v_tipping_points"));
  // On what `cusp run` stores, with no coordinator that serves, too.
  EXPECT_EQ(Elsewhere({"sql", "SELECT count(*) AS n FROM v_jobs", "--csv"}).out, "n\n0\n");
}

TEST_F(OperationsTest, MonitoringPagesAndLogsTellOfCallsAndNoSecrets) {
  stack_.UseTcp({"--metrics-listen", "127.0.0.1:0", "--log-format", "json", "--log-level", "debug"},
                {"--token-file", stack_.Path("data/admin.token")});
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  const std::string id = FinishedJob();
  std::string log = stack_.ReadText("cuspd.log");
  const size_t started = log.rfind('\n', log.find("\"message\":\"started\"")) + 1;
  const std::string address =
      nlohmann::json::parse(log.substr(started, log.find('\n', started) - started)).at("metrics");
  EXPECT_THAT(Fetch(address, "/healthz"), HasSubstr("200 OK"));
  EXPECT_THAT(Fetch(address, "/readyz"), HasSubstr("200 OK"));
  EXPECT_THAT(
      Fetch(address, "/metrics"),
      AllOf(HasSubstr("cusp_jobs{state=\"succeeded\"} 1"), HasSubstr("cusp_jobs_submitted_total 1"),
            HasSubstr("cusp_workers{state=\"idle\"} 1"),
            HasSubstr("method=\"JobService/SubmitJob\",status=\"OK\"} 1"),
            HasSubstr("method=\"WorkerService/StreamSamples\"")));
  ASSERT_EQ(stack_.StopWorker("w1", SIGTERM).code, 0);
  ASSERT_EQ(stack_.StopCoordinator(SIGTERM).code, 0);
  log = stack_.ReadText("cuspd.log");
  EXPECT_THAT(log, HasSubstr("\"method\":\"JobService/SubmitJob\",\"user\":\"admin\""));
  std::string token = stack_.ReadText("data/admin.token");
  token.erase(token.find_last_not_of(" \n") + 1);
  ASSERT_EQ(token.size(), 64U);
  EXPECT_THAT(log, Not(HasSubstr(token)));
  EXPECT_THAT(stack_.ReadText("worker.log"), Not(HasSubstr(token)));
  for (const char* word : {"Bearer", "authorization"}) {
    EXPECT_THAT(log, Not(HasSubstr(word)));
  }
}

TEST_F(OperationsTest, OpenMonitoringAddressIsRefused) {
  const auto result = stack_.Call({"cuspd", "serve", "--data", stack_.Path("data"), "--listen",
                                   "unix:" + stack_.Path("s"), "--metrics-listen", "0.0.0.0:9464"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("open to the network"));
}

TEST_F(OperationsTest, StoppingEndsLongCallsAndLosesNothing) {
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  const std::string id = Submit();
  auto query = stack_.StartCusp(
      {"sql",
       "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n",
       "--timeout", "10m"},
      stack_.Path("sql.out"));
  auto watch = stack_.StartCusp({"watch", id, "--timeout", "60s"}, stack_.Path("watch.out"));
  // The query runs once another call that came later has been answered.
  ASSERT_EQ(stack_.Cusp({"show", id}).exit_code, 0);
  EXPECT_EQ(stack_.StopCoordinator(SIGTERM).code, 0);
  const auto ended = query.Wait(std::chrono::seconds(30));
  ASSERT_TRUE(ended.has_value());
  EXPECT_NE(ended->code, 0);
  watch.Kill(SIGKILL);
  watch.Wait(std::chrono::seconds(30));
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  EXPECT_EQ(stack_.Show(id).at("state"), "QUEUED");
}

}  // namespace
}  // namespace cusp::e2e
