#include "client/lib/job_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "common/file.h"
#include "common/sha256.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

class JobFieldsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = ::testing::TempDir() + "job_fields_" + info->name();
    ASSERT_TRUE(MakeDirectories(folder_).ok());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& content) {
    ASSERT_TRUE(WriteFileAtomically(folder_ + "/" + name, content).ok());
  }

  std::string Take(const std::string& text) {
    spec_.Clear();
    const YamlOutcome yaml = ParseYaml(text);
    if (yaml.fault.has_value()) {
      return yaml.fault->message;
    }
    const auto fault = TakeJobFields(*yaml.root, folder_, spec_);
    return fault.has_value() ? fault->message : "";
  }

  std::string folder_;
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
  EXPECT_EQ(spec_.lengths().quantum(), 2);
  EXPECT_EQ(spec_.lengths().list_size(), 2);
  EXPECT_EQ(spec_.batch_sizes(1), 4);
  EXPECT_EQ(spec_.device(), "cuda");
  EXPECT_EQ(spec_.threads(), 3);
  EXPECT_EQ(spec_.precision(), 0.1);
  EXPECT_EQ(spec_.budget().seconds(), 3600);
  EXPECT_EQ(spec_.seed(), 18446744073709551615ULL);
  EXPECT_TRUE(spec_.extend_positions());
}

TEST_F(JobFieldsTest, SeedIsOneUnlessSaid) {
  ASSERT_EQ(Take("name: n\n"), "");
  EXPECT_EQ(spec_.seed(), 1U);
}

TEST_F(JobFieldsTest, ConfigFileIsTakenFromTheJobsFolder) {
  Write("config.json", R"({"model_type": "bert"})");
  ASSERT_EQ(Take("candidates: [{config_file: config.json}]"), "");
  EXPECT_EQ(spec_.candidates(0).config_file_json(), R"({"model_type": "bert"})");
}

TEST_F(JobFieldsTest, WeightsAreHashedAndTheirPathMadeAbsolute) {
  Write("model.safetensors", "weights");
  ASSERT_EQ(Take("candidates: [{model: bert, weights_file: ./model.safetensors}]"), "");
  EXPECT_TRUE(spec_.candidates(0).weights_path().starts_with('/'));
  EXPECT_TRUE(spec_.candidates(0).weights_path().ends_with("/model.safetensors"));
  EXPECT_EQ(spec_.candidates(0).weights_sha256(), Sha256Hex("weights"));
}

TEST_F(JobFieldsTest, FilesThatCannotBeTakenAreNamed) {
  Write("broken.json", "{");
  Write("long.json", std::string(70'000, ' '));
  EXPECT_THAT(Take("candidates: [{config_file: no.json}]"), HasSubstr("does not exist"));
  EXPECT_THAT(Take("candidates: [{config_file: .}]"), HasSubstr("is no file"));
  EXPECT_THAT(Take("candidates: [{config_file: ''}]"), HasSubstr("is no path"));
  EXPECT_THAT(Take("candidates: [{config_file: \"a\\0b\"}]"), HasSubstr("is no path"));
  EXPECT_THAT(Take("candidates: [{config_file: broken.json}]"), HasSubstr("no valid JSON"));
  EXPECT_THAT(Take("candidates: [{config_file: long.json}]"), HasSubstr("longer than 64 KiB"));
  EXPECT_THAT(Take("candidates: [{model: bert, weights_file: /dev/zero}]"),
              HasSubstr("is no file"));
}

}  // namespace
}  // namespace cusp::client
