#include "server/api/admin_service.h"

#include <vector>

#include "common/file.h"
#include "common/sha256.h"
#include "tests/server/api/service_fixture.h"
#include "tests/server/api/tcp_fixture.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class AdminServiceTest : public TcpTest {
 protected:
  template <typename Response, typename Request>
  absl::StatusOr<Response> AsAdmin(grpc::Status (v1::AdminService::Stub::*method)(
                                       grpc::ClientContext*, const Request&, Response*),
                                   const Request& request) {
    Response response;
    const grpc::Status status =
        (admin_.get()->*method)(With(admin_token_).get(), request, &response);
    if (!status.ok()) {
      return FromGrpc(status);
    }
    return response;
  }

  static v1::CreateTokenRequest TokenRequest() {
    v1::CreateTokenRequest request;
    request.set_request_id(NewUuid());
    request.set_user("ann");
    request.set_role(v1::Token::ROLE_SUBMITTER);
    return request;
  }

  absl::StatusOr<v1::Job> Submit(const std::string& token) {
    v1::SubmitJobRequest request;
    request.set_request_id(NewUuid());
    *request.mutable_spec() = SmallSpec();
    v1::SubmitJobResponse response;
    const grpc::Status status = jobs_->SubmitJob(With(token).get(), request, &response);
    if (!status.ok()) {
      return FromGrpc(status);
    }
    return response.job();
  }

  absl::Status Cancel(const std::string& token, const std::string& job) {
    v1::CancelJobRequest request;
    request.set_request_id(NewUuid());
    request.set_name(job);
    v1::CancelJobResponse response;
    return FromGrpc(jobs_->CancelJob(With(token).get(), request, &response));
  }
};

TEST_F(AdminServiceTest, SecretIsShownOnceAndStoredNowhere) {
  const v1::CreateTokenRequest request = TokenRequest();
  const auto first = AsAdmin(&v1::AdminService::Stub::CreateToken, request);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->secret().size(), 64U);
  EXPECT_THAT(List(first->secret()), IsOk());
  const auto again = AsAdmin(&v1::AdminService::Stub::CreateToken, request);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->token().name(), first->token().name());
  EXPECT_THAT(again->secret(), IsEmpty());

  coordinator_.reset();
  const auto database = ReadFile(dir_.Join("data/cusp.db"), 64U << 20U);
  ASSERT_THAT(database, IsOk());
  EXPECT_THAT(*database, HasSubstr("token_created"));
  EXPECT_THAT(*database, Not(HasSubstr(first->secret())));
}

TEST_F(AdminServiceTest, BadTokensAreNotMade) {
  v1::CreateTokenRequest request = TokenRequest();
  request.set_user("a b");
  EXPECT_THAT(AsAdmin(&v1::AdminService::Stub::CreateToken, request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("user's name")));
  request = TokenRequest();
  request.clear_role();
  EXPECT_THAT(AsAdmin(&v1::AdminService::Stub::CreateToken, request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("role")));
  request = TokenRequest();
  request.mutable_lifetime()->set_seconds(-1);
  EXPECT_THAT(AsAdmin(&v1::AdminService::Stub::CreateToken, request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("lifetime")));
}

TEST_F(AdminServiceTest, TokensAreListedInPages) {
  MakeToken("ann", v1::Token::ROLE_READER);
  v1::ListTokensRequest request;
  request.set_page_size(1);
  const auto first = AsAdmin(&v1::AdminService::Stub::ListTokens, request);
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(first->tokens_size(), 1);
  EXPECT_EQ(first->tokens(0).user(), "admin");
  EXPECT_TRUE(first->tokens(0).has_last_use_time());
  request.set_page_token(first->next_page_token());
  const auto second = AsAdmin(&v1::AdminService::Stub::ListTokens, request);
  ASSERT_THAT(second, IsOk());
  ASSERT_EQ(second->tokens_size(), 1);
  EXPECT_EQ(second->tokens(0).user(), "ann");
  EXPECT_FALSE(second->tokens(0).has_last_use_time());
  EXPECT_THAT(second->next_page_token(), IsEmpty());
}

