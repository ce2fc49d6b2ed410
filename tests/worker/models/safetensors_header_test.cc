#include "worker/models/safetensors_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<SafetensorsHeader> Parse(const std::string& json, uint64_t data_bytes) {
  return ParseSafetensorsHeader(json, 8 + json.size() + data_bytes);
}

struct BadHeader {
  const char* label;
  const char* json;
  uint64_t data_bytes;
  const char* message;
};

class BadHeaderTest : public ::testing::TestWithParam<BadHeader> {};

TEST_P(BadHeaderTest, IsRefusedNamingTheTensor) {
  EXPECT_THAT(Parse(GetParam().json, GetParam().data_bytes),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadHeaderTest,
    ::testing::Values(
        BadHeader{"NotJson", "{", 0, "not JSON"}, BadHeader{"NotObject", "[1]", 0, "object"},
        BadHeader{"EntryNotObject", R"({"t":3})", 0, "'t'"},
        BadHeader{"NoDtype", R"({"t":{"shape":[],"data_offsets":[0,4]}})", 4, "no dtype"},
        BadHeader{"NoShape", R"({"t":{"dtype":"F32","data_offsets":[0,4]}})", 4, "no shape"},
        BadHeader{"NoOffsets", R"({"t":{"dtype":"F32","shape":[]}})", 4, "no data_offsets"},
        BadHeader{"Surplus", R"({"t":{"dtype":"F32","shape":[],"data_offsets":[0,4],"x":1}})", 4,
                  "keys besides"},
        BadHeader{"UnknownType", R"({"t":{"dtype":"F31","shape":[],"data_offsets":[0,4]}})", 4,
                  "dtype"},
        BadHeader{"TypeNumber", R"({"t":{"dtype":32,"shape":[],"data_offsets":[0,4]}})", 4,
                  "dtype"},
        BadHeader{"ShapeText", R"({"t":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}})", 4,
                  "shape"},
        BadHeader{"ShapeNegative", R"({"t":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4,
                  "shape"},
        BadHeader{"ShapeFraction", R"({"t":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})", 4,
                  "shape"},
        BadHeader{"ShapeOverflows",
                  R"({"t":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})",
                  0, "dtype and shape"},
        BadHeader{"ShapeOverflowsToZero",
                  R"({"t":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}})", 0,
                  "dtype and shape"},
        BadHeader{"OffsetsReversed", R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4,
                  "data_offsets"},
        BadHeader{"OffsetsThree", R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}})", 4,
                  "data_offsets"},
        BadHeader{"OffsetNegative", R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}})", 4,
                  "data_offsets"},
        BadHeader{"OffsetHuge",
                  R"({"t":{"dtype":"U8","shape":[1],
                      "data_offsets":[18446744073709551615,18446744073709551616]}})",
                  4, "data_offsets"},
        BadHeader{"SizeLies", R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4,
                  "dtype and shape"},
        BadHeader{"Truncated", R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7,
                  "truncated"},
        BadHeader{"Trailing", R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 5,
                  "follow the last"},
        BadHeader{"Overlap",
                  R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
                      "b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
                  12, "overlaps"},
        BadHeader{"Gap",
                  R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
                      "b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})",
                  12, "gap"},
        BadHeader{"Twice",
                  R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
                      "a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                  4, "occurs twice"}),
    [](const auto& test) { return test.param.label; });

TEST(SafetensorsHeaderTest, GoodHeaderGivesPlacesInTheFile) {
  const std::string json =
      R"({"__metadata__":{"format":"pt"},"b":{"dtype":"I64","shape":[2],"data_offsets":[2,18]},)"
      R"("a":{"dtype":"BF16","shape":[],"data_offsets":[0,2]},)"
      R"("empty":{"dtype":"F32","shape":[0,3],"data_offsets":[18,18]}}   )";
  const auto header = Parse(json, 18);
  ASSERT_THAT(header, IsOk());
  EXPECT_EQ(header->tensors.size(), 3U);
  EXPECT_EQ(header->tensors.at("b").begin, 8 + json.size() + 2);
  EXPECT_EQ(header->tensors.at("b").size, 16U);
}

TEST(SafetensorsHeaderTest, LyingLengthIsRefused) {
  const std::string huge("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
  EXPECT_THAT(ParseSafetensorsLength(huge, 100), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseSafetensorsLength(std::string("\x5d\0\0\0\0\0\0\0", 8), 100),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseSafetensorsLength(std::string("\x5c\0\0\0\0\0\0\0", 8), 100), IsOkAndHolds(92U));
  EXPECT_THAT(ParseSafetensorsLength("\x01", 1), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseSafetensorsLength(std::string("\0\0\0\x40\0\0\0\0", 8), 1ULL << 40),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SafetensorsHeaderTest, FormattedHeaderParsesBack) {
  const std::string text = FormatSafetensorsHeader(
      {{"x", SafetensorsType::kF16, {3, 2}}, {"y\"\n", SafetensorsType::kBool, {}}});
  EXPECT_EQ(text.size() % 8, 0U);
  const auto length = ParseSafetensorsLength(text, text.size() + 13);
  ASSERT_THAT(length, IsOkAndHolds(text.size() - 8));
  const auto header = ParseSafetensorsHeader(text.substr(8), text.size() + 13);
  ASSERT_THAT(header, IsOk());
  EXPECT_EQ(header->tensors.at("x").size, 12U);
  EXPECT_EQ(header->tensors.at("y\"\n").size, 1U);
}

}  // namespace
}  // namespace cusp::models
