// A group's day: coordinator in one network namespace, a second person and a worker in
// another, TLS on both sides between them. Needs root, for the namespaces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/file.h"
#include "tests/e2e/stack.h"
#include "tests/support/paths.h"

namespace cusp::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kServerAddress[] = "10.231.77.1";
constexpr char kServer[] = "10.231.77.1:7870";

constexpr char kJob[] = R"(
name: shared
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

// Two namespaces and the cable between them, for its lifetime.
class Network {
 public:
  Network() {
    const std::string id = std::to_string(getpid());
    server_ns_ = "cusp-server-" + id;
    user_ns_ = "cusp-user-" + id;
    const std::string cable = "cs" + id;
    const std::string other_end = "cu" + id;
    works_ = Run("ip netns add " + server_ns_) && Run("ip netns add " + user_ns_) &&
             Run("ip link add " + cable + " netns " + server_ns_ + " type veth peer name " +
                 other_end + " netns " + user_ns_) &&
             // A machine speaks to its own addresses through its loopback interface.
             Run("ip -n " + server_ns_ + " link set lo up") &&
             Run("ip -n " + server_ns_ + " addr add 10.231.77.1/30 dev " + cable) &&
             Run("ip -n " + user_ns_ + " addr add 10.231.77.2/30 dev " + other_end) &&
             Run("ip -n " + server_ns_ + " link set " + cable + " up") &&
             Run("ip -n " + user_ns_ + " link set " + other_end + " up");
  }
  ~Network() {
    Run("ip netns del " + server_ns_);
    Run("ip netns del " + user_ns_);
  }
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  bool works() const { return works_; }
  const std::string& server() const { return server_ns_; }
  const std::string& user() const { return user_ns_; }

 private:
  static bool Run(const std::string& command) {
    return std::system((command + " > /dev/null 2>&1").c_str()) == 0;
  }

  std::string server_ns_;
  std::string user_ns_;
  bool works_ = false;
};

class SecondPersonTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v openssl > /dev/null 2>&1") != 0) {
      GTEST_SKIP() << "needs the openssl command";
    }
    if (!network_.works()) {
      GTEST_SKIP() << "needs root and iproute2, for network namespaces (ip netns, veth)";
    }
    const auto made =
        stack_.Call({SourceFolder() + "/deploy/make-test-ca", Pki(""), kServerAddress});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    ASSERT_NO_FATAL_FAILURE(StartCoordinator());
  }

  void TearDown() override {
    if (HasFailure()) {
      std::fprintf(stderr, "--- worker\n%s", stack_.ReadText("worker.txt").c_str());
    }
    unlink(script_.c_str());
  }

  std::string Pki(const std::string& name) const { return stack_.Path("pki/" + name); }

  // `argv` in a namespace, with a home of its own and nothing of Cusp's in the
  // environment but what `more` sets.
  std::vector<std::string> In(const std::string& network, const std::string& home,
                              const std::vector<std::string>& argv,
                              const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"/usr/bin/env",
                                      "ip",
                                      "netns",
                                      "exec",
                                      network,
                                      "/usr/bin/env",
                                      "-u",
                                      "CUSP_SERVER",
                                      "-u",
                                      "CUSP_TOKEN_FILE",
                                      "-u",
                                      "CUSP_CA",
                                      "-u",
                                      "XDG_CONFIG_HOME",
                                      "-u",
                                      "XDG_DATA_HOME",
                                      "HOME=" + stack_.Path(home)};
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), argv.begin(), argv.end());
    return words;
  }

  void StartCoordinator() {
    coordinator_ = Spawn(In(network_.server(), "server",
                            {BinFolder() + "/cuspd", "serve", "--data", stack_.Path("data"),
                             "--listen", kServer, "--tls-cert", Pki("server.crt"), "--tls-key",
                             Pki("server.key"), "--client-ca", Pki("ca.crt")}));
    CommandResult list;
    ASSERT_TRUE(WaitUntil([&] {
      list = AsAdmin({"list"});
      return list.exit_code == 0;
    })) << list.err;
  }

  std::unique_ptr<Subprocess> Spawn(const std::vector<std::string>& argv) {
    auto process = Subprocess::Spawn({.argv = argv});
    EXPECT_TRUE(process.ok()) << process.status();
    return std::make_unique<Subprocess>(*std::move(process));
  }

  // The first person, beside the coordinator.
  CommandResult AsAdmin(const std::vector<std::string>& args) {
    std::vector<std::string> argv = {BinFolder() + "/cusp",
                                     "--server",
                                     kServer,
                                     "--ca",
                                     Pki("ca.crt"),
                                     "--cert",
                                     Pki("client.crt"),
                                     "--key",
                                     Pki("client.key"),
                                     "--token-file",
                                     stack_.Path("data/admin.token")};
    argv.insert(argv.end(), args.begin(), args.end());
    return stack_.Call(In(network_.server(), "admin", argv));
  }

  // The second person, on another machine, who has logged in.
  CommandResult AsBen(const std::vector<std::string>& args) {
    std::vector<std::string> argv = {BinFolder() + "/cusp"};
    argv.insert(argv.end(), args.begin(), args.end());
    return stack_.Call(In(network_.user(), "ben", argv), std::chrono::seconds(120));
  }

  // Path of a file with a new token; its number is the answer's "id".
  nlohmann::json MakeToken(const std::string& user, const std::string& role) {
    const auto made = AsAdmin({"admin", "token", "create", "--user", user, "--role", role,
                               "--output", stack_.Path(user + ".token"), "--json"});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return made.Json();
  }

  CommandResult Login() {
    const std::vector<std::string> argv =
        In(network_.user(), "ben",
           {BinFolder() + "/cusp", "login", "--server", kServer, "--ca", Pki("ca.crt"), "--cert",
            Pki("client.crt"), "--key", Pki("client.key")});
    std::string words;
    for (const std::string& word : argv) {
      words += "'" + word + "' ";
    }
    // From standard input, as a script does it.
    return stack_.Call({"/bin/sh", "-c", words + "< " + stack_.Path("ben.token")});
  }

  void StartWorker() {
    // Beside the test's program: a sandboxed runner has a /tmp of its own.
    ASSERT_TRUE(WriteFileAtomically(script_, kScript).ok());
    worker_ =
        Spawn(In(network_.user(), "worker",
                 {"/bin/sh", "-c", "exec \"$@\" > " + stack_.Path("worker.txt") + " 2>&1", "sh",
                  BinFolder() + "/cusp-worker", "--server", kServer, "--ca", Pki("ca.crt"),
                  "--cert", Pki("worker.crt"), "--key", Pki("worker.key"), "--token-file",
                  stack_.Path("gpu.token"), "--device", "cpu", "--name", "gpu0"},
                 {"CUSP_RUNNER=" + *ExecutableDirectory() + "/fake_runner",
                  "CUSP_FAKE_RUNNER_SCRIPT=" + script_}));
  }

  static std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

  Stack stack_;
  Network network_;
  std::unique_ptr<Subprocess> coordinator_;
  std::unique_ptr<Subprocess> worker_;
  const std::string script_ =
      *ExecutableDirectory() + "/second_person_" + std::to_string(getpid()) + ".json";
};

