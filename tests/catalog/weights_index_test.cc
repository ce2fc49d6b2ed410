#include "catalog/weights_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/file.h"
#include "common/sha256.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::catalog {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr const char* kTwoFiles =
    R"({"metadata": {"total_size": 8}, "weight_map": {"x": "b.st", "y": "a.st", "z": "b.st"}})";

struct BadIndex {
  const char* label;
  const char* json;
  const char* message;
};

class BadIndexTest : public ::testing::TestWithParam<BadIndex> {};

TEST_P(BadIndexTest, IsRefusedNamingTheTensor) {
  EXPECT_THAT(ParseWeightsIndex(GetParam().json),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadIndexTest,
    ::testing::Values(
        BadIndex{"NotJson", "{", "not JSON"}, BadIndex{"NotObject", "[1]", "weight_map"},
        BadIndex{"NoMap", R"({"metadata": {}})", "weight_map"},
        BadIndex{"MapOfAnotherType", R"({"weight_map": ["a"]})", "weight_map"},
        BadIndex{"EmptyMap", R"({"weight_map": {}})", "weight_map"},
        BadIndex{"Twice", R"({"weight_map": {"x": "a", "y": "a", "x": "b"}})",
                 "tensor 'x': occurs twice"},
        BadIndex{"Number", R"({"weight_map": {"x": 1}})", "tensor 'x': its file '1'"},
        BadIndex{"Empty", R"({"weight_map": {"x": ""}})", "tensor 'x'"},
        BadIndex{"Parent", R"({"weight_map": {"x": ".."}})", "tensor 'x': its file '..'"},
        BadIndex{"Outside", R"({"weight_map": {"x": "../a"}})", "tensor 'x': its file '../a'"},
        BadIndex{"Absolute", R"({"weight_map": {"x": "/a"}})", "tensor 'x': its file '/a'"},
        BadIndex{"Null", R"({"weight_map": {"x": "a\u0000"}})", "tensor 'x'"},
        BadIndex{"Deep", R"({"weight_map": [[[[[[[[[[1]]]]]]]]]]})", "deeper"}),
    [](const auto& test) { return test.param.label; });

TEST(WeightsIndexTest, TensorsAreGroupedByFile) {
  EXPECT_THAT(ParseWeightsIndex(kTwoFiles),
              IsOkAndHolds(ElementsAre(Pair("a.st", ElementsAre("y")),
                                       Pair("b.st", ElementsAre("x", "z")))));
}

TEST(WeightsIndexTest, FaultsOfAFileNameIt) {
  const TempDir folder;
  const std::string path = folder.path() + "/w.index.json";
  EXPECT_THAT(ReadWeightsIndex(path), StatusIs(absl::StatusCode::kNotFound, HasSubstr(path)));
  ASSERT_THAT(WriteFileAtomically(path, R"({"weight_map": {"x": "../a"}})"), IsOk());
  EXPECT_THAT(ReadWeightsIndex(path), StatusIs(absl::StatusCode::kInvalidArgument,
                                               AllOf(HasSubstr(path), HasSubstr("'../a'"))));
}

TEST(WeightsIndexTest, DigestOfAnIndexCoversItsFiles) {
  const TempDir folder;
  const std::string path = folder.path() + "/w.index.json";
  ASSERT_THAT(WriteFileAtomically(path, kTwoFiles), IsOk());
  ASSERT_THAT(WriteFileAtomically(folder.path() + "/a.st", "first"), IsOk());
  EXPECT_THAT(Sha256HexOfWeights(path), StatusIs(absl::StatusCode::kNotFound, HasSubstr("b.st")));
  ASSERT_THAT(WriteFileAtomically(folder.path() + "/b.st", "second"), IsOk());
  EXPECT_THAT(
      Sha256HexOfWeights(path),
      IsOkAndHolds(Sha256Hex(Sha256Hex(kTwoFiles) + Sha256Hex("first") + Sha256Hex("second"))));
  EXPECT_THAT(Sha256HexOfWeights(folder.path() + "/a.st"), IsOkAndHolds(Sha256Hex("first")));
}

}  // namespace
}  // namespace cusp::catalog
