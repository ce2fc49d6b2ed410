#include "server/api/coordinator.h"

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/file.h"
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

  // Code of each method's answer to an empty request with this header.
  static std::vector<grpc::StatusCode> CallAll(const std::string& address,
                                               const std::string& authorization) {
    const auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
    const auto jobs = v1::JobService::NewStub(channel);
    const auto workers = v1::WorkerService::NewStub(channel);
    const auto results = v1::ResultService::NewStub(channel);
    std::vector<grpc::StatusCode> codes;
    const auto unary = [&](auto call, auto request, auto response) {
      grpc::ClientContext context;
      if (!authorization.empty()) {
        context.AddMetadata("authorization", authorization);
      }
      codes.push_back(call(&context, request, &response).error_code());
    };
#define CUSP_TEST_CALL(stub, Method)                                                               \
  unary([&](auto* c, auto& q, auto* r) { return (stub)->Method(c, q, r); }, v1::Method##Request(), \
        v1::Method##Response())
    CUSP_TEST_CALL(jobs, SubmitJob);
    CUSP_TEST_CALL(jobs, GetJob);
    CUSP_TEST_CALL(jobs, ListJobs);
    CUSP_TEST_CALL(jobs, CancelJob);
    CUSP_TEST_CALL(jobs, HoldJob);
    CUSP_TEST_CALL(jobs, ReleaseJob);
    CUSP_TEST_CALL(jobs, RetryJob);
    CUSP_TEST_CALL(jobs, SetJobPriority);
    CUSP_TEST_CALL(workers, RegisterWorker);
    CUSP_TEST_CALL(workers, SyncWorker);
    CUSP_TEST_CALL(workers, FinishAttempt);
    CUSP_TEST_CALL(workers, ListWorkers);
    CUSP_TEST_CALL(results, GetJobResult);
    CUSP_TEST_CALL(results, ListBlocks);
#undef CUSP_TEST_CALL
    {
      grpc::ClientContext context;
      if (!authorization.empty()) {
        context.AddMetadata("authorization", authorization);
      }
      codes.push_back(jobs->WatchJob(&context, v1::WatchJobRequest())->Finish().error_code());
    }
    {
      grpc::ClientContext context;
      if (!authorization.empty()) {
        context.AddMetadata("authorization", authorization);
      }
      const auto stream = workers->StreamSamples(&context);
      stream->Write(v1::StreamSamplesRequest());
      stream->WritesDone();
      v1::StreamSamplesResponse response;
      while (stream->Read(&response)) {
      }
      codes.push_back(stream->Finish().error_code());
    }
    return codes;
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
  for (const grpc::StatusCode code : CallAll((*coordinator)->address(), "")) {
    EXPECT_NE(code, grpc::StatusCode::UNAUTHENTICATED);
  }
}

TEST_F(CoordinatorTest, EveryMethodNeedsTheTokenOnTcp) {
  const auto coordinator = Start("127.0.0.1:0");
  ASSERT_THAT(coordinator, IsOk());
  for (const char* authorization : {"", "Bearer wrong"}) {
    const auto codes = CallAll((*coordinator)->address(), authorization);
    EXPECT_EQ(codes.size(), 16U);
    for (const grpc::StatusCode code : codes) {
      EXPECT_EQ(code, grpc::StatusCode::UNAUTHENTICATED);
    }
  }
  std::string token = *ReadFile(dir_.Join("data/admin.token"), 1000);
  token.pop_back();
  for (const grpc::StatusCode code : CallAll((*coordinator)->address(), "Bearer " + token)) {
    EXPECT_NE(code, grpc::StatusCode::UNAUTHENTICATED);
  }
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

}  // namespace
}  // namespace cusp::server
