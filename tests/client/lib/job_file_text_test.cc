#include "client/lib/job_file_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "client/lib/job_file.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

// The spec is that of the file written for it, as YAML and as JSON.
void ExpectRoundTrip(const v1::JobSpec& spec) {
  const std::string yaml = JobFileText(spec);
  for (const std::string& text : {yaml, JobFileJson(spec).dump(2)}) {
    const auto read = ParseJobFile(text, "other-name.yaml", "/nowhere");
    ASSERT_TRUE(read.ok()) << read.status() << "\n" << text;
    EXPECT_EQ(read->DebugString(), spec.DebugString()) << text;
  }
}

void ExpectRoundTripOf(const std::string& text, const std::string& folder = "") {
  const auto spec = ParseJobFile(text, "job.yaml", folder);
  ASSERT_TRUE(spec.ok()) << spec.status();
  ExpectRoundTrip(*spec);
}

TEST(JobFileTextTest, EveryExampleComesBackWhole) {
  int examples = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SourceFolder() + "/examples")) {
    if (entry.path().extension() == ".yaml") {
      const auto spec = ReadJobFile(entry.path().string());
      ASSERT_TRUE(spec.ok()) << spec.status();
      ExpectRoundTrip(*spec);
      ++examples;
    }
  }
  EXPECT_GE(examples, 3);
}

TEST(JobFileTextTest, EveryKeyComesBack) {
  ExpectRoundTripOf(
      "name: 'all: of \"them\" #1, ünïcode'\n"
      "preset: tiny\n"
      "baselines: [bert, {name: fused, model: bert, attention: sdpa}]\n"
      "candidates:\n"
      "  - {name: pruned, model: bert, axes: {prune: 0.3, share_layers: true, checkpointing: "
      "true}}\n"
      "  - {name: plain, model: bert, axes: {}}\n"
      "  - {model: longformer, config: {attention_window: 128, layer_norm_eps: 1e-05}}\n"
      "modes: [inference, training]\n"
      "metrics: [latency, peak_memory]\n"
      "dtypes: [float32, bfloat16]\n"
      "lengths: {min: 64, max: 2048, quantum: 64}\n"
      "batch_size: [1, 4]\n"
      "device: cpu\n"
      "threads: 3\n"
      "precision: 0.017\n"
      "budget: 1h30m5s\n"
      "seed: 18446744073709551615\n"
      "extend_positions: true\n");
}

TEST(JobFileTextTest, ListsAndSecondsComeBackToTheSample) {
  ExpectRoundTripOf(
      "baselines: [bert]\ncandidates: [linformer]\nlengths: {list: [64, 100, 999]}\n");
  ExpectRoundTripOf(
      "baselines: [hubert]\ncandidates: [l_hubert]\n"
      "lengths: {min: 0.5, max: 29.9999375, quantum: 0.02}\n");
}

TEST(JobFileTextTest, FilesAreInlinedByteForByteAndWeightsNamed) {
  const TempDir folder;
  folder.Write("config.json",
               "{\n  \"model_type\": \"bert\",\n\t\"layer_norm_eps\": 1e-12,\n"
               "  \"_name_or_path\": \"a \\\"quoted\\\" \\\\ \\u00fc\"\n}\n");
  folder.Write("w.safetensors", std::string("\x02\0\0\0\0\0\0\0{}", 10));
  const auto spec = ParseJobFile(
      "baselines: [bert]\n"
      "candidates: [{name: mine, config_file: config.json, weights_file: w.safetensors}]\n"
      "lengths: {min: 64, max: 512}\n",
      "job.yaml", folder.path());
  ASSERT_TRUE(spec.ok()) << spec.status();
  ExpectRoundTrip(*spec);
  EXPECT_THAT(JobFileText(*spec), HasSubstr(folder.Join("w.safetensors")));
}

TEST(JobFileTextTest, VariantsStandOnLinesOfTheirOwn) {
  v1::JobSpec spec;
  spec.set_name("n");
  spec.add_baselines()->set_name("b");
  EXPECT_THAT(JobFileText(spec), HasSubstr("name: \"n\"\n"));
  EXPECT_THAT(JobFileText(spec), HasSubstr("baselines:\n  - {\"name\":\"b\"}\n"));
}

}  // namespace
}  // namespace cusp::client
