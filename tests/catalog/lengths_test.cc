#include "catalog/lengths.h"

#include <gtest/gtest.h>

namespace cusp::catalog {
namespace {

constexpr auto kSeconds = v1::LENGTH_UNIT_SECONDS;
constexpr auto kTokens = v1::LENGTH_UNIT_TOKENS;

TEST(LengthsTest, SecondsAreSamplesOf16kHz) {
  EXPECT_EQ(FromUnit(1, kSeconds), 16'000);
  EXPECT_EQ(FromUnit(0.025, kSeconds), 400);
  EXPECT_EQ(FromUnit(1.0 / 3, kSeconds), 5333);
  EXPECT_EQ(InUnit(8000, kSeconds), 0.5);
  EXPECT_EQ(FromUnit(512, kTokens), 512);
  EXPECT_EQ(InUnit(512, kTokens), 512);
}

TEST(LengthsTest, EveryWholeNumberOfSamplesComesBack) {
  for (int64_t samples = 1; samples <= LongestLength(kSeconds); samples = samples * 9 / 8 + 1) {
    EXPECT_EQ(FromUnit(InUnit(static_cast<double>(samples), kSeconds), kSeconds), samples);
    EXPECT_EQ(FromUnit(std::stod(LengthText(samples, kSeconds)), kSeconds), samples);
  }
}

TEST(LengthsTest, TextIsTheShortestDecimal) {
  EXPECT_EQ(LengthText(400, kSeconds), "0.025");
  EXPECT_EQ(LengthText(1, kSeconds), "0.0000625");
  EXPECT_EQ(LengthText(480'000, kSeconds), "30");
  EXPECT_EQ(LengthText(4'000'000, kTokens), "4000000");
  EXPECT_EQ(LengthText(0, kTokens), "0");
}

TEST(LengthsTest, AbsurdLengthsStayOutOfRange) {
  EXPECT_GT(FromUnit(1e300, kSeconds), LongestLength(kSeconds));
  EXPECT_LT(FromUnit(-1e300, kSeconds), 1);
}

TEST(LengthsTest, UnitIsThatOfTheFirstKnownModel) {
  v1::JobSpec spec;
  EXPECT_EQ(UnitOf(spec), v1::LENGTH_UNIT_UNSPECIFIED);
  spec.add_baselines()->set_model("hubrt");
  spec.add_candidates()->set_config_file_json(R"({"model_type": "l_hubert"})");
  EXPECT_EQ(UnitOf(spec), kSeconds);
  spec.mutable_baselines(0)->set_model("vit-base-16");
  EXPECT_EQ(UnitOf(spec), v1::LENGTH_UNIT_PIXELS);
}

}  // namespace
}  // namespace cusp::catalog
