// What CI runs of the fuzz targets: every seed, each of its beginnings, and
// damaged ones, the same on each run. A crash that libFuzzer finds becomes a
// seed in tests/data/fuzz/.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "common/file.h"
#include "common/random.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/status_matchers.h"

namespace cusp::fuzz {
namespace {

constexpr int kRounds = 4'000;

// What parsers of YAML, JSON and CSV branch on, and numbers at their limits.
constexpr std::array<std::string_view, 36> kPieces = {
    "[",   "]",    "{",  "}",   "\n",  "\r\n",  "  ",   "\t",  "\"",
    "'",   "\"\"", "&a", "*a",  "!!x", "- ",    ": ",   ":",   ",",
    "|\n", "#",    "0",  "-1",  "999", "1e999", "-",    "~",   "\\u",
    "\\x", "\xff", "?",  "---", "0.5", "null",  "true", "nan", "18446744073709551615"};

void Try(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

std::vector<std::string> Seeds() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(CUSP_FUZZ_SEEDS)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds;
  for (const auto& path : paths) {
    const auto content = ReadFile(path.string(), 1 << 20);
    EXPECT_THAT(content, IsOk()) << path;
    seeds.push_back(content.value_or(""));
  }
  return seeds;
}

void Damage(std::string& text, Random& random) {
  const size_t at = random.Below(text.size() + 1);
  switch (random.Below(4)) {
    case 0:
      text.insert(at, kPieces[random.Below(kPieces.size())]);
      break;
    case 1:
      text.erase(at, random.Below(20));
      break;
    case 2:
      text.insert(at, text.substr(random.Below(text.size() + 1), random.Below(40)));
      break;
    default:
      text.replace(at, 1, 1, static_cast<char>(random.Below(256)));
  }
}

TEST(MutationTest, EverySeedAndEachBeginningIsAnswered) {
  const std::vector<std::string> seeds = Seeds();
  ASSERT_THAT(seeds, ::testing::Not(::testing::IsEmpty()));
  for (const std::string& seed : seeds) {
    for (size_t size = 0; size <= seed.size(); ++size) {
      Try(seed.substr(0, size));
    }
  }
}

TEST(MutationTest, DamagedSeedsAreAnswered) {
  const std::vector<std::string> seeds = Seeds();
  Random random(20260101);
  for (int round = 0; round < kRounds; ++round) {
    std::string text = seeds[random.Below(seeds.size())];
    for (size_t edits = 1 + random.Below(4); edits > 0; --edits) {
      Damage(text, random);
    }
    Try(text);
  }
}

}  // namespace
}  // namespace cusp::fuzz
