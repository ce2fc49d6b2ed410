// The service between machines: TLS and mTLS with a private authority, and what
// each program says of files that it cannot use.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "common/file.h"
#include "tests/e2e/stack.h"
#include "tests/support/paths.h"

namespace cusp::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kJob[] = R"(
name: tls
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

constexpr char kScript[] = R"({"variants": [{"a": 1e-3, "b": 0, "c": 1e-8},
                                            {"a": 1e-3, "b": 4e-6, "c": 0}],
                               "noise": 0.005, "sleep_scale": 0})";

class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v openssl > /dev/null 2>&1") != 0) {
      GTEST_SKIP() << "needs the openssl command";
    }
    // A second authority, which the first knows nothing of, and one whose certificates
    // have expired.
    for (const char* authority : {"pki", "other"}) {
      ASSERT_NO_FATAL_FAILURE(MakeAuthority(authority, "30"));
    }
    ASSERT_NO_FATAL_FAILURE(MakeAuthority("expired", "-1"));
  }

  void MakeAuthority(const std::string& folder, const std::string& days) {
    const auto made =
        Call({"/usr/bin/env", "CUSP_CA_DAYS=" + days, SourceFolder() + "/deploy/make-test-ca",
              stack_.Path(folder), "127.0.0.1"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }

  // A file of the authority that both sides are told of.
  std::string Pki(const std::string& name) const { return stack_.Path("pki/" + name); }

  CommandResult Call(const std::vector<std::string>& argv) { return stack_.Call(argv); }

  std::vector<std::string> ServeFlags() const {
    return {"--tls-cert", Pki("server.crt"), "--tls-key", Pki("server.key")};
  }

  std::vector<std::string> CallerFlags() const {
    return {"--ca", Pki("ca.crt"), "--token-file", stack_.Path("data/admin.token")};
  }

  void ExpectAJobIsDone() {
    stack_.StartWorker("w1", kScript);
    const auto submitted = stack_.Cusp({"submit", stack_.Write("job.yaml", kJob), "--parsable"});
    ASSERT_EQ(submitted.exit_code, 0) << submitted.err;
    const std::string id = submitted.out.substr(0, submitted.out.find('\n'));
    EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
    const auto results = stack_.Cusp({"results", id, "--json"});
    EXPECT_EQ(results.exit_code, 0) << results.err;
    EXPECT_EQ(results.Json().at("comparisons").at(0).at("verdict"), "crosses");
    EXPECT_EQ(stack_.StopWorker("w1", SIGTERM).code, 0);
  }

  // One line that names `text`, and the code of bad usage.
  static void ExpectBadUsage(const CommandResult& result, const std::string& text) {
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.err, HasSubstr(text));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  }

  Stack stack_;
};

TEST_F(TlsTest, AJobIsMeasuredOverTls) {
  stack_.UseTcp(ServeFlags(), CallerFlags());
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  ExpectAJobIsDone();
  const auto stranger =
      Call({"cusp", "--server", stack_.server(), "--ca", stack_.Path("other/ca.crt"),
            "--token-file", stack_.Path("data/admin.token"), "list"});
  EXPECT_EQ(stranger.exit_code, 3);
  EXPECT_THAT(stranger.err, HasSubstr("--ca"));
  EXPECT_EQ(Call({"cusp", "--server", stack_.server(), "--ca", Pki("ca.crt"), "list"}).exit_code,
            4);
}

TEST_F(TlsTest, AJobIsMeasuredOverMutualTls) {
  std::vector<std::string> serve = ServeFlags();
  serve.insert(serve.end(), {"--client-ca", Pki("ca.crt")});
  std::vector<std::string> caller = CallerFlags();
  caller.insert(caller.end(), {"--cert", Pki("client.crt"), "--key", Pki("client.key")});
  stack_.UseTcp(serve, caller);
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  ExpectAJobIsDone();
  const auto nobody = Call({"cusp", "--server", stack_.server(), "--ca", Pki("ca.crt"),
                            "--token-file", stack_.Path("data/admin.token"), "list"});
  EXPECT_EQ(nobody.exit_code, 3) << nobody.err;
}

