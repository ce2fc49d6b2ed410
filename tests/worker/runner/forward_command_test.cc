#include "worker/runner/forward_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "worker/models/safetensors.h"

namespace cusp::runner {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ForwardCommandTest : public ::testing::Test {
 protected:
  static std::string Case(const std::string& file) {
    return TestDataFolder() + "/parity/longformer_global/" + file;
  }
  std::string Output() const { return directory_.Join("out.safetensors"); }

  // Runs with these flags changed; an empty value leaves the flag out.
  int Run(std::map<std::string, std::string> changes = {}) {
    std::map<std::string, std::string> flags = {{"--config", Case("config.json")},
                                                {"--weights", Case("model.safetensors")},
                                                {"--inputs", Case("inputs.safetensors")},
                                                {"--output", Output()}};
    for (const auto& [flag, value] : changes) {
      flags[flag] = value;
    }
    std::vector<std::string> words = {"forward"};
    for (const auto& [flag, value] : flags) {
      if (!value.empty()) {
        words.push_back(flag);
        words.push_back(value);
      }
    }
    std::vector<char*> argv;
    for (std::string& word : words) {
      argv.push_back(word.data());
    }
    ::testing::internal::CaptureStderr();
    const int code = RunForward(static_cast<int>(argv.size()), argv.data());
    stderr_ = ::testing::internal::GetCapturedStderr();
    return code;
  }

  TempDir directory_;
  std::string stderr_;
};

TEST_F(ForwardCommandTest, WritesLastHiddenState) {
  ASSERT_EQ(Run(), 0) << stderr_;
  EXPECT_THAT(stderr_, HasSubstr("skipped (not part of the encoder): pooler.dense.bias"));
  const auto output = models::ReadSafetensors(Output());
  ASSERT_THAT(output, IsOk());
  const at::Tensor& state = output->at("last_hidden_state");
  EXPECT_EQ(state.scalar_type(), at::kFloat);
  EXPECT_EQ(state.sizes(), at::IntArrayRef({2, 64, 48}));
}

TEST_F(ForwardCommandTest, WeightsMayBeDrawnAndTypesChosen) {
  EXPECT_EQ(Run({{"--weights", ""}, {"--seed", "5"}, {"--dtype", "bfloat16"}}), 0) << stderr_;
}

TEST_F(ForwardCommandTest, BadInputIsTwoAndNamesThePlace) {
  const std::string config = directory_.Write("c.json", R"({"model_type": "bert", "x": 1})");
  EXPECT_EQ(Run({{"--config", config}}), 2);
  EXPECT_THAT(stderr_, AllOf(HasSubstr(config), HasSubstr("unknown configuration key 'x'")));
  EXPECT_EQ(Run({{"--config", directory_.Join("none.json")}}), 2);
  EXPECT_THAT(stderr_, HasSubstr("none.json"));
  EXPECT_EQ(Run({{"--weights", Case("inputs.safetensors")}}), 2);
  EXPECT_THAT(stderr_, AllOf(HasSubstr("inputs.safetensors"), HasSubstr("missing")));
  EXPECT_EQ(Run({{"--inputs", Case("outputs.safetensors")}}), 2);
  EXPECT_THAT(stderr_, AllOf(HasSubstr("outputs.safetensors"), HasSubstr("input_ids")));
  EXPECT_EQ(Run({{"--weights", directory_.Write("w", "junk")}}), 2);
  EXPECT_FALSE(std::filesystem::exists(Output()));
}

TEST_F(ForwardCommandTest, BadUsageIsTwo) {
  EXPECT_EQ(Run({{"--config", ""}}), 2);
  EXPECT_EQ(Run({{"--dtype", "int8"}}), 2);
  EXPECT_EQ(Run({{"--attention", "cudnn"}}), 2);
  EXPECT_EQ(Run({{"--bogus", "1"}}), 2);
}

TEST_F(ForwardCommandTest, OutputThatCannotBeWrittenIsAnError) {
  EXPECT_NE(Run({{"--output", directory_.Join("no/such/folder")}}), 0);
  EXPECT_THAT(stderr_, HasSubstr("no/such/folder"));
}

}  // namespace
}  // namespace cusp::runner
