#include "server/api/call_log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CallLogTest : public ServiceTest {
 protected:
  CallLogTest() : before_(spdlog::default_logger()) {
    auto logger = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(out_));
    logger->set_pattern("%l %v");
    logger->set_level(spdlog::level::debug);
    spdlog::set_default_logger(logger);
  }
  ~CallLogTest() override { spdlog::set_default_logger(before_); }

  // All that was logged, once no call can log any more.
  std::string Log() {
    coordinator_.reset();
    return out_.str();
  }

  std::ostringstream out_;
  std::shared_ptr<spdlog::logger> before_;
};

TEST_F(CallLogTest, EachCallIsOneLineWithMethodUserStatusAndIds) {
  v1::SubmitJobRequest request;
  request.set_request_id("7b1f4d3e-0000-4000-8000-000000000001");
  *request.mutable_spec() = SmallSpec();
  ASSERT_THAT(Submit(request), IsOk());
  EXPECT_THAT(Get("jobs/nothere"), StatusIs(absl::StatusCode::kNotFound));
  const std::string log = Log();
  EXPECT_THAT(log, HasSubstr("method=JobService/SubmitJob user=local status=OK ms=0.00"
                             " request_id=7b1f4d3e-0000-4000-8000-000000000001"));
  EXPECT_THAT(log, HasSubstr("method=JobService/GetJob user=local status=NOT_FOUND ms=0.00"
                             " job=jobs/nothere"));
}

TEST_F(CallLogTest, StreamsBearTheirAttempt) {
  SubmitSmall();
  const std::string attempt = Lease("w");
  ASSERT_THAT(SendBlock(attempt, 1), IsOk());
  const std::string log = Log();
  EXPECT_THAT(log, HasSubstr("method=WorkerService/StreamSamples user=local status=OK"));
  EXPECT_THAT(log, HasSubstr("attempt=" + attempt));
  // What comes every few seconds from each worker is for the curious.
  const size_t sync = log.find("method=WorkerService/SyncWorker");
  ASSERT_NE(sync, std::string::npos);
  EXPECT_EQ(log.rfind("debug call", sync), log.rfind("call id", sync) - 6);
}

TEST_F(CallLogTest, WhatACallerSendsCannotForgeALine) {
  EXPECT_THAT(Get("jobs/a\ninfo call method=Fake"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Log(), AllOf(HasSubstr("\\x0ainfo"), Not(HasSubstr("\ninfo call method=Fake"))));
}

TEST(IdsOfTest, TakesOnlyTheFieldsThatNameSomething) {
  v1::SyncWorkerRequest sync;
  sync.set_worker("workers/w");
  EXPECT_EQ(IdsOf(sync), "worker=workers/w");
  v1::RegisterWorkerRequest registration;  // its `worker` is no name
  registration.mutable_worker()->set_name("workers/w");
  EXPECT_EQ(IdsOf(registration), "");
  v1::GetJobRequest get;
  get.set_name(std::string(1000, 'x'));
  EXPECT_EQ(IdsOf(get), "job=" + std::string(200, 'x'));
}

}  // namespace
}  // namespace cusp::server
