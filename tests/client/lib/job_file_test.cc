#include "client/lib/job_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "catalog/job_check.h"
#include "common/file.h"
#include "tests/support/paths.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

std::string Message(const absl::StatusOr<v1::JobSpec>& spec) {
  return std::string(spec.status().message());
}

constexpr const char* kGood =
    "baselines: [bert]\n"
    "candidates: [linformer]\n"
    "lengths: {min: 64, max: 2048}\n";

TEST(JobFileTest, ShortJobIsCompleted) {
  const auto spec = ParseJobFile(kGood, "dir/short.yaml", "");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->name(), "short");
  EXPECT_EQ(spec->modes(0), v1::MODE_INFERENCE);
  EXPECT_EQ(spec->seed(), 1U);
  EXPECT_TRUE(catalog::CheckJob(*spec).empty());
}

TEST(JobFileTest, JsonIsRead) {
  const auto spec = ParseJobFile(
      "{\n\t\"baselines\": [\"bert\"],\n\t\"candidates\": [{\"model\": \"linformer\"}],\n"
      "\t\"lengths\": {\"min\": 64, \"max\": 128}\n}\n",
      "job.json", "");
  EXPECT_TRUE(spec.ok()) << spec.status();
}

TEST(JobFileTest, EveryExampleIsAGoodJob) {
  std::vector<std::string> examples;
  for (const auto& entry : std::filesystem::directory_iterator(SourceFolder() + "/examples")) {
    if (entry.path().extension() == ".yaml") {
      examples.push_back(entry.path().string());
    }
  }
  EXPECT_GE(examples.size(), 3U);
  for (const std::string& example : examples) {
    const auto spec = ReadJobFile(example);
    EXPECT_TRUE(spec.ok()) << spec.status();
  }
}

TEST(JobFileTest, FilesThatCannotBeReadSaySo) {
  const std::string folder = ::testing::TempDir() + "job_file_test";
  ASSERT_TRUE(MakeDirectories(folder).ok());
  ASSERT_TRUE(WriteFileAtomically(folder + "/long.yaml", std::string(10 << 20, '[')).ok());
  EXPECT_EQ(Message(ReadJobFile(folder + "/no.yaml")),
            folder + "/no.yaml: no such file; check the path");
  EXPECT_THAT(Message(ReadJobFile(folder)), HasSubstr("a folder, not a job file"));
  EXPECT_THAT(Message(ReadJobFile(folder + "/long.yaml")),
              HasSubstr("/long.yaml:1:1: the file is longer than 256 KiB"));
  std::filesystem::remove_all(folder);
}

struct BadFile {
  const char* name;
  const char* text;
  const char* error;  // the beginning of the line
};

class BadFileTest : public ::testing::TestWithParam<BadFile> {};

TEST_P(BadFileTest, GetsOneLineWithItsPlace) {
  const auto spec = ParseJobFile(GetParam().text, "job.yaml", "");
  ASSERT_EQ(spec.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(spec), ::testing::StartsWith(GetParam().error));
  EXPECT_THAT(Message(spec), HasSubstr("; "));
  EXPECT_EQ(Message(spec).find('\n'), std::string::npos);
}

std::string NameOf(const ::testing::TestParamInfo<BadFile>& bad) { return bad.param.name; }

#define LENGTHS "lengths: {min: 64, max: 2048}\n"
#define MODELS "baselines: [bert]\ncandidates: [linformer]\n"

