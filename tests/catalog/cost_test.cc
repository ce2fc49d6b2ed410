#include "catalog/cost.h"

#include <gtest/gtest.h>

namespace cusp::catalog {
namespace {

TEST(CostTallyTest, ProductCountsMultiplyAddsAndEveryOperandOnce) {
  CostTally tally({.element_bytes = 2});
  tally.Product(Component::kMixing, 3, 4, 5, 6);
  EXPECT_DOUBLE_EQ(tally[Component::kMixing].flops, 3 * 2 * 4 * 5 * 6);
  EXPECT_DOUBLE_EQ(tally[Component::kMixing].bytes, 2 * 3 * (20 + 30 + 24));
  EXPECT_DOUBLE_EQ(tally[Component::kNorm].flops, 0);
}

TEST(CostTallyTest, TrainingAddsOneProductForEachGradient) {
  CostTally forward({});
  forward.Linear(Component::kProjection, 7, 8, 9);
  const double flops = forward.Total().flops;
  for (const auto& [gradients, times] :
       {std::pair{Gradients::kNone, 1}, {Gradients::kOne, 2}, {Gradients::kBoth, 3}}) {
    CostTally tally({.pass = Pass::kTraining});
    tally.Linear(Component::kProjection, 7, 8, 9, gradients);
    EXPECT_DOUBLE_EQ(tally.Total().flops, times * flops);
    EXPECT_DOUBLE_EQ(tally.Total().bytes, times * forward.Total().bytes);
  }
}

TEST(CostTallyTest, FusedAttentionKeepsTheFlopsAndSparesTheScores) {
  CostTally eager({});
  eager.Attention(2, 100, 100, 16, 16);
  CostTally fused({.fused_attention = true});
  fused.Attention(2, 100, 100, 16, 16);
  EXPECT_DOUBLE_EQ(fused.Total().flops, eager.Total().flops);
  EXPECT_DOUBLE_EQ(eager.Total().bytes - fused.Total().bytes, 4.0 * 2 * 2 * 100 * 100);
}

TEST(CostTallyTest, FusedAttentionComputesItsScoresAgainInTraining) {
  CostTally inference({.fused_attention = true});
  inference.Attention(2, 100, 100, 16, 16);
  CostTally training({.pass = Pass::kTraining, .fused_attention = true});
  training.Attention(2, 100, 100, 16, 16);
  EXPECT_DOUBLE_EQ(training.Total().flops, 3.5 * inference.Total().flops);
}

TEST(CostTallyTest, KernelsAreCountedWithTheirBackwardPasses) {
  CostTally eager({});
  eager.Product(Component::kMixing, 12, 4, 5, 6);  // a batch of 12 is one
  eager.Attention(2, 100, 100, 16, 16);
  EXPECT_DOUBLE_EQ(eager.Total().products, 3);
  CostTally fused({.pass = Pass::kTraining, .fused_attention = true});
  fused.Attention(2, 100, 100, 16, 16);
  EXPECT_DOUBLE_EQ(fused.Total().products, 3);
  CostTally twice({});
  twice.Add(eager, 2);
  EXPECT_DOUBLE_EQ(twice[Component::kMixing].products, 6);
}

TEST(CostTallyTest, TrainingCanBeCountedWithoutItsBackwardPass) {
  for (const bool fused : {false, true}) {
    CostTally inference({.fused_attention = fused});
    CostTally forward({.pass = Pass::kTraining, .fused_attention = fused, .forward_only = true});
    for (CostTally* tally : {&inference, &forward}) {
      tally->Linear(Component::kProjection, 7, 8, 9);
      tally->Attention(2, 100, 100, 16, 16);
    }
    EXPECT_DOUBLE_EQ(forward.Total().flops, inference.Total().flops);
    EXPECT_DOUBLE_EQ(forward.Total().bytes, inference.Total().bytes);
  }
}

TEST(CostTallyTest, DepthwiseConvolutionMultipliesEachChannelAlone) {
  CostTally tally({});
  tally.Convolution(Component::kFrontEnd,
                    {.inputs = 50, .in = 8, .outputs = 40, .out = 8, .groups = 8, .taps = 11});
  EXPECT_DOUBLE_EQ(tally.Total().flops, 2.0 * 40 * 8 * 11);
  EXPECT_DOUBLE_EQ(tally.Total().bytes, 4.0 * (50 * 8 + 40 * 8 + 8 * 11));
}

}  // namespace
}  // namespace cusp::catalog
