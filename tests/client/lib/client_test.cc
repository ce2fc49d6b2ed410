#include "client/lib/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/lib/fake_services.h"
#include "tests/support/status_matchers.h"

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ClientTest : public testing::Test {
 protected:
  Client NewClient() {
    return Client(
        coordinator_.Channel(),
        {.server = "fake:1",
         .deadline = std::chrono::seconds(30),
         .attempts = 3,
         .revive =
             [this] {
               ++revived_;
               return revive_answer_;
             },
         .sleep = [this](std::chrono::milliseconds pause) { pauses_.push_back(pause.count()); }});
  }

  FakeCoordinator coordinator_;
  std::vector<int64_t> pauses_;
  int revived_ = 0;
  absl::Status revive_answer_;
};

TEST(JobNameTest, TakesIdsAndNames) {
  EXPECT_THAT(JobName("abc12"), IsOkAndHolds("jobs/abc12"));
  EXPECT_THAT(JobName("jobs/abc12"), IsOkAndHolds("jobs/abc12"));
  EXPECT_EQ(JobId("jobs/abc12"), "abc12");
}

TEST(JobNameTest, RefusesWhatIsNone) {
  for (const char* text : {"", "jobs/", "a/b", "../x", "A", "a b", "jobs/a/sweeps/1"}) {
    EXPECT_THAT(JobName(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("list")))
        << text;
  }
}

TEST_F(ClientTest, SubmitIsRepeatedWithTheSameRequestId) {
  std::vector<std::string> ids;
  coordinator_.jobs.submit = [&](const auto& request, auto& response) {
    ids.push_back(request.request_id());
    response.mutable_job()->set_name("jobs/a");
    return ids.size() < 3 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "starting")
                          : grpc::Status::OK;
  };
  const auto job = NewClient().SubmitJob(v1::JobSpec(), {}, "id-1");
  ASSERT_THAT(job, IsOk());
  EXPECT_EQ(job->name(), "jobs/a");
  EXPECT_THAT(ids, ElementsAre("id-1", "id-1", "id-1"));
  EXPECT_THAT(pauses_, ElementsAre(100, 200));
  EXPECT_EQ(revived_, 2);
}

TEST_F(ClientTest, ChangeIsRepeatedWithTheSameRequestId) {
  std::vector<std::string> ids;
  coordinator_.jobs.set_priority = [&](const auto& request, auto& response) {
    ids.push_back(request.request_id());
    EXPECT_EQ(request.name(), "jobs/a");
    EXPECT_EQ(request.priority(), -7);
    response.mutable_job()->set_name("jobs/a");
    return ids.size() < 2 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "starting")
                          : grpc::Status::OK;
  };
  const auto job = NewClient().SetJobPriority("jobs/a", -7);
  ASSERT_THAT(job, IsOk());
  EXPECT_EQ(job->name(), "jobs/a");
  ASSERT_EQ(ids.size(), 2U);
  EXPECT_EQ(ids[0], ids[1]);
}

TEST_F(ClientTest, UnreachableServerIsNamedAfterTheLastAttempt) {
  coordinator_.jobs.get = [](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "no route");
  };
  EXPECT_THAT(NewClient().GetJob("jobs/a"),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("server unreachable: fake:1"), HasSubstr("no route"))));
  EXPECT_EQ(pauses_.size(), 2U);
}

TEST_F(ClientTest, TransportErrorsOfTlsComeWithAHint) {
  const Client client = NewClient();
  const auto explained = [&](const char* message) {
    return std::string(client.Explain(absl::UnavailableError(message)).message());
  };
  EXPECT_THAT(explained("SSL routines::certificate verify failed"), HasSubstr("--ca"));
  EXPECT_THAT(explained("ipv4:127.0.0.1:1: Socket closed"),
              AllOf(HasSubstr("--ca"), HasSubstr("--cert")));
}

TEST_F(ClientTest, CallThatAStoppingCoordinatorCutIsRepeated) {
  int calls = 0;
  coordinator_.jobs.get = [&](const auto&, auto&) {
    return ++calls == 1 ? grpc::Status::CANCELLED : grpc::Status::OK;
  };
  EXPECT_THAT(NewClient().GetJob("jobs/a"), IsOk());
  EXPECT_EQ(calls, 2);
}

TEST_F(ClientTest, CoordinatorThatCannotBeRevivedEndsTheCall) {
  coordinator_.jobs.get = [](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
  };
  revive_answer_ = absl::InternalError("no cuspd");
  EXPECT_THAT(NewClient().GetJob("jobs/a"),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("no cuspd")));
}

TEST_F(ClientTest, OtherErrorsAreNotRepeated) {
  int calls = 0;
  coordinator_.jobs.get = [&](const auto&, auto&) {
    ++calls;
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "no job jobs/a");
  };
  EXPECT_THAT(NewClient().GetJob("jobs/a"),
              StatusIs(absl::StatusCode::kNotFound, testing::Eq("no job jobs/a")));
  EXPECT_EQ(calls, 1);
}

TEST_F(ClientTest, ListFollowsPages) {
  coordinator_.jobs.list = [](const auto& request, auto& response) {
    const bool first = request.page_token().empty();
    response.add_jobs()->set_name(first ? "jobs/a" : "jobs/b");
    response.set_next_page_token(first ? "next" : "");
    return grpc::Status::OK;
  };
  const auto jobs = NewClient().ListJobs({.all_owners = true, .limit = 0});
  ASSERT_THAT(jobs, IsOk());
  ASSERT_EQ(jobs->size(), 2U);
  EXPECT_EQ(jobs->back().name(), "jobs/b");
}

TEST_F(ClientTest, LimitEndsTheListAndSizesItsPages) {
  std::vector<int> sizes;
  coordinator_.jobs.list = [&](const auto& request, auto& response) {
    sizes.push_back(request.page_size());
    response.add_jobs();
    response.set_next_page_token("more");
    return grpc::Status::OK;
  };
  EXPECT_EQ(NewClient().ListJobs({.all_owners = false, .limit = 2})->size(), 2U);
  EXPECT_THAT(sizes, ElementsAre(2, 1));
}

TEST_F(ClientTest, BlocksComePageAfterPage) {
  coordinator_.results.list_blocks = [](const auto& request, auto& response) {
    const bool first = request.page_token().empty();
    response.add_blocks()->set_block(first ? 1 : 2);
    response.set_next_page_token(first ? "next" : "");
    return grpc::Status::OK;
  };
  std::vector<int64_t> blocks;
  ASSERT_THAT(
      NewClient().ForEachBlock("jobs/a/sweeps/1",
                               [&](const v1::Block& block) { blocks.push_back(block.block()); }),
      IsOk());
  EXPECT_THAT(blocks, ElementsAre(1, 2));
}

}  // namespace
}  // namespace cusp::client
