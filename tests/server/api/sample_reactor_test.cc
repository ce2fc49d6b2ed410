#include "server/api/sample_reactor.h"

#include <algorithm>

#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class SampleReactorTest : public ServiceTest {
 protected:
  SampleReactorTest() : job_(SubmitSmall()), attempt_(Lease("w")) {}

  // Block `sequence` in message `sequence`.
  v1::StreamSamplesRequest Message(int64_t sequence) const {
    v1::StreamSamplesRequest request;
    request.set_attempt(attempt_);
    request.set_sequence(sequence);
    *request.mutable_provenance() = SomeProvenance();
    *request.add_blocks() = SomeBlock(std::max<int64_t>(sequence, 1));
    return request;
  }

  std::string job_;
  std::string attempt_;
};

TEST_F(SampleReactorTest, AcknowledgesEveryMessageOfAStream) {
  grpc::ClientContext context;
  const auto stream = workers_->StreamSamples(&context);
  constexpr int kMessages = 50;
  for (int i = 1; i <= kMessages; ++i) {
    ASSERT_TRUE(stream->Write(Message(i)));
  }
  stream->WritesDone();
  v1::StreamSamplesResponse response;
  int64_t last = 0;
  while (stream->Read(&response)) {
    EXPECT_GT(response.acknowledged_sequence(), last);
    last = response.acknowledged_sequence();
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(last, kMessages);
  EXPECT_EQ(Get(job_)->sweeps(0).blocks_committed(), kMessages);
}

TEST_F(SampleReactorTest, AcknowledgedBlocksSurviveARestartAndComeOnce) {
  ASSERT_THAT(Send(Message(1)), IsOkAndHolds(1));
  Restart();
  ASSERT_THAT(Send(Message(1)), IsOkAndHolds(1));
  ASSERT_THAT(Send(Message(2)), IsOkAndHolds(2));
  EXPECT_THAT(Blocks(job_ + "/sweeps/1")->blocks(), SizeIs(2));
}

TEST_F(SampleReactorTest, MessagesSentAgainInOneStreamAreStoredOnce) {
  grpc::ClientContext context;
  const auto stream = workers_->StreamSamples(&context);
  for (const int64_t sequence : {1, 2, 1, 2, 3}) {
    ASSERT_TRUE(stream->Write(Message(sequence)));
  }
  stream->WritesDone();
  v1::StreamSamplesResponse response;
  int64_t last = 0;
  while (stream->Read(&response)) {
    EXPECT_GE(response.acknowledged_sequence(), last);
    last = response.acknowledged_sequence();
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(last, 3);
  EXPECT_THAT(Blocks(job_ + "/sweeps/1")->blocks(), SizeIs(3));
}

TEST_F(SampleReactorTest, AttemptThatTurnsStaleEndsItsStream) {
  grpc::ClientContext context;
  const auto stream = workers_->StreamSamples(&context);
  ASSERT_TRUE(stream->Write(Message(1)));
  v1::StreamSamplesResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.acknowledged_sequence(), 1);
  Lease("w");  // a new process of the worker
  stream->Write(Message(2));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(FromGrpc(stream->Finish()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("stale")));
  EXPECT_EQ(Get(job_)->sweeps(0).blocks_committed(), 1);
}

TEST_F(SampleReactorTest, StreamGoesOnInANewOneAtTheNextSequence) {
  for (int64_t sequence = 1; sequence <= 3; ++sequence) {
    ASSERT_THAT(Send(Message(sequence)), IsOkAndHolds(sequence));
  }
  EXPECT_EQ(Get(job_)->sweeps(0).blocks_committed(), 3);
}

TEST_F(SampleReactorTest, EmptyStreamEndsWell) {
  grpc::ClientContext context;
  const auto stream = workers_->StreamSamples(&context);
  stream->WritesDone();
  v1::StreamSamplesResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(SampleReactorTest, SenderThatHangsUpLeavesWhatWasAcknowledged) {
  {
    grpc::ClientContext context;
    const auto stream = workers_->StreamSamples(&context);
    ASSERT_TRUE(stream->Write(Message(1)));
    v1::StreamSamplesResponse response;
    ASSERT_TRUE(stream->Read(&response));
    context.TryCancel();
  }
  EXPECT_THAT(Send(Message(2)), IsOkAndHolds(2));
  EXPECT_EQ(Get(job_)->sweeps(0).blocks_committed(), 2);
}

TEST_F(SampleReactorTest, MessagesThatCannotBeTrueAreRefused) {
  EXPECT_THAT(Send(Message(0)), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("from 1")));
  v1::StreamSamplesRequest request = Message(1);
  request.clear_provenance();
  EXPECT_THAT(Send(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("needs its provenance")));
  request = Message(1);
  request.mutable_blocks(0)->mutable_samples(0)->set_variant("other");
  EXPECT_THAT(Send(request), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"other\"")));
  request = Message(1);
  request.set_attempt(job_);
  EXPECT_THAT(Send(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("attempts/{m}")));
  EXPECT_EQ(Get(job_)->sweeps(0).blocks_committed(), 0);
}

TEST_F(SampleReactorTest, GapInTheSequenceIsRefused) {
  grpc::ClientContext context;
  const auto stream = workers_->StreamSamples(&context);
  stream->Write(Message(1));
  stream->Write(Message(3));
  v1::StreamSamplesResponse response;
  while (stream->Read(&response)) {
  }
  EXPECT_THAT(FromGrpc(stream->Finish()), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(SampleReactorTest, CutBlocksAndBadValuesAreRefusedWhole) {
  v1::StreamSamplesRequest request = Message(1);
  request.add_blocks()->set_block(2);
  EXPECT_THAT(Send(request), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("block 2")));
  EXPECT_EQ(Get(job_)->sweeps(0).blocks_committed(), 0);
}

TEST_F(SampleReactorTest, OtherProvenanceStartsTheSweepAnew) {
  ASSERT_THAT(Send(Message(1)), IsOk());
  ASSERT_THAT(Finish(attempt_, v1::FinishAttemptRequest::OUTCOME_RELEASED), IsOk());
  attempt_ = Lease("w");
  v1::StreamSamplesRequest request = Message(2);
  request.mutable_provenance()->set_torch_version("other");
  EXPECT_THAT(Send(request), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("anew")));
  const auto again = Sync("w");
  EXPECT_THAT(again->desired_state().assignment().attempt(), EndsWith("/attempts/3"));
  EXPECT_EQ(again->desired_state().assignment().blocks_committed(), 0);
}

}  // namespace
}  // namespace cusp::server
