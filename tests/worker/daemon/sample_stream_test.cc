#include "worker/daemon/sample_stream.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "tests/support/status_matchers.h"
#include "tests/worker/daemon/fake_coordinator.h"
#include "worker/daemon/coordinator.h"

namespace cusp::worker {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

v1::Block MakeBlock(int64_t number) {
  v1::Block block;
  block.set_block(number);
  return block;
}

class SampleStreamTest : public ::testing::Test {
 protected:
  explicit SampleStreamTest(size_t max_blocks = 1000)
      : stream_(coordinator_.workers(), {.attempt = "a", .max_blocks = max_blocks}),
        thread_([this] { stream_.Run(); }) {
    stream_.SetProvenance({});
  }

  ~SampleStreamTest() override {
    stream_.Close();
    thread_.join();
  }

  void PushAll(int64_t from, int64_t to) {
    for (int64_t i = from; i <= to; ++i) {
      ASSERT_THAT(stream_.Push(MakeBlock(i)), IsOk());
    }
  }

  absl::Status Flush() { return stream_.Flush(steady_clock::now() + seconds(30)); }

  FakeCoordinator server_;
  Coordinator coordinator_{server_.Connect()};
  SampleStream stream_;
  std::thread thread_;
};

TEST_F(SampleStreamTest, DeliversEveryBlockOnce) {
  v1::Provenance provenance;
  provenance.set_host("here");
  stream_.SetProvenance(provenance);
  PushAll(1, 600);
  EXPECT_THAT(Flush(), IsOk());
  const CoordinatorState state = server_.Get();
  EXPECT_EQ(state.blocks.size(), 600U);
  EXPECT_EQ(state.repeated_blocks, 0);
  ASSERT_TRUE(state.provenance.has_value());
  EXPECT_EQ(state.provenance->host(), "here");
}

TEST_F(SampleStreamTest, UnacknowledgedMessageIsSentAgain) {
  server_.Set([](CoordinatorState& state) { state.lost_acknowledgements = 2; });
  PushAll(1, 5);
  EXPECT_THAT(Flush(), IsOk());
  const CoordinatorState state = server_.Get();
  EXPECT_EQ(state.blocks.size(), 5U);
  EXPECT_GE(state.repeated_blocks, 2);
}

TEST_F(SampleStreamTest, BlocksOutliveTheCoordinatorsAbsence) {
  PushAll(1, 3);
  EXPECT_THAT(Flush(), IsOk());
  server_.Stop();
  PushAll(4, 9);
  EXPECT_THAT(stream_.Flush(steady_clock::now()), StatusIs(absl::StatusCode::kDeadlineExceeded));
  server_.Start();
  EXPECT_THAT(Flush(), IsOk());
  EXPECT_EQ(server_.Get().blocks.size(), 9U);
}

TEST_F(SampleStreamTest, StaleAttemptEndsIt) {
  server_.Set([](CoordinatorState& state) {
    state.refuse_samples = grpc::StatusCode::FAILED_PRECONDITION;
  });
  PushAll(1, 1);
  EXPECT_THAT(Flush(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(stream_.Push(MakeBlock(2)), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(SampleStreamTest, FullDiskIsWaitedFor) {
  server_.Set(
      [](CoordinatorState& state) { state.refuse_samples = grpc::StatusCode::RESOURCE_EXHAUSTED; });
  PushAll(1, 1);
  EXPECT_THAT(stream_.Flush(steady_clock::now() + std::chrono::milliseconds(300)),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  server_.Set([](CoordinatorState& state) { state.refuse_samples = grpc::StatusCode::OK; });
  EXPECT_THAT(Flush(), IsOk());
}

TEST_F(SampleStreamTest, CloseEndsItWithASilentCoordinator) {
  server_.Set([](CoordinatorState& state) { state.silent = true; });
  PushAll(1, 1);
  stream_.Close();
  EXPECT_THAT(Flush(), StatusIs(absl::StatusCode::kCancelled));
  server_.Set([](CoordinatorState& state) { state.silent = false; });
}

class FullSampleStreamTest : public SampleStreamTest {
 protected:
  FullSampleStreamTest() : SampleStreamTest(4) {}
};

TEST_F(FullSampleStreamTest, MemoryIsBounded) {
  server_.Stop();
  PushAll(1, 4);
  std::thread pusher([this] { EXPECT_THAT(stream_.Push(MakeBlock(5)), IsOk()); });
  EXPECT_THAT(stream_.Flush(steady_clock::now()), StatusIs(absl::StatusCode::kDeadlineExceeded));
  server_.Start();
  pusher.join();
  EXPECT_THAT(Flush(), IsOk());
  EXPECT_EQ(server_.Get().blocks.size(), 5U);
}

}  // namespace
}  // namespace cusp::worker
