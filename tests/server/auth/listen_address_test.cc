#include "server/auth/listen_address.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

TEST(ListenAddressTest, ReadsEveryForm) {
  EXPECT_EQ(ParseListenAddress("unix:/a/b")->path, "/a/b");
  EXPECT_EQ(ParseListenAddress("127.0.0.1:80")->port, 80);
  EXPECT_TRUE(ParseListenAddress("localhost:0")->is_loopback);
  EXPECT_TRUE(ParseListenAddress("[::1]:80")->is_loopback);
  EXPECT_FALSE(ParseListenAddress("0.0.0.0:80")->is_loopback);
  EXPECT_EQ(ParseListenAddress("[::]:80")->ToString(), "[::]:80");
}

TEST(ListenAddressTest, BadAddressesAreRefused) {
  for (const char* text : {"", "unix:", "host", ":80", "host:", "host:x", "host:65536", "::1:80"}) {
    EXPECT_THAT(ParseListenAddress(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
  EXPECT_THAT(ParseListenAddress("unix:/" + std::string(200, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("shorter")));
}

TEST(ListenAddressTest, OpenAddressNeedsTls) {
  EXPECT_THAT(CheckTransport(*ParseListenAddress("0.0.0.0:80"), false),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--tls-cert")));
  EXPECT_THAT(CheckTransport(*ParseListenAddress("0.0.0.0:80"), true), IsOk());
  EXPECT_THAT(CheckTransport(*ParseListenAddress("127.0.0.1:80"), false), IsOk());
  EXPECT_THAT(CheckTransport(*ParseListenAddress("unix:/a"), false), IsOk());
}

TEST(ListenAddressTest, OnlyAStaleSocketIsRemoved) {
  TempDir dir;
  const std::string path = dir.Join("s");
  EXPECT_THAT(RemoveStaleSocket(path), IsOk());
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(fd, 1), 0);
  EXPECT_THAT(RemoveStaleSocket(path),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("listens")));
  close(fd);
  EXPECT_THAT(RemoveStaleSocket(path), IsOk());
  EXPECT_NE(access(path.c_str(), F_OK), 0);
  EXPECT_THAT(RemoveStaleSocket(dir.Write("file", "x")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace cusp::server
