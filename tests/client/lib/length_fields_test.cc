#include "client/lib/length_fields.h"

#include <gtest/gtest.h>

#include <string>

namespace cusp::client {
namespace {

// The fault's message, or nothing.
std::string Take(const std::string& lengths, v1::JobSpec& spec) {
  const YamlOutcome yaml = ParseYaml("lengths: " + lengths);
  if (yaml.fault.has_value()) {
    return yaml.fault->message;
  }
  const auto fault = TakeLengths(*yaml.root->Find("lengths"), spec);
  return fault.has_value() ? fault->message : "";
}

TEST(LengthFieldsTest, RangeOfTokens) {
  v1::JobSpec spec;
  spec.add_baselines()->set_model("bert");
  EXPECT_EQ(Take("{max: 2048, quantum: 16, min: 64}", spec), "");
  EXPECT_EQ(spec.lengths().unit(), v1::LENGTH_UNIT_TOKENS);
  EXPECT_EQ(spec.lengths().min(), 64);
  EXPECT_EQ(spec.lengths().max(), 2048);
  EXPECT_EQ(spec.lengths().quantum(), 16);
}

TEST(LengthFieldsTest, UnitIsReadBeforeWhatStandsAboveIt) {
  v1::JobSpec spec;
  EXPECT_EQ(Take("{list: [0.5, 2], unit: seconds}", spec), "");
  ASSERT_EQ(spec.lengths().list_size(), 2);
  EXPECT_EQ(spec.lengths().list(0), 8000);
  EXPECT_EQ(spec.lengths().list(1), 32'000);
}

TEST(LengthFieldsTest, FaultsSayWhatToWrite) {
  v1::JobSpec spec;
  spec.add_baselines()->set_model("bert");
  EXPECT_EQ(Take("{max: 64}", spec), "lengths has no min; write {min: 64, max: 4096}");
  EXPECT_EQ(Take("{list: []}", spec),
            "the list of lengths is empty; list some, or give min and max");
  EXPECT_EQ(Take("{min: 1, max: 2, unit: metres}", spec),
            "unknown unit 'metres'; write one of: tokens, seconds, pixels");
}

}  // namespace
}  // namespace cusp::client
