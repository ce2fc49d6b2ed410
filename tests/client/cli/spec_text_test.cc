#include "client/cli/spec_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cusp::client {
namespace {

TEST(SpecTextTest, TellsWhatWillBeMeasured) {
  v1::JobSpec spec;
  spec.set_name("text");
  spec.add_baselines()->set_name("bert");
  spec.add_candidates()->set_name("longformer");
  spec.add_candidates()->set_name("linformer");
  spec.add_modes(v1::MODE_INFERENCE);
  spec.add_modes(v1::MODE_TRAINING);
  spec.add_dtypes(v1::DTYPE_FLOAT32);
  spec.add_metrics(v1::METRIC_LATENCY);
  spec.add_metrics(v1::METRIC_PEAK_MEMORY);
  spec.mutable_lengths()->set_min(64);
  spec.mutable_lengths()->set_max(2048);
  spec.mutable_lengths()->set_unit(v1::LENGTH_UNIT_TOKENS);
  spec.add_batch_sizes(1);
  spec.set_device("auto");
  spec.mutable_budget()->set_seconds(600);
  EXPECT_EQ(RenderSpec(spec),
            "name         text\n"
            "baselines    bert\n"
            "candidates   longformer, linformer\n"
            "modes        inference, training\n"
            "dtypes       float32\n"
            "metrics      latency, peak_memory\n"
            "lengths      64 to 2,048 tokens\n"
            "device       auto\n"
            "sweeps       2, at most 10m00s each\n"
            "comparisons  8\n");
}

TEST(SpecTextTest, LengthsOfAudioAreInSeconds) {
  v1::JobSpec spec;
  spec.mutable_lengths()->set_min(8000);
  spec.mutable_lengths()->set_max(480'000);
  spec.mutable_lengths()->set_unit(v1::LENGTH_UNIT_SECONDS);
  EXPECT_THAT(RenderSpec(spec), testing::HasSubstr("lengths      0.5 to 30 seconds\n"));
  spec.mutable_lengths()->add_list(8000);
  spec.mutable_lengths()->add_list(480'000);
  EXPECT_THAT(RenderSpec(spec), testing::HasSubstr("lengths      0.5, 30 seconds\n"));
}

}  // namespace
}  // namespace cusp::client
