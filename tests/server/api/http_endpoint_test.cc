#include "server/api/http_endpoint.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// A client's connection, byte by byte.
class Socket {
 public:
  explicit Socket(const std::string& address) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(fd_); }

  void Send(const std::string& text) const {
    EXPECT_EQ(send(fd_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  // To the end of the stream.
  std::string ReadAll() const {
    std::string all;
    char buffer[4096];
    for (ssize_t n = 0; (n = recv(fd_, buffer, sizeof(buffer), 0)) > 0;) {
      all.append(buffer, static_cast<size_t>(n));
    }
    return all;
  }

 private:
  int fd_;
};

class HttpEndpointTest : public ::testing::Test {
 protected:
  HttpEndpointTest()
      : endpoint_(*HttpEndpoint::Start(
            "127.0.0.1:0",
            {{"/page", [] { return HttpAnswer{.status = 200, .body = "hello\n"}; }},
             {"/ill", [] { return HttpAnswer{.status = 503, .body = "no disk\n"}; }}})) {}

  std::string Ask(const std::string& request_line) const {
    const Socket socket(endpoint_->address());
    socket.Send(request_line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    return socket.ReadAll();
  }

  std::unique_ptr<HttpEndpoint> endpoint_;
};

TEST_F(HttpEndpointTest, ServesItsPagesOverARealSocket) {
  EXPECT_THAT(Ask("GET /page"), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("\r\n\r\nhello\n")));
  EXPECT_THAT(Ask("GET /ill"), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("no disk")));
  EXPECT_THAT(Ask("HEAD /page"), AllOf(StartsWith("HTTP/1.1 200"), Not(HasSubstr("hello"))));
}

TEST_F(HttpEndpointTest, AnythingElseIsRefused) {
  EXPECT_THAT(Ask("GET /../etc/passwd"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(Ask("GET /"), AllOf(StartsWith("HTTP/1.1 404"), HasSubstr("/ill /page")));
  EXPECT_THAT(Ask("DELETE /page"), StartsWith("HTTP/1.1 405"));
}

TEST_F(HttpEndpointTest, NonsenseEndsTheConnectionAlone) {
  {
    const Socket socket(endpoint_->address());
    socket.Send(std::string("\x16\x03\x01\x00garbage\r\n\r\n", 16));
    socket.ReadAll();
  }
  EXPECT_THAT(Ask("GET /page"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpEndpointTest, SlowClientsHoldNobodyUp) {
  std::vector<std::unique_ptr<Socket>> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(std::make_unique<Socket>(endpoint_->address()));
    slow.back()->Send("GET /pa");  // and nothing more
  }
  EXPECT_THAT(Ask("GET /page"), StartsWith("HTTP/1.1 200"));
  endpoint_.reset();  // does not wait for them either
  EXPECT_EQ(slow.front()->ReadAll(), "");
}

TEST_F(HttpEndpointTest, HeadersWithoutEndAreCutOff) {
  const Socket socket(endpoint_->address());
  socket.Send("GET /page HTTP/1.1\r\nX: " + std::string(20'000, 'x'));
  EXPECT_THAT(socket.ReadAll(), Not(HasSubstr("hello")));
}

TEST(HttpEndpointStartTest, OnlyTheLoopbackIsServed) {
  for (const char* address : {"0.0.0.0:0", "10.0.0.1:9464", "example.org:9464"}) {
    EXPECT_THAT(HttpEndpoint::Start(address, {}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("127.0.0.1")))
        << address;
  }
  EXPECT_THAT(HttpEndpoint::Start("unix:/tmp/x", {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("HOST:PORT")));
  EXPECT_THAT(HttpEndpoint::Start("nonsense", {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--metrics-listen")));
}

TEST(HttpEndpointStartTest, AddressInUseIsTold) {
  const auto first = HttpEndpoint::Start("127.0.0.1:0", {});
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(HttpEndpoint::Start((*first)->address(), {}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("in use")));
}

}  // namespace
}  // namespace cusp::server