TEST_F(SecondPersonTest, LogsInMeasuresAndLeavesOthersAlone) {
  const auto token = MakeToken("ben", "submitter");
  MakeToken("gpu", "worker");
  const auto first = AsAdmin({"submit", stack_.Write("job.yaml", kJob), "--parsable"});
  ASSERT_EQ(first.exit_code, 0) << first.err;

  const auto login = Login();
  ASSERT_EQ(login.exit_code, 0) << login.err;
  EXPECT_THAT(login.out, HasSubstr("as ben (submitter)"));

  // Others' jobs are to be seen, and not to be touched.
  EXPECT_THAT(AsBen({"list", "--all"}).out, HasSubstr("admin"));
  const auto cancelled = AsBen({"cancel", FirstLine(first.out)});
  EXPECT_EQ(cancelled.exit_code, 4) << cancelled.err;
  EXPECT_EQ(AsBen({"show", FirstLine(first.out), "--json"}).Json().at("state"), "QUEUED");
  for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{
           {"admin", "token", "list"},
           {"admin", "token", "create", "--user", "ben", "--role", "admin"},
           {"admin", "user", "set", "ben", "--weight", "9"},
           {"admin", "audit"},
           {"admin", "drain", "gpu0"}}) {
    const auto refused = AsBen(args);
    EXPECT_EQ(refused.exit_code, 4) << refused.err;
    EXPECT_EQ(refused.out, "");
  }
  EXPECT_EQ(AsBen({"--token-file", stack_.Path("gpu.token"), "list"}).exit_code, 4)
      << "a worker's token reads nothing";

  ASSERT_NO_FATAL_FAILURE(StartWorker());
  const auto own = AsBen({"submit", stack_.Path("job.yaml"), "--parsable"});
  ASSERT_EQ(own.exit_code, 0) << own.err;
  const auto watched = AsBen({"watch", FirstLine(own.out)});
  EXPECT_EQ(watched.exit_code, 0) << watched.err;
  const auto results = AsBen({"results", FirstLine(own.out), "--json"});
  ASSERT_EQ(results.exit_code, 0) << results.err;
  EXPECT_EQ(results.Json().at("comparisons").at(0).at("verdict"), "crosses");
  EXPECT_THAT(AsBen({"workers"}).out, HasSubstr("gpu0"));

  // What the second person did is on record, and no secret anywhere.
  EXPECT_THAT(AsAdmin({"admin", "audit", "--actor", "ben"}).out, HasSubstr("job_submitted"));
  const std::string secret = FirstLine(stack_.ReadText("ben.token"));
  ASSERT_EQ(secret.size(), 64U);
  EXPECT_THAT(stack_.ReadText("worker.txt") + stack_.ReadText("ben/.config/cusp/config.yaml"),
              Not(HasSubstr(secret)));

  EXPECT_EQ(AsAdmin({"admin", "token", "revoke", token.at("id")}).exit_code, 0);
  EXPECT_EQ(AsBen({"list"}).exit_code, 4) << "at once";
}

}  // namespace
}  // namespace cusp::e2e
