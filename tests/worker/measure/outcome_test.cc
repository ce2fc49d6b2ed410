#include "worker/measure/outcome.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp::measure {
namespace {

using runner::v1::Response;

TEST(OutcomeTest, EveryRunnerFailureHasItsOutcome) {
  runner::v1::Failure failure;
  failure.set_message("why");
  failure.set_reason(runner::v1::Failure::REASON_OUT_OF_MEMORY);
  EXPECT_EQ(OutcomeOf(ToStatus(failure)), v1::OUTCOME_OUT_OF_MEMORY);
  failure.set_reason(runner::v1::Failure::REASON_INVALID_CONFIG);
  EXPECT_EQ(OutcomeOf(ToStatus(failure)), v1::OUTCOME_INVALID);
  failure.set_reason(runner::v1::Failure::REASON_INTERNAL);
  EXPECT_EQ(OutcomeOf(ToStatus(failure)), v1::OUTCOME_CRASHED);
  EXPECT_EQ(ToStatus(failure).message(), "why");
}

TEST(OutcomeTest, DeadAndHungProcessesAreToldApart) {
  EXPECT_EQ(OutcomeOf(absl::UnavailableError("")), v1::OUTCOME_CRASHED);
  EXPECT_EQ(OutcomeOf(absl::DeadlineExceededError("")), v1::OUTCOME_TIMED_OUT);
  EXPECT_EQ(FailureOf(absl::UnavailableError("")).reason(), v1::Failure::REASON_CRASHED);
  EXPECT_EQ(FailureOf(absl::DeadlineExceededError("")).reason(), v1::Failure::REASON_TIMED_OUT);
  EXPECT_EQ(FailureOf(absl::DataLossError("x")).reason(), v1::Failure::REASON_PROTOCOL);
}

TEST(OutcomeTest, OnlyTypedAnswersAreFinal) {
  EXPECT_FALSE(IsTransient(absl::OkStatus()));
  EXPECT_FALSE(IsTransient(absl::ResourceExhaustedError("")));
  EXPECT_FALSE(IsTransient(absl::InvalidArgumentError("")));
  EXPECT_TRUE(IsTransient(absl::UnavailableError("")));
  EXPECT_TRUE(IsTransient(absl::DataLossError("")));
}

TEST(OutcomeTest, AnswerToAnotherQuestionIsRefused) {
  Response response;
  response.mutable_build();
  EXPECT_THAT(CheckResponse(response, Response::kBuild), IsOk());
  EXPECT_THAT(CheckResponse(response, Response::kRun), StatusIs(absl::StatusCode::kDataLoss));
  response.mutable_failure()->set_reason(runner::v1::Failure::REASON_OUT_OF_MEMORY);
  EXPECT_THAT(CheckResponse(response, Response::kRun),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace cusp::measure
