#include "worker/runner/component_steps.h"

#include <ATen/ops/ones.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/config_keys.h"
#include "catalog/cost.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"
#include "tests/worker/runner/counting_timer.h"
#include "worker/models/config.h"
#include "worker/models/registry.h"
#include "worker/runner/stepper.h"

namespace cusp::runner {
namespace {

using models::Component;
using ::testing::ElementsAre;
using ::testing::FieldsAre;

// Takes 1 ns before its first component, then, in its k-th pass, 10^k ns for mixing.
// A gradient that passes through it enters a component on its way.
class StagedModel final : public models::Model {
 public:
  explicit StagedModel(FakeClock& clock, int failing_pass = -1)
      : clock_(clock), failing_pass_(failing_pass) {
    weight_.set_requires_grad(true);
  }

  at::Tensor Forward(const models::Inputs& /*inputs*/) override {
    clock_.Advance(std::chrono::nanoseconds(1));
    models::Enter(Component::kMixing);
    mixing_ns_ *= 10;
    clock_.Advance(std::chrono::nanoseconds(mixing_ns_));
    if (passes_++ == failing_pass_) {
      throw std::runtime_error("in the middle");
    }
    at::Tensor output = weight_.mul(2);
    if (output.requires_grad()) {
      output.register_hook([](const at::Tensor&) { models::Enter(Component::kFeedForward); });
    }
    return output;
  }

  absl::Status CheckInputs(const models::Inputs& /*inputs*/) const override {
    return absl::OkStatus();
  }
  absl::StatusOr<models::Inputs> RandomInputs(int64_t /*length*/, int64_t /*batch_size*/,
                                              uint64_t /*seed*/) const override {
    return models::Inputs{};
  }
  std::vector<std::pair<std::string, at::Tensor>> NamedTensors() const override { return {}; }
  std::vector<at::Tensor> Parameters() const override { return {weight_}; }

