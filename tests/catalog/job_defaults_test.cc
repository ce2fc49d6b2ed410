#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "catalog/job_check.h"

namespace cusp::catalog {
namespace {

TEST(JobDefaultsTest, FillsWhatAJobFileMayLeaveOut) {
  v1::JobSpec spec;
  spec.add_baselines()->set_model("bert");
  v1::VariantSpec& sdpa = *spec.add_baselines();
  sdpa.set_model("bert");
  sdpa.set_attention(v1::ATTENTION_SDPA);
  ApplyDefaults(spec);
  EXPECT_EQ(spec.baselines(0).name(), "bert");
  EXPECT_EQ(spec.baselines(0).attention(), v1::ATTENTION_EAGER);
  EXPECT_EQ(spec.baselines(1).name(), "bert-sdpa");
  EXPECT_EQ(spec.preset(), "small");
  EXPECT_EQ(spec.modes(0), v1::MODE_INFERENCE);
  EXPECT_EQ(spec.metrics(0), v1::METRIC_LATENCY);
  EXPECT_EQ(spec.dtypes(0), v1::DTYPE_FLOAT32);
  EXPECT_EQ(spec.batch_sizes(0), 1);
  EXPECT_EQ(spec.device(), "auto");
  EXPECT_EQ(spec.precision(), 0.05);
  EXPECT_EQ(spec.budget().seconds(), 600);
  EXPECT_EQ(spec.lengths().unit(), v1::LENGTH_UNIT_TOKENS);
}

TEST(JobDefaultsTest, RangeFollowsTheList) {
  v1::JobSpec spec;
  spec.mutable_lengths()->add_list(10);
  spec.mutable_lengths()->add_list(20);
  ApplyDefaults(spec);
  EXPECT_EQ(spec.lengths().min(), 10);
  EXPECT_EQ(spec.lengths().max(), 20);
}

TEST(JobDefaultsTest, UnitIsThatOfAConfigFileToo) {
  v1::JobSpec spec;
  spec.add_baselines()->set_config_file_json(R"({"model_type": "hubert"})");
  ApplyDefaults(spec);
  EXPECT_EQ(spec.lengths().unit(), v1::LENGTH_UNIT_SECONDS);
}

TEST(JobDefaultsTest, TwiceIsTheSameAsOnce) {
  v1::JobSpec once;
  once.add_candidates()->set_model("longformer");
  ApplyDefaults(once);
  v1::JobSpec twice = once;
  ApplyDefaults(twice);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(once, twice));
}

}  // namespace
}  // namespace cusp::catalog
