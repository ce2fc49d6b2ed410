#include "client/lib/login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/secret_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

class LoginTest : public testing::Test {
 protected:
  Environment environment() {
    return [this](const std::string& name) { return name == "HOME" ? temp_.path() : ""; };
  }
  std::string Config(const std::string& name) { return temp_.Join(".config/cusp/" + name); }
  Settings Read() {
    const auto settings = ReadConfigFile(Config("config.yaml"), environment());
    EXPECT_THAT(settings, IsOk());
    return settings.ok() ? *settings : Settings();
  }
  static bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

  ChannelOptions Server() {
    ChannelOptions channel;
    channel.server = "gpu:7870";
    channel.ca_file = "/etc/ca.pem";
    return channel;
  }

  const TempDir temp_;
};

TEST_F(LoginTest, KeptLoginIsWhatLaterCallsRead) {
  auto login = PendingLogin::Begin(Server(), "secret", environment());
  ASSERT_THAT(login, IsOk());
  EXPECT_THAT(ReadSecretFile(login->channel().token_file), IsOkAndHolds("secret"));
  EXPECT_FALSE(Exists(Config("config.yaml"))) << "not before it is known to be good";
  ASSERT_THAT(login->Keep(), IsOk());
  const Settings settings = Read();
  EXPECT_EQ(settings.channel.server, "gpu:7870");
  EXPECT_EQ(settings.channel.ca_file, "/etc/ca.pem");
  EXPECT_EQ(settings.channel.token_file, Config("token"));
  EXPECT_THAT(ReadSecretFile(Config("token")), IsOkAndHolds("secret"));
  struct stat info {};
  ASSERT_EQ(stat(Config("config.yaml").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(LoginTest, LoginThatWasNotKeptLeavesNothing) {
  std::string pending;
  {
    auto login = PendingLogin::Begin(Server(), "secret", environment());
    ASSERT_THAT(login, IsOk());
    pending = login->channel().token_file;
  }
  EXPECT_FALSE(Exists(pending));
  EXPECT_FALSE(Exists(Config("token")));
}

TEST_F(LoginTest, PathsAreFoundFromEveryFolder) {
  ChannelOptions channel = Server();
  channel.ca_file = "ca.crt";
  auto login = PendingLogin::Begin(channel, "", environment());
  ASSERT_THAT(login, IsOk());
  EXPECT_EQ(login->channel().ca_file.front(), '/');
  EXPECT_EQ(login->channel().token_file, "");
}

TEST_F(LoginTest, LogoutForgetsAllButTheState) {
  ASSERT_THAT(MakeDirectories(temp_.Join(".config/cusp")), IsOk());
  ASSERT_THAT(WriteFileAtomically(Config("config.yaml"), "state: /fast/cusp\n"), IsOk());
  EXPECT_THAT(RemoveLogin(environment()), IsOkAndHolds(false));
  auto login = PendingLogin::Begin(Server(), "secret", environment());
  ASSERT_THAT(login, IsOk());
  ASSERT_THAT(login->Keep(), IsOk());
  EXPECT_EQ(Read().state, "/fast/cusp");
  EXPECT_THAT(RemoveLogin(environment()), IsOkAndHolds(true));
  EXPECT_FALSE(Exists(Config("token")));
  EXPECT_EQ(Read().channel.server, "");
  EXPECT_EQ(Read().state, "/fast/cusp");
}

TEST_F(LoginTest, LogoutOfALoginAloneLeavesNoFile) {
  auto login = PendingLogin::Begin(Server(), "secret", environment());
  ASSERT_THAT(login->Keep(), IsOk());
  EXPECT_THAT(RemoveLogin(environment()), IsOkAndHolds(true));
  EXPECT_FALSE(Exists(Config("config.yaml")));
}

TEST_F(LoginTest, TextIsReadAsItWasWritten) {
  Settings settings;
  settings.channel.server = "unix:/a b/\"c\": #d";
  settings.channel.key_file = "/ü";
  ASSERT_THAT(MakeDirectories(temp_.Join(".config/cusp")), IsOk());
  ASSERT_THAT(WriteFileAtomically(Config("config.yaml"), ConfigText(settings)), IsOk());
  EXPECT_EQ(Read().channel.server, settings.channel.server);
  EXPECT_EQ(Read().channel.key_file, settings.channel.key_file);
}

TEST_F(LoginTest, WithoutAHomeThereIsNoPlace) {
  EXPECT_THAT(PendingLogin::Begin(Server(), "secret", [](const std::string&) { return ""; }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("HOME")));
}

}  // namespace
}  // namespace cusp::client
