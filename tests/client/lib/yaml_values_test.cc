#include "client/lib/yaml_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

YamlNode Scalar(const std::string& text, bool quoted = false) {
  YamlNode node;
  node.kind = YamlNode::Kind::kScalar;
  node.text = text;
  node.quoted = quoted;
  return node;
}

TEST(YamlValuesTest, WholeNumbersAreDecimalDigits) {
  int64_t out = 0;
  EXPECT_FALSE(TakeInteger(Scalar("-42"), "x", -100, 100, out).has_value());
  EXPECT_EQ(out, -42);
  for (const char* bad : {"4.0", "1e3", "0x10", "1_000", "yes", "", "4 ", "++4", "١"}) {
    EXPECT_TRUE(TakeInteger(Scalar(bad), "x", -100, 100, out).has_value()) << bad;
  }
  EXPECT_TRUE(TakeInteger(Scalar("42", true), "x", -100, 100, out).has_value());
}

TEST(YamlValuesTest, NumbersOutOfRangeNameIt) {
  int64_t out = 0;
  for (const char* bad : {"101", "99999999999999999999999"}) {
    EXPECT_THAT(TakeInteger(Scalar(bad), "x", 1, 100, out)->message, HasSubstr("use 1 to 100"));
  }
  uint64_t huge = 0;
  EXPECT_FALSE(TakeUnsigned(Scalar("18446744073709551615"), "x", huge).has_value());
  EXPECT_TRUE(TakeUnsigned(Scalar("-1"), "x", huge).has_value());
}

TEST(YamlValuesTest, NumbersAreFinite) {
  double out = 0;
  EXPECT_FALSE(TakeNumber(Scalar("5e-2"), "x", out).has_value());
  EXPECT_EQ(out, 0.05);
  for (const char* bad : {"nan", "inf", "-inf", ".inf", "1e999", "0.05x", "5%"}) {
    EXPECT_TRUE(TakeNumber(Scalar(bad), "x", out).has_value()) << bad;
  }
}

TEST(YamlValuesTest, OnlyTrueAndFalseAreBooleans) {
  bool out = false;
  EXPECT_FALSE(TakeBoolean(Scalar("true"), "x", out).has_value());
  EXPECT_TRUE(out);
  EXPECT_THAT(TakeBoolean(Scalar("yes"), "x", out)->message, HasSubstr("write true or false"));
}

TEST(YamlValuesTest, DurationsHaveUnits) {
  google::protobuf::Duration out;
  EXPECT_FALSE(TakeDuration(Scalar("1h30m"), "x", out).has_value());
  EXPECT_EQ(out.seconds(), 5400);
  EXPECT_FALSE(TakeDuration(Scalar("90s"), "x", out).has_value());
  EXPECT_EQ(out.seconds(), 90);
  for (const char* bad : {"10", "m", "", "-5m", "5m1h", "5m5m", "10 m", "1.5h", "9999999999s"}) {
    EXPECT_TRUE(TakeDuration(Scalar(bad), "x", out).has_value()) << bad;
  }
}

TEST(YamlValuesTest, WordsNameTheNearest) {
  const std::array<std::string_view, 2> known = {"latency", "energy"};
  std::string out;
  EXPECT_FALSE(TakeWord(Scalar("energy"), "metric", known, out).has_value());
  EXPECT_THAT(TakeWord(Scalar("latancy"), "metric", known, out)->message,
              HasSubstr("did you mean 'latency'?"));
  EXPECT_THAT(TakeWord(Scalar("zzz"), "metric", known, out)->message,
              HasSubstr("write one of: latency, energy"));
}

TEST(YamlValuesTest, PlainScalarsBecomeWhatTheyLookLike) {
  EXPECT_EQ(ToJson(Scalar("5")), 5);
  EXPECT_EQ(ToJson(Scalar("1e-5")), 1e-5);
  EXPECT_EQ(ToJson(Scalar("true")), true);
  EXPECT_EQ(ToJson(Scalar("yes")), "yes");
  EXPECT_EQ(ToJson(Scalar("5", true)), "5");
  EXPECT_EQ(ToJson(YamlNode()), nullptr);
}

}  // namespace
}  // namespace cusp::client
