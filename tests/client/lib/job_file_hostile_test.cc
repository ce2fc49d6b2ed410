// Files made to hurt: each must be answered, without a crash and without time
// that grows faster than the file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "catalog/job_check.h"
#include "client/lib/job_file.h"
#include "common/random.h"

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

// Deterministic: the same damages on every run.
TEST(JobFileHostileTest, DamagedFilesNeverCrash) {
  const std::string good =
      "name: text-encoders\npreset: small\nbaselines:\n  - bert\n"
      "  - {name: bert-sdpa, model: bert, attention: sdpa}\ncandidates:\n"
      "  - {model: longformer, config: {attention_window: [128, 128, 64, 64]}}\n"
      "  - {name: n, model: nystromformer, config: {num_landmarks: 32}, axes: {prune: 0}}\n"
      "modes: [inference, training]\nmetrics: [latency, peak_memory]\ndtypes: [float32]\n"
      "lengths: {min: 64, max: 4096, unit: tokens, quantum: 64}\nbatch_size: [1, 2]\n"
      "device: auto\nthreads: 1\nprecision: 0.05\nbudget: 1h30m\nseed: 1\n";
  ASSERT_TRUE(ParseJobFile(good, "job.yaml", "").ok());
  constexpr std::array<const char*, 24> pieces = {
      "[",  "]",  "{", "}",   "\n", "  ",  "\t", "\"", "'",    "&a", "*a",  "!!x",
      "- ", ": ", ",", "|\n", "#",  "999", "-",  "~",  "\xff", "?",  "---", "0.5"};
  Random random(20260101);
  int accepted = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::string text = good;
    for (size_t edits = 1 + random.Below(3); edits > 0; --edits) {
      const size_t at = random.Below(text.size());
      switch (random.Below(4)) {
        case 0:
          text[at] = static_cast<char>(random.Below(256));
          break;
        case 1:
          text.erase(at, random.Below(20));
          break;
        case 2:
          text.insert(at, pieces[random.Below(pieces.size())]);
          break;
        default:
          text.insert(at, text.substr(random.Below(text.size()), random.Below(40)));
      }
    }
    const auto spec = ParseJobFile(text, "job.yaml", "");
    if (spec.ok()) {
      ++accepted;
      EXPECT_TRUE(catalog::CheckJob(*spec).empty());
    } else {
      EXPECT_TRUE(std::string(spec.status().message()).starts_with("job.yaml:"));
    }
  }
  // Many damages change only a value or a comment.
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace cusp::client
