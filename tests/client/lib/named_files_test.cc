#include "client/lib/named_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "common/file.h"
#include "common/sha256.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

class NamedFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = ::testing::TempDir() + "named_files_" + info->name();
    ASSERT_TRUE(MakeDirectories(folder_).ok());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& content) {
    ASSERT_TRUE(WriteFileAtomically(folder_ + "/" + name, content).ok());
  }

  // The fault's message, or nothing.
  std::string TakeConfig(const std::string& path) {
    const auto fault = TakeConfigFile(Named("config_file", path), folder_, variant_);
    return fault.has_value() ? fault->message : "";
  }
  std::string TakeWeights(const std::string& path) {
    const auto fault = TakeWeightsFile(Named("weights_file", path), folder_, variant_);
    return fault.has_value() ? fault->message : "";
  }

  static YamlNode Named(const std::string& key, const std::string& path) {
    YamlNode node;
    node.kind = YamlNode::Kind::kScalar;
    node.key = key;
    node.text = path;
    return node;
  }

  std::string folder_;
  v1::VariantSpec variant_;
};

TEST_F(NamedFilesTest, ConfigFileIsTakenFromTheJobsFolder) {
  Write("config.json", R"({"model_type": "bert"})");
  ASSERT_EQ(TakeConfig("config.json"), "");
  EXPECT_EQ(variant_.config_file_json(), R"({"model_type": "bert"})");
}

TEST_F(NamedFilesTest, ConfigFileMayBeTheContentItself) {
  const std::string content = "\n {\"model_type\":  \"bert\"}\n";
  ASSERT_EQ(TakeConfig(content), "");
  EXPECT_EQ(variant_.config_file_json(), content);
  EXPECT_THAT(TakeConfig("{model_type: bert}"), HasSubstr("config_file is no valid JSON"));
  EXPECT_THAT(TakeConfig("{\"x\": \"" + std::string(1 << 16, 'x') + "\"}"),
              HasSubstr("config_file is longer than 64 KiB"));
}

TEST_F(NamedFilesTest, WeightsAreHashedAndTheirPathMadeAbsolute) {
  Write("model.safetensors", "weights");
  ASSERT_EQ(TakeWeights("./model.safetensors"), "");
  EXPECT_TRUE(variant_.weights_path().starts_with('/'));
  EXPECT_TRUE(variant_.weights_path().ends_with("/model.safetensors"));
  EXPECT_EQ(variant_.weights_sha256(), Sha256Hex("weights"));
}

TEST_F(NamedFilesTest, IndexOfWeightsIsHashedWithItsFiles) {
  Write("w.index.json", R"({"weight_map": {"x": "one", "y": "two"}})");
  Write("one", "1");
  EXPECT_THAT(TakeWeights("w.index.json"), HasSubstr("two: No such file"));
  Write("two", "2");
  ASSERT_EQ(TakeWeights("w.index.json"), "");
  const std::string before = variant_.weights_sha256();
  Write("two", "3");
  ASSERT_EQ(TakeWeights("w.index.json"), "");
  EXPECT_NE(variant_.weights_sha256(), before);
}

TEST_F(NamedFilesTest, FilesThatCannotBeTakenAreNamed) {
  Write("broken.json", "{");
  Write("long.json", std::string(70'000, ' '));
  Write("deep.json", std::string(60'000, '['));
  EXPECT_THAT(TakeConfig("no.json"), HasSubstr("does not exist"));
  EXPECT_THAT(TakeConfig("."), HasSubstr("is no file"));
  EXPECT_THAT(TakeConfig(""), HasSubstr("is no path"));
  EXPECT_THAT(TakeConfig(std::string("a\0b", 3)), HasSubstr("is no path"));
  EXPECT_THAT(TakeConfig("broken.json"), HasSubstr("no valid JSON"));
  EXPECT_THAT(TakeConfig("deep.json"), HasSubstr("no valid JSON"));
  EXPECT_THAT(TakeConfig("long.json"), HasSubstr("longer than 64 KiB"));
  EXPECT_THAT(TakeWeights("/dev/zero"), HasSubstr("is no file"));
}

}  // namespace
}  // namespace cusp::client