TEST_F(AdminServiceTest, RevokedTokenLosesItsOpenStreamsToo) {
  const auto token = MakeToken("ann", v1::Token::ROLE_SUBMITTER);
  const auto job = Submit(token.secret());
  ASSERT_THAT(job, IsOk());
  const auto context = With(token.secret());
  v1::WatchJobRequest request;
  request.set_name(job->name());
  const auto watch = jobs_->WatchJob(context.get(), request);
  v1::WatchJobResponse response;
  ASSERT_TRUE(watch->Read(&response));

  EXPECT_THAT(Revoke(token.token().name()), IsOk());
  while (watch->Read(&response)) {
  }
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_THAT(List(token.secret()), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(Revoke(token.token().name()), IsOk()) << "a no-op";
  EXPECT_THAT(Revoke("tokens/999"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(List(admin_token_), IsOk());
}

TEST_F(AdminServiceTest, ExpiredTokenLosesItsOpenStreamsToo) {
  const auto token = MakeToken("ann", v1::Token::ROLE_SUBMITTER, 60);
  const auto job = Submit(token.secret());
  ASSERT_THAT(job, IsOk());
  const auto context = With(token.secret());
  v1::WatchJobRequest request;
  request.set_name(job->name());
  const auto watch = jobs_->WatchJob(context.get(), request);
  v1::WatchJobResponse response;
  ASSERT_TRUE(watch->Read(&response));
  clock_.Advance(std::chrono::seconds(60));
  coordinator_->Tick();
  while (watch->Read(&response)) {
  }
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(AdminServiceTest, JobsAreTheirOwnersAndTheAdministrators) {
  const std::string ann = MakeToken("ann", v1::Token::ROLE_SUBMITTER).secret();
  const std::string ben = MakeToken("ben", v1::Token::ROLE_SUBMITTER).secret();
  const auto first = Submit(ann);
  const auto second = Submit(ann);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(Cancel(ben, first->name()),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("belongs to \"ann\"")));
  EXPECT_THAT(Cancel(ann, first->name()), IsOk());
  EXPECT_THAT(Cancel(admin_token_, second->name()), IsOk());
}

TEST_F(AdminServiceTest, UpdateChangesWhatTheMaskNames) {
  MakeToken("ann", v1::Token::ROLE_READER);
  v1::UpdateUserRequest request;
  request.set_request_id(NewUuid());
  request.mutable_user()->set_name("ann");
  request.mutable_user()->set_share_weight(2.5);
  request.mutable_user()->set_max_queued(7);
  request.mutable_update_mask()->add_paths("share_weight");
  const auto updated = AsAdmin(&v1::AdminService::Stub::UpdateUser, request);
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->user().share_weight(), 2.5);
  EXPECT_NE(updated->user().max_queued(), 7);
  const auto users = AsAdmin(&v1::AdminService::Stub::ListUsers, v1::ListUsersRequest());
  ASSERT_THAT(users, IsOk());
  std::vector<std::string> names;
  for (const v1::User& user : users->users()) {
    names.push_back(user.name());
  }
  EXPECT_THAT(names, ElementsAre("admin", "ann"));
}

TEST_F(AdminServiceTest, AuditLogSaysWhoDidWhat) {
  const std::string ann = MakeToken("ann", v1::Token::ROLE_SUBMITTER).secret();
  const auto job = Submit(ann);
  ASSERT_THAT(job, IsOk());
  v1::ListAuditEventsRequest request;
  request.set_job(job->name());
  const auto of_job = AsAdmin(&v1::AdminService::Stub::ListAuditEvents, request);
  ASSERT_THAT(of_job, IsOk());
  ASSERT_EQ(of_job->events_size(), 1);
  EXPECT_EQ(of_job->events(0).actor(), "ann");
  EXPECT_EQ(of_job->events(0).action(), "job_submitted");
  EXPECT_EQ(of_job->events(0).job(), job->name());
  request.clear_job();
  request.set_actor("admin");
  const auto of_admin = AsAdmin(&v1::AdminService::Stub::ListAuditEvents, request);
  ASSERT_THAT(of_admin, IsOk());
  ASSERT_EQ(of_admin->events_size(), 2);  // ann's token, and its own
  EXPECT_THAT(of_admin->events(0).detail(), HasSubstr("of ann, role submitter"));
}

// On the private socket, with workers that ask.
class DrainTest : public ServiceTest {
 protected:
  DrainTest() { admin_ = v1::AdminService::NewStub(coordinator_->InProcessChannel()); }

  absl::StatusOr<v1::Worker> Drain(const std::string& worker) {
    grpc::ClientContext context;
    v1::DrainWorkerRequest request;
    request.set_request_id(NewUuid());
    request.set_worker("workers/" + worker);
    v1::DrainWorkerResponse response;
    const grpc::Status status = admin_->DrainWorker(&context, request, &response);
    if (!status.ok()) {
      return FromGrpc(status);
    }
    return response.worker();
  }

  absl::Status Resume(const std::string& worker) {
    grpc::ClientContext context;
    v1::ResumeWorkerRequest request;
    request.set_request_id(NewUuid());
    request.set_worker("workers/" + worker);
    v1::ResumeWorkerResponse response;
    return FromGrpc(admin_->ResumeWorker(&context, request, &response));
  }

  v1::Worker Listed() {
    grpc::ClientContext context;
    v1::ListWorkersResponse response;
    EXPECT_THAT(FromGrpc(workers_->ListWorkers(&context, v1::ListWorkersRequest(), &response)),
                IsOk());
    return response.workers_size() == 1 ? response.workers(0) : v1::Worker();
  }

  std::unique_ptr<v1::AdminService::Stub> admin_;
};

TEST_F(DrainTest, DrainedWorkerFinishesWhatItHasAndGetsNothingNew) {
  SubmitSmall();
  const std::string attempt = Lease("w");
  const auto drained = Drain("w");
  ASSERT_THAT(drained, IsOk());
  EXPECT_EQ(drained->state(), v1::Worker::STATE_DRAINING);
  EXPECT_THAT(attempt, HasSubstr(drained->current_sweep()));
  EXPECT_EQ(Sync("w", attempt)->desired_state().action(), v1::DesiredState::ACTION_MEASURE);
  ASSERT_THAT(SendBlock(attempt, 1), IsOk());
  ASSERT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_SUCCEEDED), IsOk());

  SubmitSmall();
  auto idle = std::async(std::launch::async, [this] { return Sync("w"); });
  KeepTicking();
  clock_.Advance(std::chrono::seconds(10));
  while (idle.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
    clock_.Advance(std::chrono::seconds(10));
  }
  StopTicking();
  EXPECT_EQ(idle.get()->desired_state().action(), v1::DesiredState::ACTION_IDLE);
}