TEST_F(TlsTest, ExpiredCertificatesAndPlainCallersGetNoFurther) {
  stack_.UseTcp(ServeFlags(), CallerFlags());
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  const auto plain = Call({"cusp", "--server", stack_.server(), "--token-file",
                           stack_.Path("data/admin.token"), "list"});
  EXPECT_EQ(plain.exit_code, 3) << plain.err;
  EXPECT_THAT(plain.err, HasSubstr("TLS"));
  stack_.StopCoordinator(SIGTERM);

  // Waits until it serves, which it never does for a caller that looks at the date.
  const std::string log = stack_.Write("expired.log", "");
  const int log_fd = open(log.c_str(), O_WRONLY | O_CLOEXEC);
  auto expired = Subprocess::Spawn(
      {.argv = {BinFolder() + "/cuspd", "serve", "--data", stack_.Path("data"), "--listen",
                stack_.server(), "--tls-cert", stack_.Path("expired/server.crt"), "--tls-key",
                stack_.Path("expired/server.key"), "--log-level", "warning"},
       .stderr_fd = log_fd});
  close(log_fd);
  ASSERT_TRUE(expired.ok()) << expired.status();
  CommandResult refused;
  EXPECT_TRUE(WaitUntil([&] {
    refused = Call({"cusp", "--server", stack_.server(), "--ca", stack_.Path("expired/ca.crt"),
                    "--token-file", stack_.Path("data/admin.token"), "list"});
    return refused.err.find("certificate verify failed") != std::string::npos;
  })) << refused.err;
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(ReadFile(log, 1 << 16).value_or(""),
              AllOf(HasSubstr("expired/server.crt has expired on 20"), HasSubstr("renew it")));
}

TEST_F(TlsTest, CallersNameTheFileThatTheyCannotUse) {
  const std::string junk = stack_.Write("junk.pem", "no certificate\n");
  const std::string token = stack_.Write("open.token", "secret\n");
  chmod(token.c_str(), 0644);
  const struct {
    std::vector<std::string> flags;
    std::string named;
  } cases[] = {
      {{"--ca", "/nowhere/ca"}, "/nowhere/ca"},
      {{"--ca", junk}, junk + ": holds no certificate"},
      {{"--token-file", "/nowhere/token"}, "/nowhere/token"},
      {{"--token-file", token}, "chmod 600"},
      {{"--cert", Pki("client.crt"), "--key", stack_.Path("other/client.key")},
       "is not the key of the certificate"},
  };
  for (const auto& one : cases) {
    std::vector<std::string> client = {"cusp", "--server", "127.0.0.1:9"};
    client.insert(client.end(), one.flags.begin(), one.flags.end());
    client.emplace_back("list");
    ExpectBadUsage(Call(client), one.named);
    std::vector<std::string> worker = {"cusp-worker", "--server", "127.0.0.1:9"};
    worker.insert(worker.end(), one.flags.begin(), one.flags.end());
    ExpectBadUsage(Call(worker), one.named);
  }
}

TEST_F(TlsTest, TheServiceNamesTheFileThatItCannotUse) {
  const std::string junk = stack_.Write("junk.pem", "no certificate\n");
  chmod(junk.c_str(), 0600);
  const std::string cert = Pki("server.crt");
  const std::string key = Pki("server.key");
  const struct {
    std::vector<std::string> flags;
    std::string named;
  } cases[] = {
      {{}, "--tls-cert"},
      {{"--tls-cert", cert}, "--tls-key"},
      {{"--tls-cert", "/nowhere", "--tls-key", key}, "--tls-cert: /nowhere"},
      {{"--tls-cert", junk, "--tls-key", key}, junk + ": holds no certificate"},
      {{"--tls-cert", cert, "--tls-key", cert}, "chmod 600"},
      {{"--tls-cert", cert, "--tls-key", junk}, junk + ": holds no key"},
      {{"--tls-cert", cert, "--tls-key", stack_.Path("other/client.key")}, "is not the key"},
      {{"--tls-cert", cert, "--tls-key", key, "--client-ca", junk}, "holds no certificate"},
  };
  for (const auto& one : cases) {
    std::vector<std::string> argv = {"cuspd",    "serve",     "--data",      stack_.Path("data"),
                                     "--listen", "0.0.0.0:0", "--log-level", "off"};
    argv.insert(argv.end(), one.flags.begin(), one.flags.end());
    ExpectBadUsage(Call(argv), one.named);
  }
}

}  // namespace
}  // namespace cusp::e2e
