// Calls that no honest client makes: in the wrong order, too late, twice, too large, or of
// random bytes. None may change anything or harm the service.
#include <grpcpp/generic/generic_stub.h>

#include <functional>
#include <future>
#include <string>
#include <vector>

#include "common/random.h"
#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;
using Finished = v1::FinishAttemptRequest;

class ProtocolTest : public ServiceTest {
 protected:
  v1::StreamSamplesRequest MessageOf(const std::string& attempt, int64_t block) {
    v1::StreamSamplesRequest request;
    request.set_attempt(attempt);
    request.set_sequence(1);
    *request.mutable_provenance() = SomeProvenance();
    *request.add_blocks() = SomeBlock(block);
    return request;
  }

  int BlocksOf(const std::string& job) {
    const auto blocks = Blocks(job + "/sweeps/1");
    EXPECT_THAT(blocks, IsOk());
    return blocks.ok() ? blocks->blocks_size() : -1;
  }

  // Sends bytes as the only message of a call and answers how that ended.
  grpc::Status SendBytes(const std::string& method, const std::string& bytes) {
    grpc::GenericStub stub(coordinator_->InProcessChannel());
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    std::promise<grpc::Status> ended;
    stub.UnaryCall(&context, method, grpc::StubOptions(), &request, &response,
                   [&ended](grpc::Status status) { ended.set_value(std::move(status)); });
    return ended.get_future().get();
  }

  // Of all services; those that take a stream only where asked for: to them a message that
  // cannot be read is the end of the stream.
  static std::vector<std::string> Methods(bool with_streams) {
    std::vector<std::string> methods;
    const auto* pool = google::protobuf::DescriptorPool::generated_pool();
    for (const char* file : {"cusp/v1/job_service.proto", "cusp/v1/worker_service.proto",
                             "cusp/v1/result_service.proto", "cusp/v1/artifact_service.proto"}) {
      const auto* service = pool->FindFileByName(file)->service(0);
      for (int i = 0; i < service->method_count(); ++i) {
        if (with_streams || !service->method(i)->client_streaming()) {
          methods.push_back("/" + service->full_name() + "/" + service->method(i)->name());
        }
      }
    }
    return methods;
  }
};

