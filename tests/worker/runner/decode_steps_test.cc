#include "worker/runner/decode_steps.h"

#include <ATen/ops/arange.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <utility>

#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/worker/runner/counting_timer.h"
#include "worker/models/layers/components.h"

namespace cusp::runner {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::FieldsAre;
using ::testing::Ge;
using ::testing::Le;

// A token that was read: which, after how many others, together with how many.
struct Read {
  int64_t token, context, count;
};

struct Log {
  std::vector<Read> reads;
  std::vector<int64_t> sources;  // lengths
  FakeClock* clock = nullptr;    // passes while it reads
  bool timing = false;
  std::vector<int64_t> timed;  // contexts of reads inside marks
};

class LoggingModel final : public models::Model {
 public:
  explicit LoggingModel(Log& log) : log_(log) {}

  at::Tensor Forward(const models::Inputs& inputs) override { return inputs.at("input_ids"); }
  std::unique_ptr<models::DecodeState> NewStateFor(const models::Inputs& inputs) override {
    log_.sources.push_back(inputs.at("input_ids").size(1));
    return std::make_unique<models::DecodeState>();
  }
  at::Tensor Extend(const at::Tensor& input_ids, models::DecodeState& state) override {
    log_.reads.push_back({input_ids.select(1, 0).item<int64_t>(), state.length, input_ids.size(1)});
    if (log_.timing) {
      log_.timed.push_back(state.length);
    }
    if (log_.clock != nullptr) {
      log_.clock->Advance(std::chrono::nanoseconds(1));
      models::Enter(models::Component::kMixing);
      log_.clock->Advance(std::chrono::nanoseconds(100));
    }
    state.length += input_ids.size(1);
    return input_ids;
  }
  absl::Status CheckInputs(const models::Inputs& /*inputs*/) const override {
    return absl::OkStatus();
  }
  absl::StatusOr<models::Inputs> RandomInputs(int64_t length, int64_t /*batch_size*/,
                                              uint64_t /*seed*/) const override {
    return models::Inputs{{"input_ids", at::arange(length).unsqueeze(0)}};
  }
  std::vector<std::pair<std::string, at::Tensor>> NamedTensors() const override { return {}; }
  std::vector<at::Tensor> Parameters() const override { return {}; }

 private:
  Log& log_;
};

// Tells the log what lies between two marks; every run lasts 10 ns.
class MarkingTimer final : public Timer {
 public:
  explicit MarkingTimer(Log& log) : log_(log) {}

  void Begin(size_t /*marks*/) override {}
  void Mark() override { log_.timing = !log_.timing; }
  std::vector<int64_t> Finish() override { return {10}; }

 private:
  Log& log_;
};

class DecodeStepsTest : public ::testing::Test {
 protected:
  models::Inputs InputsFor(const DecodePoint& point) {
    return *model_.RandomInputs(TokensFor(point), 1, 1);
  }
  absl::StatusOr<int64_t> Time(const DecodePoint& point) {
    const auto runs = TimeDecodeSteps(model_, InputsFor(point), point, timer_);
    if (!runs.ok()) {
      return runs.status();
    }
    return std::accumulate(runs->begin(), runs->end(), int64_t{0});
  }
  double MeanTimedContext() const {
    return static_cast<double>(std::accumulate(log_.timed.begin(), log_.timed.end(), int64_t{0})) /
           static_cast<double>(log_.timed.size());
  }