TEST_F(DrainTest, DrainOutlivesARestartAndResumeEndsIt) {
  ASSERT_THAT(Register("w"), IsOk());
  ASSERT_THAT(Drain("w"), IsOk());
  Restart();
  admin_ = v1::AdminService::NewStub(coordinator_->InProcessChannel());
  ASSERT_THAT(Register("w"), IsOk());
  EXPECT_TRUE(Listed().draining());
  EXPECT_EQ(Listed().state(), v1::Worker::STATE_DRAINING);
  ASSERT_THAT(Resume("w"), IsOk());
  EXPECT_EQ(Listed().state(), v1::Worker::STATE_IDLE);
  SubmitSmall();
  EXPECT_EQ(Sync("w")->desired_state().action(), v1::DesiredState::ACTION_MEASURE);
}

TEST_F(DrainTest, ResumeWakesACallThatWaits) {
  ASSERT_THAT(Register("w"), IsOk());
  ASSERT_THAT(Drain("w"), IsOk());
  SubmitSmall();
  auto waiting = std::async(std::launch::async, [this] { return Sync("w"); });
  // Whether it waits already or comes later: it gets the sweep.
  ASSERT_THAT(Resume("w"), IsOk());
  EXPECT_EQ(waiting.get()->desired_state().action(), v1::DesiredState::ACTION_MEASURE);
}

TEST_F(DrainTest, UnknownWorkerIsNotFound) {
  EXPECT_THAT(Drain("nobody"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("cusp workers")));
}

}  // namespace
}  // namespace cusp::server