INSTANTIATE_TEST_SUITE_P(
    Keys, BadFileTest,
    ::testing::Values(
        BadFile{"Unknown", MODELS LENGTHS "presett: small\n",
                "job.yaml:4:1: unknown key 'presett' in the job; did you mean 'preset'?"},
        BadFile{"Far", MODELS LENGTHS "xyzzy: small\n",
                "job.yaml:4:1: unknown key 'xyzzy' in the job; known are name, preset"},
        BadFile{"InVariant", "baselines:\n  - {model: bert, atention: sdpa}\n",
                "job.yaml:2:19: unknown key 'atention' in a variant; did you mean 'attention'?"},
        BadFile{"InLengths", MODELS "lengths:\n  min: 64\n  maks: 128\n",
                "job.yaml:5:3: unknown key 'maks' in lengths; did you mean 'max'?"},
        BadFile{
            "InConfig",
            "baselines: [bert]\n"
            "candidates:\n  - model: longformer\n    config:\n      atention_window: 64\n" LENGTHS,
            "job.yaml:5:24: unknown configuration key 'atention_window' of longformer; did you "
            "mean 'attention_window'?"},
        BadFile{"Duplicate", MODELS LENGTHS "seed: 1\nseed: 2\n",
                "job.yaml:5:1: the key 'seed' stands here twice"},
        BadFile{"Merge", "<<: {name: x}\n", "job.yaml:1:1: unknown key '<<'"},
        BadFile{"Valueless", MODELS LENGTHS "device:\n", "job.yaml:4:1: device has no value"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Models, BadFileTest,
    ::testing::Values(
        BadFile{"Typo", "baselines: [bert]\ncandidates:\n  - longfromer\n" LENGTHS,
                "job.yaml:3:5: unknown model 'longfromer'; did you mean 'longformer'?"},
        BadFile{"Empty", "baselines: [bert]\ncandidates: []\n" LENGTHS,
                "job.yaml:2:1: candidates is empty; name at least one model"},
        BadFile{"NoBaselines", "candidates: [bert]\n" LENGTHS,
                "job.yaml:1:1: the job has no baselines; write what to compare, as in baselines: "},
        BadFile{"NoCandidates", "baselines: [bert]\n" LENGTHS,
                "job.yaml:1:1: the job has no candidates"},
        BadFile{"Twins", "baselines: [bert]\ncandidates: [linformer, bert]\n" LENGTHS,
                "job.yaml:2:25: the name 'bert' is taken by baselines[0]"},
        BadFile{"NamedTwins",
                "baselines: [bert]\ncandidates:\n  - model: linformer\n    name: bert\n" LENGTHS,
                "job.yaml:4:11: the name 'bert' is taken by baselines[0]"},
        BadFile{"Window",
                "baselines: [bert]\n"
                "candidates:\n  - {model: longformer, config: {attention_window: 4096}}\n" LENGTHS,
                "job.yaml:3:52: attention_window 4096 is larger than 2048, the longest input"},
        BadFile{"OddWindow",
                "baselines: [bert]\n"
                "candidates: [{model: longformer, config: {attention_window: 63}}]\n" LENGTHS,
                "job.yaml:2:61: attention_window 63 is odd"},
        BadFile{"Heads",
                "baselines: [{model: bert, config: {num_attention_heads: 0}}]\n"
                "candidates: [linformer]\n" LENGTHS,
                "job.yaml:1:57: num_attention_heads is '0'; use 1 to"},
        BadFile{"Landmarks", "baselines: [bert]\ncandidates: [nystromformer]\n" LENGTHS,
                "job.yaml:2:14: 'nystromformer' takes no length below 65"},
        BadFile{"Backend",
                "baselines: [bert]\ncandidates: [{model: linformer, attention: sdpa}]\n" LENGTHS,
                "job.yaml:2:44: linformer has no plain attention"},
        BadFile{"NamedSize", "baselines: [bert-base]\ncandidates: [linformer]\n" LENGTHS,
                "job.yaml:1:13: 'bert-base' takes no length above 512"},
        BadFile{"Nameless", "baselines: [{attention: sdpa}]\ncandidates: [linformer]\n" LENGTHS,
                "job.yaml:1:13: the variant names no model"},
        BadFile{"List", "baselines: bert\n", "job.yaml:1:12: baselines is 'bert'; write a list"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Lengths, BadFileTest,
    ::testing::Values(BadFile{"Reversed", MODELS "lengths: {min: 4096, max: 64}\n",
                              "job.yaml:3:16: min 4096 is greater than max 64; swap them"},
                      BadFile{"Unit", MODELS "lengths: {min: 1, max: 30, unit: seconds}\n",
                              "job.yaml:3:34: lengths of bert are in tokens, not seconds"},
                      BadFile{"UnitTypo", MODELS "lengths: {min: 1, max: 30, unit: token}\n",
                              "job.yaml:3:34: unknown unit 'token'; did you mean 'tokens'?"},
                      BadFile{"Missing", MODELS, "job.yaml:1:1: lengths are missing"},
                      BadFile{"NoMax", MODELS "lengths: {min: 1}\n",
                              "job.yaml:3:1: lengths has no max"},
                      BadFile{"Zero", MODELS "lengths: {min: 0, max: 64}\n",
                              "job.yaml:3:16: min is '0'; use 1 to 4000000"},
                      BadFile{"Huge", MODELS "lengths: {min: 1, max: 99999999999999999999}\n",
                              "job.yaml:3:24: max is '99999999999999999999'; use 1 to 4000000"},
                      BadFile{"Text", MODELS "lengths: {min: yes, max: 64}\n",
                              "job.yaml:3:16: min is 'yes'; write a whole number"},
                      BadFile{"Quantum", MODELS "lengths: {min: 1, max: 64, quantum: 0}\n",
                              "job.yaml:3:37: quantum is '0'; use 1"},
                      BadFile{"Unsorted", MODELS "lengths: {list: [64, 128, 100]}\n",
                              "job.yaml:3:27: length 100 after 128"},
                      BadFile{"ShortAudio",
                              "baselines: [hubert]\ncandidates: [l_hubert]\n"
                              "lengths: {min: 0.01, max: 1}\n",
                              "job.yaml:1:13: 'hubert' takes no length below 0.025"},
                      BadFile{"SecondsOfUnknownModels",
                              "lengths: {min: 0.5, max: 1}\nbaselines: [hubrt]\n"
                              "candidates: [nonesuch]\n",
                              "job.yaml:2:13: unknown model 'hubrt'; did you mean 'hubert'?"},
                      BadFile{"NotAMap", MODELS "lengths: 64\n",
                              "job.yaml:3:10: lengths is '64'; write keys and values"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Values, BadFileTest,
    ::testing::Values(
        BadFile{"Mode", MODELS LENGTHS "modes: [inferense]\n",
                "job.yaml:4:9: unknown mode 'inferense'; did you mean 'inference'?"},
        BadFile{"Decode", MODELS LENGTHS "modes: [decode]\n",
                "job.yaml:2:14: linformer cannot run in mode decode"},
        BadFile{"Metric", MODELS LENGTHS "metrics: [latency, first_token]\n",
                "job.yaml:4:20: first_token is not measured by this version"},
        BadFile{"DType", MODELS LENGTHS "dtypes: [float8]\n", "job.yaml:4:10: "},
        BadFile{"NoModes", MODELS LENGTHS "modes: []\n", "job.yaml:4:8: modes is empty"},
        BadFile{"Preset", MODELS LENGTHS "preset: medium\n",
                "job.yaml:4:9: unknown preset 'medium'; use tiny, small, base or large"},
        BadFile{"Batch", MODELS LENGTHS "batch_size: 0\n", "job.yaml:4:13: batch_size is '0'"},
        BadFile{"Threads", MODELS LENGTHS "threads: 2000\n", "job.yaml:4:10: threads is '2000'"},
        BadFile{"Precision", MODELS LENGTHS "precision: 5\n", "job.yaml:4:12: precision is '5'"},
        BadFile{"Budget", MODELS LENGTHS "budget: 10\n",
                "job.yaml:4:9: budget is '10'; write a time like 90s, 10m or 1h30m"},
        BadFile{"LongBudget", MODELS LENGTHS "budget: 8d\n",
                "job.yaml:4:9: the budget lies outside 1 second to 7 days"},
        BadFile{"Seed", MODELS LENGTHS "seed: -1\n", "job.yaml:4:7: seed is '-1'"},
        BadFile{"Device", MODELS LENGTHS "device: gpu\n", "job.yaml:4:9: device is 'gpu'"},
        BadFile{"Axes",
                "baselines: [bert]\ncandidates: [{model: linformer, axes: {prune: 1.5}}]\n" LENGTHS,
                "job.yaml:2:47: prune is '1.5'; use 0 to 0.99"},
        BadFile{"ControlName", "name: \"a\\nb\"\n" MODELS LENGTHS,
                "job.yaml:1:7: the name 'a?b' holds control characters"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Yaml, BadFileTest,
    ::testing::Values(
        BadFile{"Tabs", "lengths:\n\tmin: 64\n", "job.yaml:2:1: a tab in the indentation"},
        BadFile{"Empty", "", "job.yaml:1:1: the file is empty"},
        BadFile{"Text", "just words\n", "job.yaml:1:1: the job is 'just words'"},
        BadFile{"List", "- a\n", "job.yaml:1:1: the job is a list"},
        BadFile{"TwoDocuments", MODELS LENGTHS "---\n" MODELS, "job.yaml:4:1: a second document"},
        BadFile{"Anchor", "baselines: &a [bert]\n", "job.yaml:1:12: anchors (&name)"},
        BadFile{"Quote", "name: \"x\n" MODELS LENGTHS, "job.yaml:1:7: the quote that opens here"},
        BadFile{"Latin1", "name: caf\xe9\n", "job.yaml:1:10: the file is no UTF-8 text"},
        BadFile{"Bracket", "baselines: [bert\ncandidates: [linformer]\n",
                "job.yaml:2:11: a [ is never closed"}),
    NameOf);

}  // namespace
}  // namespace cusp::client
