#include "common/channel.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>
#include <string>

#include "cusp/v1/job_service.grpc.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp {
namespace {

using ::testing::HasSubstr;

// Answers with the caller's authorization header.
class EchoService final : public v1::JobService::Service {
 public:
  grpc::Status GetJob(grpc::ServerContext* context, const v1::GetJobRequest* /*request*/,
                      v1::GetJobResponse* response) override {
    const auto& metadata = context->client_metadata();
    if (const auto found = metadata.find("authorization"); found != metadata.end()) {
      response->mutable_job()->set_owner(std::string(found->second.data(), found->second.size()));
    }
    return grpc::Status::OK;
  }
};

class ChannelTest : public testing::Test {
 protected:
  std::string WriteToken(const std::string& content, mode_t mode) {
    const std::string path = temp_.Write("token", content);
    chmod(path.c_str(), mode);
    return path;
  }

  absl::Status Open(const std::string& server) {
    options_.server = server;
    return OpenChannel(options_).status();
  }

  TempDir temp_;
  ChannelOptions options_;
};

TEST_F(ChannelTest, TokenGoesWithEveryCall) {
  EchoService service;
  grpc::ServerBuilder builder;
  options_.server = "unix:" + temp_.Join("s");
  builder.AddListeningPort(options_.server, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  ASSERT_NE(server, nullptr);
  options_.token_file = WriteToken("secret-1\n", 0600);
  const auto channel = OpenChannel(options_);
  ASSERT_THAT(channel, IsOk());
  const auto stub = v1::JobService::NewStub(*channel);
  for (int call = 0; call < 2; ++call) {
    grpc::ClientContext context;
    v1::GetJobResponse response;
    ASSERT_TRUE(stub->GetJob(&context, {}, &response).ok());
    EXPECT_EQ(response.job().owner(), "Bearer secret-1");
  }
}

TEST_F(ChannelTest, TokenThatOthersMayReadIsRefusedWithTheRemedy) {
  options_.token_file = WriteToken("secret", 0640);
  EXPECT_THAT(Open("localhost:1"),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("chmod 600")));
}

TEST_F(ChannelTest, EmptyOrGarbledTokenIsRefused) {
  options_.token_file = WriteToken(" \n", 0600);
  EXPECT_THAT(Open("localhost:1"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("empty")));
  options_.token_file = WriteToken("two\nlines", 0600);
  EXPECT_THAT(Open("localhost:1"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("one line")));
}

TEST_F(ChannelTest, MissingFilesAreNamed) {
  options_.token_file = "/nowhere/token";
  EXPECT_THAT(Open("localhost:1"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("/nowhere/token: No such file or directory; name its file with "
                                 "--token-file or CUSP_TOKEN_FILE")));
  options_ = {};
  options_.ca_file = "/nowhere/ca";
  EXPECT_THAT(Open("localhost:1"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/ca")));
}

TEST_F(ChannelTest, CertificateNeedsItsKey) {
  options_.cert_file = "/some/cert";
  EXPECT_THAT(Open("localhost:1"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("together")));
}

TEST_F(ChannelTest, MalformedAddressesAreRefusedWithTheForm) {
  for (const char* server : {"", "gpu-host", "gpu-host:", "gpu-host:x", "gpu-host:0", ":7870",
                             "gpu-host:65536", "http://gpu-host:7870", "::1:7870", "[]:1"}) {
    EXPECT_THAT(Open(server),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("unix:PATH or HOST:PORT")))
        << server;
  }
}

TEST_F(ChannelTest, SocketPathThatIsTooLongIsRefused) {
  EXPECT_THAT(Open("unix:/" + std::string(kMaxSocketPath, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("shorter")));
  EXPECT_THAT(Open("unix:"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("107")));
}

TEST_F(ChannelTest, GoodAddressesOpen) {
  for (const char* server : {"gpu-host:7870", "127.0.0.1:1", "[::1]:65535", "unix:/run/s"}) {
    EXPECT_THAT(Open(server), IsOk()) << server;
  }
}

TEST(IsLocalAddressTest, OnlyThisMachineIsLocal) {
  for (const char* server : {"unix:/s", "localhost:1", "127.0.0.1:1", "127.1.2.3:1", "[::1]:1"}) {
    EXPECT_TRUE(IsLocalAddress(server)) << server;
  }
  for (const char* server : {"gpu:1", "10.0.0.1:1", "127.evil.org:1", "[::2]:1", "localhost.x:1"}) {
    EXPECT_FALSE(IsLocalAddress(server)) << server;
  }
}

}  // namespace
}  // namespace cusp
