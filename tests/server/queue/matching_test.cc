#include "server/queue/matching.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Worker GpuWorker() {
  Worker worker;
  worker.device_class = "NVIDIA H200";
  worker.device = "cuda:0";
  worker.host = "gpu1";
  worker.cusp_version = "0.1.0";
  return worker;
}

TEST(MatchingTest, WorkerServesAutoItsKindAndItsClass) {
  EXPECT_THAT(DevicesServedBy(GpuWorker()), ElementsAre("auto", "cuda", "NVIDIA H200"));
  EXPECT_TRUE(Serves(GpuWorker(), "NVIDIA H200"));
  EXPECT_FALSE(Serves(GpuWorker(), "cpu"));
  EXPECT_FALSE(Serves(GpuWorker(), "NVIDIA A100"));
}

TEST(MatchingTest, PriorityGoesBeforeAge) {
  Sweep old;
  old.job_id = 1;
  Sweep urgent;
  urgent.job_id = 2;
  urgent.priority = 1;
  Sweep second = old;
  second.number = 2;
  EXPECT_TRUE(GoesBefore(urgent, old));
  EXPECT_FALSE(GoesBefore(old, urgent));
  EXPECT_TRUE(GoesBefore(old, second));
}

TEST(MatchingTest, BlocksOfAnotherPlaceAreNotResumed) {
  Provenance provenance;
  provenance.device_class = "NVIDIA H200";
  provenance.device = "cuda:0";
  provenance.host = "gpu1";
  provenance.cusp_version = "0.1.0";
  EXPECT_TRUE(MayResume(provenance, GpuWorker()));
  for (std::string Provenance::*field : {&Provenance::device_class, &Provenance::device,
                                         &Provenance::host, &Provenance::cusp_version}) {
    Provenance other = provenance;
    other.*field = "other";
    EXPECT_FALSE(MayResume(other, GpuWorker()));
    (other.*field).clear();
    EXPECT_TRUE(MayResume(other, GpuWorker()));
  }
}

TEST(MatchingTest, OtherProvenanceRestartsOnlyWhereThereAreBlocks) {
  EXPECT_EQ(DecideProvenance(true, 5), ProvenanceDecision::kKeep);
  EXPECT_EQ(DecideProvenance(false, 0), ProvenanceDecision::kAdopt);
  EXPECT_EQ(DecideProvenance(false, 5), ProvenanceDecision::kRestart);
}

TEST(MatchingTest, WaitingJobsSayWhy) {
  EXPECT_EQ(WaitingReason({JobState::kRunning, "auto", 0, 1, 1}), "");
  EXPECT_THAT(WaitingReason({JobState::kHeld, "auto", 0, 1, 1}), HasSubstr("release"));
  EXPECT_THAT(WaitingReason({JobState::kQueued, "auto", 0, 0, 0}), HasSubstr("cusp-worker"));
  EXPECT_THAT(WaitingReason({JobState::kQueued, "cuda", 0, 2, 0}), HasSubstr("none of the 2"));
  EXPECT_EQ(WaitingReason({JobState::kQueued, "cuda", 3, 2, 1}),
            "waiting for a free \"cuda\" worker: 3 ahead");
}

}  // namespace
}  // namespace cusp::server
