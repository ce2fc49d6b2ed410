// A coordinator on loopback TCP, where every call needs a token.
#pragma once

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "common/grpc_status.h"
#include "common/ids.h"
#include "common/secret_file.h"
#include "cusp/v1/admin_service.grpc.pb.h"
#include "cusp/v1/job_service.grpc.pb.h"
#include "cusp/v1/worker_service.grpc.pb.h"
#include "server/api/coordinator.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {

class TcpTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CoordinatorOptions options;
    options.data_folder = dir_.Join("data");
    options.listen = "127.0.0.1:0";
    auto coordinator = Coordinator::Start(options, clock_);
    ASSERT_THAT(coordinator, IsOk());
    coordinator_ = *std::move(coordinator);
    const auto admin_token = ReadSecretFile(dir_.Join("data/admin.token"));
    ASSERT_THAT(admin_token, IsOk());
    admin_token_ = *admin_token;
    channel_ = grpc::CreateChannel(coordinator_->address(), grpc::InsecureChannelCredentials());
    admin_ = v1::AdminService::NewStub(channel_);
    jobs_ = v1::JobService::NewStub(channel_);
    workers_ = v1::WorkerService::NewStub(channel_);
  }

  // A call's context with this token; none where it is empty.
  static std::unique_ptr<grpc::ClientContext> With(const std::string& token) {
    auto context = std::make_unique<grpc::ClientContext>();
    if (!token.empty()) {
      context->AddMetadata("authorization", "Bearer " + token);
    }
    return context;
  }

  // By the administrator; `lifetime_seconds` of 0: for good.
  v1::CreateTokenResponse MakeToken(const std::string& user, v1::Token::Role role,
                                    int64_t lifetime_seconds = 0) {
    v1::CreateTokenRequest request;
    request.set_request_id(NewUuid());
    request.set_user(user);
    request.set_role(role);
    if (lifetime_seconds > 0) {
      request.mutable_lifetime()->set_seconds(lifetime_seconds);
    }
    v1::CreateTokenResponse response;
    EXPECT_THAT(FromGrpc(admin_->CreateToken(With(admin_token_).get(), request, &response)),
                IsOk());
    return response;
  }

  absl::Status Revoke(const std::string& name) {
    v1::RevokeTokenRequest request;
    request.set_request_id(NewUuid());
    request.set_name(name);
    v1::RevokeTokenResponse response;
    return FromGrpc(admin_->RevokeToken(With(admin_token_).get(), request, &response));
  }

  // Of a reading call.
  absl::Status List(const std::string& token) {
    v1::ListJobsResponse response;
    return FromGrpc(jobs_->ListJobs(With(token).get(), v1::ListJobsRequest(), &response));
  }

  TempDir dir_;
  FakeClock clock_;
  std::unique_ptr<Coordinator> coordinator_;
  std::string admin_token_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
  std::unique_ptr<v1::JobService::Stub> jobs_;
  std::unique_ptr<v1::WorkerService::Stub> workers_;
};

}  // namespace cusp::server
