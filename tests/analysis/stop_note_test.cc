#include "analysis/stop_note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cusp::analysis {
namespace {

using ::testing::HasSubstr;

ComparisonResult Crossed(double low, double high) {
  ComparisonResult result;
  result.range_min = 64;
  result.range_max = 2048;
  result.verdict = Verdict::kCrosses;
  result.crossings = {{(low + high) / 2, low, high, Direction::kCheaper}};
  result.brackets = {{static_cast<int64_t>(low), static_cast<int64_t>(high)}};
  return result;
}

TEST(StopNoteTest, SaysWhatIsLacking) {
  EXPECT_EQ(StopNote(Crossed(400, 600), {{480, 5}, {528, 1}}, {}, {}),
            "lacks about 6 blocks at 480, 528");
}

TEST(StopNoteTest, LengthsAreToldInTheirUnit) {
  RefineOptions options;
  options.per_unit = 16'000;
  EXPECT_EQ(StopNote(Crossed(8000, 9000), {{8000, 5}, {32'320, 1}}, {}, options),
            "lacks about 6 blocks at 0.5, 2.02");
}

TEST(StopNoteTest, NamesTheLimit) {
  EXPECT_THAT(StopNote(Crossed(400, 600), {}, {64, 128}, {}),
              HasSubstr("near 64, 128 stays unsure at the limit of 100 blocks"));
}

TEST(StopNoteTest, GivesTheWidthReached) {
  EXPECT_EQ(StopNote(Crossed(490, 510), {}, {}, {}), "within ±2.0 %, wanted ±5.0 %");
}

TEST(StopNoteTest, NeighboursAreNamedOnlyWhereTheyAreNeighbours) {
  RefineOptions options;
  options.step = 128;
  ComparisonResult result = Crossed(448, 576);
  EXPECT_EQ(StopNote(result, {}, {}, options), "bracketed by neighbouring lengths, 128 apart");
  result.brackets = {{384, 576}};
  EXPECT_EQ(StopNote(result, {}, {}, options),
            "within ±12.5 %, wanted ±5.0 %: the order may change again at steps between sure "
            "lengths");
}

TEST(StopNoteTest, ExactCostsTakeAFewWords) {
  RefineOptions options;
  options.compare.exact = true;
  options.step = 64;
  EXPECT_EQ(StopNote(Crossed(448, 512), {}, {}, options), "exact at multiples of 64");
}

TEST(StopNoteTest, ResolutionOfExactCostsIsTold) {
  RefineOptions options;
  options.compare.exact = true;
  options.compare.resolution = 512 << 10U;
  options.step = 64;
  ComparisonResult result = Crossed(448, 576);
  result.brackets = {{448, 576}};
  EXPECT_EQ(StopNote(result, {}, {}, options),
            "exact at multiples of 64, differences below 512 KiB not counted");
  result.equal_lengths = {512};
  EXPECT_EQ(StopNote(result, {}, {}, options), "to ±5.0 %, differences below 512 KiB not counted");
}

TEST(StopNoteTest, UnclearLengthsThatWidenedAnIntervalAreNamed) {
  ComparisonResult result = Crossed(320, 512);
  result.brackets = {{320, 384}};
  result.undecided_lengths = {448, 640};
  EXPECT_EQ(StopNote(result, {}, {}, {}), "the order at 448 stays unclear");
}

TEST(StopNoteTest, AdmitsThatNothingWasMeasured) {
  EXPECT_EQ(StopNote({}, {}, {}, {}), "no length was measured for both");
}

}  // namespace
}  // namespace cusp::analysis
