#include "common/strict_json.h"

#include <gtest/gtest.h>

#include <string>

namespace cusp {
namespace {

TEST(StrictJsonTest, GoodTextIsParsed) {
  const StrictJson json = ParseStrictJson(R"({"a": [1, {"b": 2}], "c": {"b": 3}})", 3);
  EXPECT_EQ(json.fault, JsonFault::kNone);
  EXPECT_EQ(json.value["a"][1]["b"], 2);
}

TEST(StrictJsonTest, FaultsAreTold) {
  EXPECT_EQ(ParseStrictJson("", 3).fault, JsonFault::kSyntax);
  EXPECT_EQ(ParseStrictJson("{", 3).fault, JsonFault::kSyntax);
  EXPECT_EQ(ParseStrictJson("{} {}", 3).fault, JsonFault::kSyntax);
  EXPECT_EQ(ParseStrictJson(R"({"a": [1]})", 1).fault, JsonFault::kTooDeep);
  EXPECT_EQ(ParseStrictJson("{\"a\":" + std::string(60'000, '['), 3).fault, JsonFault::kTooDeep);
  const StrictJson twice = ParseStrictJson(R"({"a": {"b": 1, "c": 2, "b": 3}})", 3);
  EXPECT_EQ(twice.fault, JsonFault::kDuplicateKey);
  EXPECT_EQ(twice.duplicate, "b");
  EXPECT_TRUE(twice.value.is_null());
}

TEST(StrictJsonTest, OneKeyInTwoObjectsIsNoDuplicate) {
  EXPECT_EQ(ParseStrictJson(R"([{"a": {"a": 1}}, {"a": 1}])", 3).fault, JsonFault::kNone);
}

}  // namespace
}  // namespace cusp