 private:
  FakeClock& clock_;
  int failing_pass_;
  int passes_ = 0;
  int64_t mixing_ns_ = 1;
  at::Tensor weight_ = at::ones({1});
};

TEST(ComponentStepsTest, PairsTakeTurnsInWhoGoesFirst) {
  FakeClock clock;
  HostTimer timer(clock);
  StagedModel model(clock);
  const PartTimer::Times times = TimeComponents(model, nullptr, {}, 2, timer);
  // The first pass is nobody's.
  EXPECT_EQ(times.whole_ns, 100'100 + 2);
  EXPECT_THAT(times.parts, ElementsAre(FieldsAre("mixing", 11'000), FieldsAre("other", 2)));
}

TEST(ComponentStepsTest, BackwardPassIsOnePartWhateverRunsInIt) {
  FakeClock clock;
  CountingTimer timer;
  StagedModel model(clock);
  AdamW optimizer(model.Parameters());
  const PartTimer::Times times = TimeComponents(model, &optimizer, {}, 3, timer);
  EXPECT_EQ(times.whole_ns, 20);  // two of three follow one another
  EXPECT_THAT(times.parts,
              ElementsAre(FieldsAre("mixing", 30), FieldsAre("other", 30), FieldsAre("loss", 30),
                          FieldsAre("backward", 30), FieldsAre("optimizer", 30)));
}

TEST(ComponentStepsTest, StepThatFailsInTheMiddleLeavesNothingBehind) {
  FakeClock clock;
  CountingTimer timer;
  StagedModel failing(clock, /*failing_pass=*/2);
  EXPECT_THROW(TimeComponents(failing, nullptr, {}, 2, timer), std::runtime_error);
  const size_t marks = timer.marks();
  models::Enter(Component::kNorm);
  EXPECT_EQ(timer.marks(), marks);

  const PartTimer::Times times = TimeComponents(failing, nullptr, {}, 1, timer);
  EXPECT_EQ(times.whole_ns, 10);
  EXPECT_THAT(times.parts, ElementsAre(FieldsAre("mixing", 10), FieldsAre("other", 10)));
}

// Every model of the registry, asked as a worker asks.
class EveryModelsComponentsTest : public ::testing::TestWithParam<std::string> {
 protected:
  std::map<std::string, int64_t> Ask(const std::string& mode) {
    return Ask(mode, models::TinyConfig(GetParam()));
  }
  std::map<std::string, int64_t> Ask(const std::string& mode, const nlohmann::json& config) {
    v1::BuildRequest build;
    build.set_config_json(config.dump());
    build.set_attention("eager");
    build.set_dtype("float32");
    build.set_mode(mode);
    EXPECT_THAT(stepper_.Build(build), IsOk());
    v1::Step step;
    step.set_length(models::TinyLength(GetParam()));
    step.set_batch_size(1);
    step.set_calls(1);
    if (mode == "decode") {
      // With room for both steps of the pair.
      step.set_length(models::TinyLength(GetParam()) - 2);
      step.set_reach(1);
    }
    const auto response = stepper_.Components(step);
    EXPECT_THAT(response, IsOk());
    EXPECT_THAT(stepper_.Drop(0), IsOk());
    std::map<std::string, int64_t> parts;
    int64_t sum = response->whole_ns();
    for (const v1::PartTime& part : response->parts()) {
      EXPECT_TRUE(parts.emplace(part.name(), part.duration_ns()).second) << part.name();
      sum += part.duration_ns();
    }
    EXPECT_EQ(sum, 10 * static_cast<int64_t>(timer_.marks() - 1));
    return parts;
  }

  FakeClock clock_;
  CountingTimer timer_;
  Stepper stepper_{c10::Device(c10::kCPU), timer_, clock_};
};

TEST_P(EveryModelsComponentsTest, TimeGoesToEveryComponentWithProducts) {
  std::map<std::string, int64_t> parts = Ask("inference");
  const auto config = models::Config::Parse(models::TinyConfig(GetParam()).dump(), true,
                                            models::TinyLength(GetParam()));
  catalog::CostTally tally({.length = models::TinyLength(GetParam())});
  config->model().rules.cost(config->values(), tally.work(), tally);
  for (size_t i = 0; i < catalog::kComponents; ++i) {
    const auto component = static_cast<Component>(i);
    const std::string name(ToText(component));
    EXPECT_TRUE(tally[component].flops == 0 || parts.contains(name)) << name;
    parts.erase(name);
  }
  EXPECT_THAT(parts, ::testing::IsEmpty());
}

TEST_P(EveryModelsComponentsTest, DecodingGoesToEveryComponentWithProducts) {
  if (!catalog::FindModel(GetParam())->decode) {
    return;  // the catalog refuses such jobs
  }
  nlohmann::json json = models::TinyConfig(GetParam());
  if (catalog::FindKey(*catalog::FindModel(GetParam()), "is_decoder") != nullptr) {
    json["is_decoder"] = true;
  }
  std::map<std::string, int64_t> parts = Ask("decode", json);
  const int64_t length = models::TinyLength(GetParam());
  const auto config = models::Config::Parse(json.dump(), true, length);
  catalog::CostTally tally({.length = length});
  config->model().rules.decode_cost(config->values(), tally.work(), tally);
  for (size_t i = 0; i < catalog::kComponents; ++i) {
    const auto component = static_cast<Component>(i);
    EXPECT_TRUE(tally[component].flops == 0 || parts.contains(std::string(ToText(component))))
        << ToText(component);
  }
}

TEST_P(EveryModelsComponentsTest, TrainingAddsItsOwnParts) {
  const std::map<std::string, int64_t> forward = Ask("inference");
  std::map<std::string, int64_t> training = Ask("training");
  for (const char* part : {"loss", "backward", "optimizer"}) {
    EXPECT_EQ(training[part], 10) << part;
    training.erase(part);
  }
  EXPECT_EQ(training, forward);
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryModelsComponentsTest,
                         ::testing::ValuesIn(models::ModelTypes()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace cusp::runner
