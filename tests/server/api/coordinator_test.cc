#include "server/api/coordinator.h"

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/file.h"
#include "common/secret_file.h"
#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

class CoordinatorTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Coordinator>> Start(const std::string& listen) {
    CoordinatorOptions options;
    options.data_folder = dir_.Join("data");
    options.listen = listen;
    return Coordinator::Start(options, clock_);
  }

  // Code of a call with this header; none where it is empty.
  static grpc::StatusCode List(const std::string& address, const std::string& authorization) {
    const auto jobs =
        v1::JobService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    if (!authorization.empty()) {
      context.AddMetadata("authorization", authorization);
    }
    v1::ListJobsResponse response;
    return jobs->ListJobs(&context, v1::ListJobsRequest(), &response).error_code();
  }

  TempDir dir_;
  SystemClock clock_;
};

TEST_F(CoordinatorTest, SocketIsPrivateAndNeedsNoToken) {
  const std::string path = dir_.Join("s");
  const auto coordinator = Start("unix:" + path);
  ASSERT_THAT(coordinator, IsOk());
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(List((*coordinator)->address(), ""), grpc::StatusCode::OK);
}

// What each method wants of whom is in role_matrix_test.cc.
TEST_F(CoordinatorTest, TcpWantsTheTokenThatTheFirstStartWrote) {
  const auto coordinator = Start("127.0.0.1:0");
  ASSERT_THAT(coordinator, IsOk());
  EXPECT_EQ(List((*coordinator)->address(), ""), grpc::StatusCode::UNAUTHENTICATED);
  const auto token = ReadSecretFile(dir_.Join("data/admin.token"));
  ASSERT_THAT(token, IsOk());
  EXPECT_EQ(List((*coordinator)->address(), "Bearer " + *token), grpc::StatusCode::OK);
}

TEST_F(CoordinatorTest, SecondStartKeepsTheToken) {
  ASSERT_THAT(Start("127.0.0.1:0"), IsOk());
  const auto first = ReadFile(dir_.Join("data/admin.token"), 1000);
  ASSERT_THAT(Start("127.0.0.1:0"), IsOk());
  EXPECT_EQ(*ReadFile(dir_.Join("data/admin.token"), 1000), *first);
}

TEST_F(CoordinatorTest, WhatCannotBeServedIsRefused) {
  EXPECT_THAT(Start("0.0.0.0:0"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Start("nowhere"), StatusIs(absl::StatusCode::kInvalidArgument));
  const auto first = Start("127.0.0.1:0");
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(Start("127.0.0.1:0"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another cuspd")));
  CoordinatorOptions options;
  options.data_folder = dir_.Join("other");
  options.listen = (*first)->address();
  EXPECT_THAT(Coordinator::Start(options, clock_),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("in use")));
}

TEST_F(CoordinatorTest, AnIdleWatchOutlivesManyPings) {
  const auto coordinator = Start("127.0.0.1:0");
  ASSERT_THAT(coordinator, IsOk());
  std::string token = *ReadFile(dir_.Join("data/admin.token"), 1000);
  token.pop_back();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 1100);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  const auto jobs = v1::JobService::NewStub(grpc::CreateCustomChannel(
      (*coordinator)->address(), grpc::InsecureChannelCredentials(), arguments));
  grpc::ClientContext submit_context;
  submit_context.AddMetadata("authorization", "Bearer " + token);
  v1::SubmitJobRequest submission;
  submission.set_request_id(NewUuid());
  *submission.mutable_spec() = SmallSpec();
  v1::SubmitJobResponse submitted;
  ASSERT_TRUE(jobs->SubmitJob(&submit_context, submission, &submitted).ok());

  // Nothing happens to the job: the stream is silent, and gRPC allows three pings
  // that come too early. Seven of them pass before the deadline ends the call.
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + token);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(8));
  v1::WatchJobRequest request;
  request.set_name(submitted.job().name());
  const auto watch = jobs->WatchJob(&context, request);
  v1::WatchJobResponse response;
  while (watch->Read(&response)) {
  }
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(CoordinatorTest, TlsFilesThatCannotBeUsedAreBadUsage) {
  CoordinatorOptions options;
  options.data_folder = dir_.Join("data");
  options.listen = "127.0.0.1:0";
  options.tls_cert_file = "/nowhere/cert";
  EXPECT_THAT(Coordinator::Start(options, clock_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--tls-key")));
  options.tls_key_file = "/nowhere/key";
  EXPECT_THAT(Coordinator::Start(options, clock_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--tls-cert: /nowhere/cert")));
}

TEST_F(CoordinatorTest, TlsOnAUnixSocketIsBadUsage) {
  for (std::string CoordinatorOptions::*file :
       {&CoordinatorOptions::tls_cert_file, &CoordinatorOptions::tls_key_file,
        &CoordinatorOptions::client_ca_file}) {
    CoordinatorOptions options;
    options.data_folder = dir_.Join("data");
    options.*file = "/nowhere/file";
    EXPECT_THAT(Coordinator::Start(options, clock_),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--listen HOST:PORT")));
  }
}

}  // namespace
}  // namespace cusp::server
