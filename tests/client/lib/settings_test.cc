#include "client/lib/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class SettingsTest : public testing::Test {
 protected:
  void SetUp() override {
    variables_ = {{"HOME", temp_.path()}, {"XDG_CONFIG_HOME", temp_.path() + "/config"}};
  }

  void WriteConfig(const std::string& content) {
    ASSERT_THAT(MakeDirectories(temp_.path() + "/config/cusp"), IsOk());
    ASSERT_THAT(WriteFileAtomically(ConfigPath(), content), IsOk());
  }

  std::string ConfigPath() const { return temp_.path() + "/config/cusp/config.yaml"; }

  Environment environment() {
    return [this](const std::string& name) { return variables_[name]; };
  }

  absl::StatusOr<Settings> Resolve() { return ResolveSettings(flags_, environment()); }

  TempDir temp_;
  std::map<std::string, std::string> variables_;
  Settings flags_;
};

TEST_F(SettingsTest, NothingSetGivesThePrivateState) {
  const auto settings = Resolve();
  ASSERT_THAT(settings, IsOk());
  EXPECT_EQ(settings->channel.server, "");
  EXPECT_EQ(settings->state, temp_.path() + "/.local/share/cusp");
}

TEST_F(SettingsTest, DataHomeMovesThePrivateState) {
  variables_["XDG_DATA_HOME"] = "/data";
  EXPECT_EQ(Resolve()->state, "/data/cusp");
}

TEST_F(SettingsTest, RelativeDataHomeIsIgnored) {
  variables_["XDG_DATA_HOME"] = "data";
  EXPECT_EQ(Resolve()->state, temp_.path() + "/.local/share/cusp");
}

TEST_F(SettingsTest, FileCounts) {
  WriteConfig("server: gpu:7870\ntoken_file: ~/token\nca: /etc/ca.pem\n");
  const auto settings = Resolve();
  ASSERT_THAT(settings, IsOk());
  EXPECT_EQ(settings->channel.server, "gpu:7870");
  EXPECT_EQ(settings->channel.token_file, temp_.path() + "/token");
  EXPECT_EQ(settings->channel.ca_file, "/etc/ca.pem");
  EXPECT_EQ(settings->state, "");
}

TEST_F(SettingsTest, EnvironmentWinsOverFile) {
  WriteConfig("token_file: /from/file\nca: /ca\n");
  variables_["CUSP_SERVER"] = "env:1";
  variables_["CUSP_TOKEN_FILE"] = "/from/env";
  const auto settings = Resolve();
  EXPECT_EQ(settings->channel.server, "env:1");
  EXPECT_EQ(settings->channel.token_file, "/from/env");
  EXPECT_EQ(settings->channel.ca_file, "/ca");
}

TEST_F(SettingsTest, FlagsWinOverEnvironment) {
  variables_["CUSP_SERVER"] = "env:1";
  variables_["CUSP_CA"] = "/env/ca";
  flags_.channel.server = "flag:1";
  flags_.channel.ca_file = "/flag/ca";
  const auto settings = Resolve();
  EXPECT_EQ(settings->channel.server, "flag:1");
  EXPECT_EQ(settings->channel.ca_file, "/flag/ca");
}

TEST_F(SettingsTest, TokenOfTheFileStaysWithTheServerOfTheFile) {
  WriteConfig("server: gpu:7870\ntoken_file: /token\n");
  flags_.channel.server = "other:7870";
  EXPECT_EQ(Resolve()->channel.token_file, "");
  flags_.channel.server = "gpu:7870";
  EXPECT_EQ(Resolve()->channel.token_file, "/token");
}

TEST_F(SettingsTest, StateFlagWinsOverConfiguredServer) {
  WriteConfig("server: gpu:7870\n");
  flags_.state = "/elsewhere/";
  const auto settings = Resolve();
  EXPECT_EQ(settings->channel.server, "");
  EXPECT_EQ(settings->state, "/elsewhere");
}

TEST_F(SettingsTest, RelativeStateBecomesAbsolute) {
  flags_.state = "here/../there";
  EXPECT_THAT(Resolve()->state, AllOf(testing::StartsWith("/"), testing::EndsWith("/there")));
}

TEST_F(SettingsTest, ServerAndStateFlagsExcludeEachOther) {
  flags_.channel.server = "a:1";
  flags_.state = "/b";
  EXPECT_THAT(Resolve(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("one of them")));
}

TEST_F(SettingsTest, PrivateSettingsIgnoreConfiguredServers) {
  WriteConfig("server: gpu:7870\nstate: ~/mine\n");
  variables_["CUSP_SERVER"] = "env:1";
  const auto settings = ResolvePrivateSettings(flags_, environment());
  ASSERT_THAT(settings, IsOk());
  EXPECT_EQ(settings->channel.server, "");
  EXPECT_EQ(settings->state, temp_.path() + "/mine");
}

TEST_F(SettingsTest, PrivateSettingsRefuseAServerFlag) {
  flags_.channel.server = "gpu:7870";
  EXPECT_THAT(ResolvePrivateSettings(flags_, environment()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cusp submit")));
}

TEST_F(SettingsTest, NoHomeAsksForState) {
  variables_.clear();
  EXPECT_THAT(Resolve(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--state")));
}

TEST_F(SettingsTest, UnknownKeyIsRefusedWithItsLine) {
  WriteConfig("server: a:1\nservr: b:1\n");
  EXPECT_THAT(Resolve(), StatusIs(absl::StatusCode::kInvalidArgument,
                                  AllOf(HasSubstr("config.yaml:2: unknown key `servr`"),
                                        HasSubstr("token_file"))));
}

TEST_F(SettingsTest, DuplicateKeyIsRefused) {
  WriteConfig("server: a:1\nserver: b:1\n");
  EXPECT_THAT(Resolve(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("twice")));
}

TEST_F(SettingsTest, BrokenYamlIsRefusedWithItsLine) {
  WriteConfig("server: [a\n");
  EXPECT_THAT(Resolve(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("config.yaml:")));
  WriteConfig("- server\n");
  EXPECT_THAT(Resolve(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("key: value")));
  WriteConfig("server: {a: b}\n");
  EXPECT_THAT(Resolve(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("plain text")));
}

TEST_F(SettingsTest, EmptyFileIsFine) {
  WriteConfig("# nothing yet\n");
  EXPECT_THAT(Resolve(), IsOk());
}

TEST(ProcessEnvironmentTest, HomeComesFromTheUsersEntryWhereItIsNotSet) {
  const std::string before = ProcessEnvironment()("HOME");
  ASSERT_EQ(unsetenv("HOME"), 0);
  const std::string home = ProcessEnvironment()("HOME");
  setenv("HOME", before.c_str(), 1);
  EXPECT_THAT(home, ::testing::StartsWith("/"));
}

}  // namespace
}  // namespace cusp::client
