#include "worker/runner/session.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>

#include "common/frame.h"

namespace cusp::runner {
namespace {

// Answers at once; throws where told to.
class FakeHandler final : public RequestHandler {
 public:
  absl::StatusOr<v1::StartResponse> Start(const v1::StartRequest& request) override {
    if (request.device() != "cpu") {
      return absl::InvalidArgumentError("device: unknown");
    }
    return v1::StartResponse();
  }
  absl::StatusOr<v1::BuildResponse> Build(const v1::BuildRequest& /*request*/) override {
    throw std::bad_alloc();
  }
  absl::StatusOr<v1::RunResponse> Run(const v1::RunRequest& request) override {
    v1::RunResponse response;
    for (const v1::Step& step : request.steps()) {
      response.add_results()->set_duration_ns(step.length());
    }
    return response;
  }
  absl::StatusOr<v1::ComponentsResponse> Components(const v1::ComponentsRequest& request) override {
    v1::ComponentsResponse response;
    response.set_whole_ns(request.step().length());
    return response;
  }
  absl::StatusOr<v1::MeasureCeilingResponse> MeasureCeiling(
      const v1::MeasureCeilingRequest& request) override {
    v1::MeasureCeilingResponse response;
    response.set_threads(request.threads());
    return response;
  }
  absl::StatusOr<v1::MemoryResponse> Memory() override { return v1::MemoryResponse(); }
  absl::StatusOr<v1::DropResponse> Drop(const v1::DropRequest& /*request*/) override {
    return v1::DropResponse();
  }
};

v1::Request StartRequest(uint64_t id, const std::string& device = "cpu") {
  v1::Request request;
  request.set_id(id);
  request.mutable_start()->set_device(device);
  return request;
}

v1::Request MemoryRequest(uint64_t id) {
  v1::Request request;
  request.set_id(id);
  request.mutable_memory();
  return request;
}

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()), 0); }
  ~SessionTest() override {
    CloseNear();
    close(ends_[1]);
  }

  void CloseNear() {
    if (ends_[0] >= 0) {
      close(ends_[0]);
      ends_[0] = -1;
    }
  }
  void Send(const v1::Request& request) {
    ASSERT_TRUE(WriteFrame(ends_[0], request.SerializeAsString()).ok());
  }
  v1::Response Receive() {
    v1::Response response;
    const auto frame = ReadFrame(ends_[0]);
    EXPECT_TRUE(frame.ok() && response.ParseFromString(*frame));
    return response;
  }
  // The socket buffers all of a test's few requests, so no thread is needed.
  absl::Status ServeAll() {
    shutdown(ends_[0], SHUT_WR);
    return session_.Serve(ends_[1]);
  }

  std::array<int, 2> ends_{-1, -1};
  FakeHandler handler_;
  Session session_{handler_};
};

TEST_F(SessionTest, AnswersEveryRequestInOrderAndEndsWithTheStream) {
  Send(StartRequest(1));
  v1::Request run;
  run.set_id(2);
  run.mutable_run()->add_steps()->set_length(5);
  run.mutable_run()->add_steps()->set_length(6);
  Send(run);
  v1::Request components;
  components.set_id(3);
  components.mutable_components()->mutable_step()->set_length(7);
  Send(components);
  EXPECT_TRUE(ServeAll().ok());
  EXPECT_TRUE(Receive().has_start());
  const v1::Response response = Receive();
  EXPECT_EQ(response.id(), 2U);
  ASSERT_EQ(response.run().results_size(), 2);
  EXPECT_EQ(response.run().results(1).duration_ns(), 6);
  EXPECT_EQ(Receive().components().whole_ns(), 7);
}

TEST_F(SessionTest, GarbageEndsIt) {
  ASSERT_TRUE(WriteFrame(ends_[0], "\xff\xff\xff").ok());
  EXPECT_EQ(ServeAll().code(), absl::StatusCode::kDataLoss);
}

TEST_F(SessionTest, OversizedFrameEndsIt) {
  ASSERT_EQ(write(ends_[0], "\xff\xff\xff\xff", 4), 4);
  EXPECT_EQ(ServeAll().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SessionTest, StreamThatEndsInsideAFrameIsAnError) {
  ASSERT_EQ(write(ends_[0], "\x08\x00\x00\x00xy", 6), 6);
  EXPECT_EQ(ServeAll().code(), absl::StatusCode::kDataLoss);
}

TEST_F(SessionTest, WorkerThatLeavesWithoutReadingIsNoError) {
  Send(StartRequest(1));
  CloseNear();
  EXPECT_TRUE(session_.Serve(ends_[1]).ok());
}

TEST_F(SessionTest, FirstRequestMustBeStart) {
  const v1::Response response = session_.Answer(MemoryRequest(1));
  EXPECT_EQ(response.id(), 1U);
  EXPECT_EQ(response.failure().reason(), v1::Failure::REASON_BAD_REQUEST);
}

TEST_F(SessionTest, SecondStartIsRefused) {
  EXPECT_TRUE(session_.Answer(StartRequest(1)).has_start());
  EXPECT_EQ(session_.Answer(StartRequest(2)).failure().reason(), v1::Failure::REASON_BAD_REQUEST);
  EXPECT_TRUE(session_.Answer(MemoryRequest(3)).has_memory());
}

TEST_F(SessionTest, FailedStartMayBeTriedAgain) {
  EXPECT_EQ(session_.Answer(StartRequest(1, "abacus")).failure().reason(),
            v1::Failure::REASON_INVALID_CONFIG);
  EXPECT_TRUE(session_.Answer(StartRequest(2)).has_start());
}

TEST_F(SessionTest, IdsMustGrow) {
  EXPECT_TRUE(session_.Answer(StartRequest(5)).has_start());
  EXPECT_EQ(session_.Answer(MemoryRequest(5)).failure().reason(), v1::Failure::REASON_BAD_REQUEST);
  EXPECT_TRUE(session_.Answer(MemoryRequest(6)).has_memory());
}

TEST_F(SessionTest, UnknownKindIsRefused) {
  v1::Request request;
  request.set_id(1);
  EXPECT_EQ(session_.Answer(request).failure().reason(), v1::Failure::REASON_BAD_REQUEST);
}

TEST_F(SessionTest, ExceptionBecomesAFailureAndTheSessionGoesOn) {
  ASSERT_TRUE(session_.Answer(StartRequest(1)).has_start());
  v1::Request build;
  build.set_id(2);
  build.mutable_build();
  EXPECT_EQ(session_.Answer(build).failure().reason(), v1::Failure::REASON_OUT_OF_MEMORY);
  EXPECT_TRUE(session_.Answer(MemoryRequest(3)).has_memory());
}

}  // namespace
}  // namespace cusp::runner