  Log log_;
  LoggingModel model_{log_};
  MarkingTimer timer_{log_};
};

TEST_F(DecodeStepsTest, StepsAreOneTokenEachAroundTheContext) {
  EXPECT_THAT(Time({.context = 100, .reach = 16, .calls = 5}), IsOkAndHolds(10));
  EXPECT_THAT(log_.timed, ElementsAre(98, 99, 100, 101, 102));
  // One filling, two steps to warm up, five timed.
  ASSERT_EQ(log_.reads.size(), 8U);
  EXPECT_EQ(log_.reads[0].count, 96);
  for (size_t i = 1; i < log_.reads.size(); ++i) {
    EXPECT_EQ(log_.reads[i].count, 1);
    EXPECT_EQ(log_.reads[i].token, log_.reads[i].context);
  }
}

TEST_F(DecodeStepsTest, EachCallIsTimedByItselfWhereAsked) {
  const DecodePoint point{.context = 100, .reach = 1, .calls = 5, .each_call = true};
  CountingTimer timer;
  EXPECT_THAT(TimeDecodeSteps(model_, InputsFor(point), point, timer),
              IsOkAndHolds(ElementsAre(10, 10, 10, 10, 10)));
  EXPECT_EQ(timer.announced(), 3U);
  // Runs of three and of two steps, each from a cache filled anew.
  EXPECT_THAT(log_.sources, ElementsAre(100, 100));
  EXPECT_EQ(log_.reads.size(), 2U + 4U + 5U);
}

TEST_F(DecodeStepsTest, ContextDoesNotDriftHoweverManyCalls) {
  for (const DecodePoint& place :
       {DecodePoint{.context = 1}, DecodePoint{.context = 7, .reach = 1},
        DecodePoint{.context = 64, .reach = 16}, DecodePoint{.context = 1000, .reach = 16}}) {
    for (const int calls : {1, 33, 99, 501}) {
      log_ = Log();
      DecodePoint point = place;
      point.calls = calls;
      ASSERT_THAT(Time(point), IsOk());
      EXPECT_EQ(log_.timed.size(), static_cast<size_t>(calls));
      EXPECT_THAT(log_.timed, ::testing::Each(AllOf(Ge(point.context - point.reach),
                                                    Le(point.context + point.reach))));
      EXPECT_NEAR(MeanTimedContext(), static_cast<double>(point.context), 0.5);
    }
  }
}

TEST_F(DecodeStepsTest, CacheIsFilledInPieces) {
  ASSERT_THAT(Time({.context = 100, .fill_tokens = 40}), IsOk());
  EXPECT_EQ(log_.reads[0].count, 40);
  EXPECT_EQ(log_.reads[1].count, 40);
  EXPECT_EQ(log_.reads[2].count, 18);
  EXPECT_THAT(log_.timed, ElementsAre(100));
}

TEST_F(DecodeStepsTest, ComponentsAreToldApartInEverySecondStep) {
  FakeClock clock;
  HostTimer timer(clock);
  log_.clock = &clock;
  const DecodePoint point{.context = 100, .reach = 16, .calls = 2};
  const auto times = TimeDecodeComponents(model_, InputsFor(point), point, timer);
  ASSERT_THAT(times, IsOk());
  // A step takes 1 ns before its component and 100 in it; filling takes as long, untimed.
  EXPECT_EQ(times->whole_ns, 202);
  EXPECT_THAT(times->parts, ElementsAre(FieldsAre("mixing", 200), FieldsAre("other", 2)));
  EXPECT_EQ(log_.reads.size(), 1U + 2U + 4U);
  EXPECT_EQ(log_.reads.back().context, 101);
}

TEST_F(DecodeStepsTest, ComponentsOfOneTokenTakeAFillingForEachStep) {
  FakeClock clock;
  HostTimer timer(clock);
  log_.clock = &clock;
  const DecodePoint point{.context = 1, .calls = 3};
  const auto times = TimeDecodeComponents(model_, InputsFor(point), point, timer);
  ASSERT_THAT(times, IsOk());
  EXPECT_EQ(times->whole_ns, 303);
  EXPECT_THAT(times->parts, ElementsAre(FieldsAre("mixing", 300), FieldsAre("other", 3)));
}

TEST_F(DecodeStepsTest, FirstTokenIsTheWholeContextReadInTheTimedPart) {
  const DecodePoint point{.context = 100, .reach = 16, .calls = 2};
  EXPECT_THAT(TimeFirstToken(model_, InputsFor(point), point, timer_), IsOkAndHolds(10));
  EXPECT_THAT(log_.timed, ElementsAre(0, 0));
  EXPECT_EQ(log_.reads[1].count, 100);
  EXPECT_THAT(log_.sources, ElementsAre(100, 100));
}

TEST_F(DecodeStepsTest, DecodersReadTheirOwnTokensAndASourceOfTheContext) {
  const DecodePoint point{.context = 100};
  models::Inputs inputs = InputsFor(point);
  inputs["decoder_input_ids"] = inputs.at("input_ids").add(1000);
  ASSERT_THAT(TimeDecodeSteps(model_, inputs, point, timer_), IsOk());
  EXPECT_THAT(log_.sources, ElementsAre(100));
  EXPECT_EQ(log_.reads.back().token, 1100);
}

}  // namespace
}  // namespace cusp::runner
