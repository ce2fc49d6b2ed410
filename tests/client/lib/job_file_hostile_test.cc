// Files made to hurt: each must be answered, without a crash and without time
// that grows faster than the file. Damaged files: tests/fuzz/job_file_fuzz.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "catalog/job_check.h"
#include "client/lib/job_file.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

std::string Repeated(const std::string& piece) {
  std::string text;
  while (text.size() + piece.size() <= catalog::kMaxSpecBytes) {
    text += piece;
  }
  return text;
}

class RepeatedPieceTest : public ::testing::TestWithParam<const char*> {};

TEST_P(RepeatedPieceTest, IsRefusedInOneLine) {
  for (const char* lead : {"", "name: [", "baselines:\n- "}) {
    const auto spec = ParseJobFile(lead + Repeated(GetParam()), "job.yaml", "");
    ASSERT_EQ(spec.status().code(), absl::StatusCode::kInvalidArgument) << lead;
    EXPECT_LT(spec.status().message().size(), 400U);
    EXPECT_EQ(std::string(spec.status().message()).find('\n'), std::string::npos);
  }
}

// What YAML parsers recurse on, look ahead for, or keep in lists.
INSTANTIATE_TEST_SUITE_P(Hostile, RepeatedPieceTest,
                         ::testing::Values("[", "{", "- ", "? ", "a: ", "[a: ", "{a: {", "{? ",
                                           "&a ", "&a [", "*a ", "!", "! ", "%YAML 1.2\n", "---\n",
                                           "...\n", "\\", "\\x41", "'", "\"x\" ", "x ", "x\n", "\n",
                                           "\r", "#", ": ", ", ", "1,", "[],", "|\n", ">\n ", "-\n",
                                           "]", "}", "@", "k:\n", "[\"\",", "<<: ", "\xc3\xa9"));

// Each level refers nine times to the one before: 9^9 values if expanded.
TEST(JobFileHostileTest, AnchorsBombIsRefusedAtItsFirstAnchor) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 9; ++j) {
      text += before + (j < 8 ? ", " : "]\n");
    }
  }
  const auto spec = ParseJobFile(text, "job.yaml", "");
  EXPECT_THAT(std::string(spec.status().message()), HasSubstr("job.yaml:1:5: anchors"));
}

TEST(JobFileHostileTest, ManyVariantsAreRefused) {
  std::string text = "baselines: [bert]\nlengths: {min: 1, max: 2}\ncandidates:\n";
  for (int i = 0; i < 1000; ++i) {
    text += "- bert\n";
  }
  const auto spec = ParseJobFile(text, "job.yaml", "");
  EXPECT_THAT(std::string(spec.status().message()), HasSubstr("at most 64"));
}

}  // namespace
}  // namespace cusp::client
