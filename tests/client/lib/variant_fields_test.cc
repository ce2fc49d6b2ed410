#include "client/lib/variant_fields.h"

#include <gtest/gtest.h>

#include <string>

namespace cusp::client {
namespace {

class VariantFieldsTest : public ::testing::Test {
 protected:
  // The fault's message, or nothing.
  std::string Take(const std::string& list) {
    spec_.Clear();
    const YamlOutcome yaml = ParseYaml("candidates: " + list);
    if (yaml.fault.has_value()) {
      return yaml.fault->message;
    }
    const auto fault =
        TakeVariants(*yaml.root->Find("candidates"), "", *spec_.mutable_candidates());
    return fault.has_value() ? fault->message : "";
  }

  v1::JobSpec spec_;
};

TEST_F(VariantFieldsTest, NameAloneIsAModel) {
  EXPECT_EQ(Take("[bert, {model: longformer, attention: sdpa}]"), "");
  ASSERT_EQ(spec_.candidates_size(), 2);
  EXPECT_EQ(spec_.candidates(0).model(), "bert");
  EXPECT_EQ(spec_.candidates(1).attention(), v1::ATTENTION_SDPA);
}

TEST_F(VariantFieldsTest, MapBecomesJson) {
  EXPECT_EQ(Take("[{model: bert, config: {hidden_size: 64, tie: true}}]"), "");
  EXPECT_EQ(spec_.candidates(0).config_json(), R"({"hidden_size":64,"tie":true})");
}

TEST_F(VariantFieldsTest, FaultsSayWhatToWrite) {
  EXPECT_EQ(Take("[{modle: bert}]"), "unknown key 'modle' in a variant; did you mean 'model'?");
  EXPECT_EQ(Take("[{model: bert, axes: {prune: lots}}]"), "prune is 'lots'; write a number");
  EXPECT_EQ(Take("[{model: }]"), "model has no value; write one, or leave the key out");
}

}  // namespace
}  // namespace cusp::client