TEST_F(ProtocolTest, ReportsBeforeALeaseAreRefused) {
  const std::string job = SubmitSmall();
  const std::string attempt = job + "/sweeps/1/attempts/1";
  EXPECT_THAT(SendBlock(attempt, 1), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Finish(attempt, Finished::OUTCOME_SUCCEEDED),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_THAT(Register("w"), IsOk());
  const auto desired = Sync("w", attempt);
  ASSERT_THAT(desired, IsOk());
  EXPECT_EQ(desired->desired_state().action(), v1::DesiredState::ACTION_ABANDON);
  EXPECT_EQ(Get(job)->state(), v1::Job::STATE_QUEUED);
  EXPECT_EQ(BlocksOf(job), 0);
}

TEST_F(ProtocolTest, ReportsAfterTheEndAreRefused) {
  const std::string job = SubmitSmall();
  const std::string attempt = Lease("w");
  ASSERT_THAT(SendBlock(attempt, 1), IsOk());
  ASSERT_THAT(Finish(attempt, Finished::OUTCOME_SUCCEEDED), IsOk());
  EXPECT_THAT(SendBlock(attempt, 2), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Finish(attempt, Finished::OUTCOME_FAILED),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Finish(attempt, Finished::OUTCOME_SUCCEEDED), IsOk());  // the same again
  EXPECT_EQ(Get(job)->state(), v1::Job::STATE_SUCCEEDED);
  EXPECT_EQ(BlocksOf(job), 1);
}

TEST_F(ProtocolTest, ReportsOfASupersededAttemptComeTooLate) {
  const std::string job = SubmitSmall();
  const std::string first = Lease("w1");
  clock_.Advance(std::chrono::seconds(16));
  coordinator_->Tick();
  const std::string second = Lease("w2");
  ASSERT_NE(second, first);
  EXPECT_THAT(SendBlock(first, 1), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Finish(first, Finished::OUTCOME_SUCCEEDED),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Finish(first, Finished::OUTCOME_RELEASED),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(BlocksOf(job), 0);
  EXPECT_EQ(Get(job)->sweeps(0).state(), v1::Sweep::STATE_RUNNING);
}

TEST_F(ProtocolTest, BlocksInAnyOrderAndTwiceAreStoredOnceEach) {
  const std::string job = SubmitSmall();
  const std::string attempt = Lease("w");
  for (const int64_t block : {3, 1, 3, 2, 1}) {
    EXPECT_THAT(Send(MessageOf(attempt, block)), IsOkAndHolds(1));
  }
  const auto blocks = Blocks(job + "/sweeps/1");
  ASSERT_THAT(blocks, IsOk());
  ASSERT_EQ(blocks->blocks_size(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(blocks->blocks(i).block(), i + 1);
    EXPECT_EQ(blocks->blocks(i).samples_size(), 2);
  }
  EXPECT_EQ(Get(job)->sweeps(0).blocks_committed(), 3);
}

TEST_F(ProtocolTest, ABlockSentAgainWithOtherValuesStaysAsItWas) {
  const std::string job = SubmitSmall();
  const std::string attempt = Lease("w");
  ASSERT_THAT(Send(MessageOf(attempt, 1)), IsOk());
  v1::StreamSamplesRequest other = MessageOf(attempt, 1);
  other.mutable_blocks(0)->mutable_samples(0)->set_value(99);
  EXPECT_THAT(Send(other), IsOk());
  EXPECT_EQ(Blocks(job + "/sweeps/1")->blocks(0).samples(0).value(), 0.25);
}

TEST_F(ProtocolTest, AnotherWorkersAttemptIsNobodysToSync) {
  SubmitSmall();
  const std::string attempt = Lease("w1");
  ASSERT_THAT(Register("w2"), IsOk());
  const auto desired = Sync("w2", attempt);
  ASSERT_THAT(desired, IsOk());
  EXPECT_EQ(desired->desired_state().action(), v1::DesiredState::ACTION_ABANDON);
  EXPECT_EQ(Sync("w1", attempt)->desired_state().action(), v1::DesiredState::ACTION_MEASURE);
}

TEST_F(ProtocolTest, MessagesBeyondTheLimitAreRefused) {
  v1::SubmitJobRequest request;
  request.set_request_id(NewUuid());
  *request.mutable_spec() = SmallSpec();
  request.mutable_spec()->set_name(std::string(5 << 20, 'x'));
  EXPECT_THAT(Submit(request), StatusIs(absl::StatusCode::kResourceExhausted));
  request.mutable_spec()->set_name(std::string(300 << 10, 'x'));
  EXPECT_THAT(Submit(request),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("256 KiB")));
  EXPECT_NE(SubmitSmall(), "");
}

TEST_F(ProtocolTest, RandomBytesHarmNothing) {
  const std::string job = SubmitSmall();
  Random random(1);
  for (const std::string& method : Methods(true)) {
    for (int i = 0; i < 50; ++i) {
      std::string bytes(random.Below(200), '\0');
      for (char& byte : bytes) {
        byte = static_cast<char>(random.Below(256));
      }
      // Some random bytes are a message, and few of them one with a meaning.
      (void)SendBytes(method, bytes);
    }
    ASSERT_THAT(Get(job), IsOk()) << "after " << method;
  }
  EXPECT_EQ(Get(job)->state(), v1::Job::STATE_QUEUED);
}

TEST_F(ProtocolTest, BytesThatAreNoMessageAreRefused) {
  for (const std::string& method : Methods(false)) {
    EXPECT_FALSE(SendBytes(method, "\xff\xff\xff\xff").ok()) << method;
  }
}

}  // namespace
}  // namespace cusp::server
