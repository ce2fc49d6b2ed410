// The service between machines: TLS and mTLS with a private authority, and what
// each program says of files that it cannot use.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/e2e/stack.h"

namespace cusp::e2e {
namespace {

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

// An authority `ca`, a certificate of it for 127.0.0.1, one for a caller, and a
// second authority that signed nothing.
constexpr char kMakeCertificates[] = R"(set -e; cd "$0"
new="openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
for name in ca other; do $new -x509 -days 2 -subj "/CN=$name" -keyout $name.key -out $name.crt; done
printf 'subjectAltName=IP:127.0.0.1\n' > server.ext
printf 'subjectAltName=DNS:caller\n' > caller.ext
for name in server caller; do
  $new -subj "/CN=$name" -keyout $name.key -out $name.csr
  openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 \
    -extfile $name.ext -out $name.crt
done
chmod 600 *.key
)";

class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v openssl > /dev/null 2>&1") != 0) {
      GTEST_SKIP() << "needs the openssl command";
    }
    ASSERT_EQ(Call({"/bin/sh", "-c", kMakeCertificates, stack_.Path("")}).exit_code, 0)
        << stack_.ReadText("err.txt");
  }

  CommandResult Call(const std::vector<std::string>& argv) { return stack_.Call(argv); }

  std::vector<std::string> ServeFlags() const {
    return {"--tls-cert", stack_.Path("server.crt"), "--tls-key", stack_.Path("server.key")};
  }

  std::vector<std::string> CallerFlags() const {
    return {"--ca", stack_.Path("ca.crt"), "--token-file", stack_.Path("data/admin.token")};
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
  const auto stranger = Call({"cusp", "--server", stack_.server(), "--ca", stack_.Path("other.crt"),
                              "--token-file", stack_.Path("data/admin.token"), "list"});
  EXPECT_EQ(stranger.exit_code, 3);
  EXPECT_THAT(stranger.err, HasSubstr("--ca"));
  EXPECT_EQ(
      Call({"cusp", "--server", stack_.server(), "--ca", stack_.Path("ca.crt"), "list"}).exit_code,
      4);
}

TEST_F(TlsTest, AJobIsMeasuredOverMutualTls) {
  std::vector<std::string> serve = ServeFlags();
  serve.insert(serve.end(), {"--client-ca", stack_.Path("ca.crt")});
  std::vector<std::string> caller = CallerFlags();
  caller.insert(caller.end(),
                {"--cert", stack_.Path("caller.crt"), "--key", stack_.Path("caller.key")});
  stack_.UseTcp(serve, caller);
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  ExpectAJobIsDone();
  const auto nobody = Call({"cusp", "--server", stack_.server(), "--ca", stack_.Path("ca.crt"),
                            "--token-file", stack_.Path("data/admin.token"), "list"});
  EXPECT_EQ(nobody.exit_code, 3) << nobody.err;
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
      {{"--cert", stack_.Path("caller.crt"), "--key", stack_.Path("other.key")},
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
  const std::string cert = stack_.Path("server.crt");
  const std::string key = stack_.Path("server.key");
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
      {{"--tls-cert", cert, "--tls-key", stack_.Path("other.key")}, "is not the key"},
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
