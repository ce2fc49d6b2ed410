#include "worker/runner/part_timer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/worker/runner/counting_timer.h"

namespace cusp::runner {
namespace {

using models::Component;
using models::ComponentScope;
using std::chrono::nanoseconds;
using ::testing::ElementsAre;
using ::testing::FieldsAre;
using ::testing::IsEmpty;

class PartTimerTest : public ::testing::Test {
 protected:
  void Work(int64_t ns) { clock_.Advance(nanoseconds(ns)); }

  FakeClock clock_;
  HostTimer timer_{clock_};
  PartTimer parts_{timer_};
};

TEST_F(PartTimerTest, AddsUpEveryMomentByPartInTheCatalogsOrder) {
  parts_.Begin();
  parts_.Enter(Component::kNorm);
  Work(1);
  parts_.Enter(Component::kMixing);
  Work(20);
  parts_.Enter(Component::kNorm);
  Work(300);
  parts_.Enter(Component::kEmbedding);
  Work(4000);
  EXPECT_THAT(parts_.Finish().parts, ElementsAre(FieldsAre("embedding", 4000),
                                                 FieldsAre("mixing", 20), FieldsAre("norm", 301)));
}

TEST_F(PartTimerTest, PartsOfTrainingFollowTheComponents) {
  parts_.Begin();
  parts_.Enter(Component::kOther);
  Work(1);
  for (const TrainingPart part :
       {TrainingPart::kLoss, TrainingPart::kBackward, TrainingPart::kOptimizer}) {
    parts_.Enter(part);
    Work(7);
  }
  EXPECT_THAT(parts_.Finish().parts,
              ElementsAre(FieldsAre("other", 1), FieldsAre("loss", 7), FieldsAre("backward", 7),
                          FieldsAre("optimizer", 7)));
}

TEST_F(PartTimerTest, TheWholeIsNoPart) {
  parts_.Begin();
  parts_.EnterWhole();
  Work(50);
  parts_.Enter(Component::kNorm);
  Work(3);
  parts_.EnterWhole();
  Work(600);
  const PartTimer::Times times = parts_.Finish();
  EXPECT_THAT(times.parts, ElementsAre(FieldsAre("norm", 3)));
  EXPECT_EQ(times.whole_ns, 650);
}

TEST_F(PartTimerTest, PartThatTookNoTimeIsToldStill) {
  parts_.Begin();
  parts_.Enter(Component::kNorm);
  parts_.Enter(Component::kMixing);
  Work(2);
  EXPECT_THAT(parts_.Finish().parts, ElementsAre(FieldsAre("mixing", 2), FieldsAre("norm", 0)));
}

TEST_F(PartTimerTest, TimeInsideANestedScopeStaysWithThePartBefore) {
  parts_.Begin();
  const ComponentScope scope(&parts_);
  models::Enter(Component::kProjection);
  Work(5);
  {
    const ComponentScope nobody(nullptr);
    models::Enter(Component::kMixing);
    Work(60);
  }
  models::Enter(Component::kNorm);
  Work(700);
  EXPECT_THAT(parts_.Finish().parts,
              ElementsAre(FieldsAre("projection", 65), FieldsAre("norm", 700)));
}

TEST_F(PartTimerTest, BeginForgetsWhatCameBefore) {
  parts_.Begin();
  parts_.Enter(Component::kNorm);
  Work(5);
  parts_.Begin();
  EXPECT_THAT(parts_.Finish().parts, IsEmpty());
}

TEST(PartTimerMarkTest, OnlyChangesCostAMark) {
  CountingTimer timer;
  PartTimer parts(timer);
  parts.Begin();
  parts.Enter(Component::kNorm);
  parts.Enter(Component::kNorm);
  parts.Enter(Component::kMixing);
  parts.Enter(Component::kMixing);
  EXPECT_EQ(timer.marks(), 2U);
  parts.Finish();
  EXPECT_EQ(timer.marks(), 3U);
}

}  // namespace
}  // namespace cusp::runner
