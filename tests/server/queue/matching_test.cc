#include "server/queue/matching.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cusp::server {
namespace {

using ::testing::ElementsAre;

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

}  // namespace
}  // namespace cusp::server
