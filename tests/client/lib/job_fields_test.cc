#include "client/lib/job_fields.h"

#include <gtest/gtest.h>

#include <string>

namespace cusp::client {
namespace {

class JobFieldsTest : public ::testing::Test {
 protected:
  // The fault's message, or nothing.
  std::string Take(const std::string& text) {
    spec_.Clear();
    const YamlOutcome yaml = ParseYaml(text);
    if (yaml.fault.has_value()) {
      return yaml.fault->message;
    }
    const auto fault = TakeJobFields(*yaml.root, "", spec_);
    return fault.has_value() ? fault->message : "";
  }

  v1::JobSpec spec_;
};

TEST_F(JobFieldsTest, EveryFieldArrives) {
  ASSERT_EQ(Take("name: n\npreset: tiny\nbaselines: [bert]\n"
                 "candidates: [{name: c, model: longformer, attention: sdpa, config: {a: [1, b]},"
                 " axes: {prune: 0.25, share_layers: true, checkpointing: true}}]\n"
                 "modes: [training, decode]\nmetrics: [energy]\ndtypes: [bfloat16]\n"
                 "lengths: {min: 2, max: 8, unit: seconds, quantum: 2, list: [2, 8]}\n"
                 "batch_size: [1, 4]\ndevice: cuda\nthreads: 3\nprecision: 0.1\nbudget: 1h\n"
                 "seed: 18446744073709551615\nextend_positions: true\n"),
            "");
  EXPECT_EQ(spec_.name(), "n");
  EXPECT_EQ(spec_.preset(), "tiny");
  EXPECT_EQ(spec_.baselines(0).model(), "bert");
  EXPECT_EQ(spec_.candidates(0).attention(), v1::ATTENTION_SDPA);
  EXPECT_EQ(spec_.candidates(0).config_json(), R"({"a":[1,"b"]})");
  EXPECT_EQ(spec_.candidates(0).axes().prune(), 0.25);
  EXPECT_TRUE(spec_.candidates(0).axes().share_layers());
  EXPECT_TRUE(spec_.candidates(0).axes().checkpointing());
  EXPECT_EQ(spec_.modes(1), v1::MODE_DECODE);
  EXPECT_EQ(spec_.metrics(0), v1::METRIC_ENERGY);
  EXPECT_EQ(spec_.dtypes(0), v1::DTYPE_BFLOAT16);
  EXPECT_EQ(spec_.lengths().unit(), v1::LENGTH_UNIT_SECONDS);
  EXPECT_EQ(spec_.lengths().quantum(), 32'000);
  EXPECT_EQ(spec_.lengths().list_size(), 2);
  EXPECT_EQ(spec_.batch_sizes(1), 4);
  EXPECT_EQ(spec_.device(), "cuda");
  EXPECT_EQ(spec_.threads(), 3);
  EXPECT_EQ(spec_.precision(), 0.1);
  EXPECT_EQ(spec_.budget().seconds(), 3600);
  EXPECT_EQ(spec_.seed(), 18446744073709551615ULL);
  EXPECT_TRUE(spec_.extend_positions());
}

TEST_F(JobFieldsTest, LengthsOfAudioAreSecondsWhereverTheyStand) {
  EXPECT_EQ(Take("lengths: {min: 0.5, max: 30}\nbaselines: [hubert]\ncandidates: [l_hubert]\n"),
            "");
  EXPECT_EQ(spec_.lengths().unit(), v1::LENGTH_UNIT_SECONDS);
  EXPECT_EQ(spec_.lengths().min(), 8000);
  EXPECT_EQ(spec_.lengths().max(), 480'000);
}

TEST_F(JobFieldsTest, ImpossibleSecondsNameTheirRange) {
  EXPECT_EQ(Take("baselines: [hubert]\ncandidates: [l_hubert]\nlengths: {min: 0, max: 30}\n"),
            "min is '0'; use 0.0000625 to 3600");
  EXPECT_EQ(Take("baselines: [hubert]\ncandidates: [l_hubert]\nlengths: {list: [1, 1e9]}\n"),
            "a length is '1e9'; use 0.0000625 to 3600");
  EXPECT_EQ(Take("baselines: [hubert]\ncandidates: [l_hubert]\nlengths: {min: 1s, max: 30}\n"),
            "min is '1s'; write a number");
}

TEST_F(JobFieldsTest, MisspeltKeyIsRefused) {
  EXPECT_EQ(Take("nam: n\n"), "unknown key 'nam' in the job; did you mean 'name'?");
}

TEST_F(JobFieldsTest, SeedIsOneUnlessSaid) {
  ASSERT_EQ(Take("baselines: [bert]\ncandidates: [linformer]\n"), "");
  EXPECT_EQ(spec_.seed(), 1U);
}

}  // namespace
}  // namespace cusp::client
