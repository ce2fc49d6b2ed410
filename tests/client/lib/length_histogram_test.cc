#include "client/lib/length_histogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp::client {
namespace {

using analysis::LengthCount;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kTokens = v1::LENGTH_UNIT_TOKENS;

auto Parse(std::string_view text, v1::LengthUnit unit = kTokens) {
  return ParseLengthHistogram(text, "h.csv", unit);
}

TEST(LengthHistogramTest, OneLengthPerLineIsCounted) {
  EXPECT_THAT(Parse("12\n7\n12\n\n"),
              IsOkAndHolds(ElementsAre(LengthCount{7, 1}, LengthCount{12, 2})));
}

TEST(LengthHistogramTest, CountsMayStandBesideAndBelowAHeader) {
  EXPECT_THAT(Parse("Length,Count\r\n128,3\r\n64,0.5\r\n32,0\r\n"),
              IsOkAndHolds(ElementsAre(LengthCount{64, 0.5}, LengthCount{128, 3})));
}

TEST(LengthHistogramTest, SecondsBecomeSamples) {
  EXPECT_THAT(Parse("1.5\n", v1::LENGTH_UNIT_SECONDS),
              IsOkAndHolds(ElementsAre(LengthCount{24'000, 1})));
}

struct Fault {
  const char* text;
  const char* message;
};

class LengthHistogramFaultTest : public ::testing::TestWithParam<Fault> {};

TEST_P(LengthHistogramFaultTest, NamesTheLine) {
  EXPECT_THAT(Parse(GetParam().text),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    All, LengthHistogramFaultTest,
    ::testing::Values(Fault{"", "no length with a count above zero"},
                      Fault{"length,count\n", "no length with a count above zero"},
                      Fault{"64,0\n", "no length with a count above zero"},
                      Fault{"64\nabc\n",
                            "h.csv:2: the length `abc` is not a number; write one length per line"},
                      Fault{"64\nlength\n", "h.csv:2: the length `length` is not a number"},
                      Fault{"0\n", "h.csv:1: the length `0` is not above 0"},
                      Fault{"-3\n", "h.csv:1: the length `-3` is not above 0"},
                      Fault{"1e99\n", "at most 4000000"}, Fault{"nan\n", "h.csv:1"},
                      Fault{"64.5\n", "not a whole number"},
                      Fault{"64,x\n", "h.csv:1: the count `x` is not a number from 0 to 1e15"},
                      Fault{"64,-1\n", "the count `-1`"}, Fault{"64,inf\n", "the count"},
                      Fault{"64,1e16\n", "the count"},
                      Fault{"64,1,2\n", "h.csv:1: the line has 3 fields"},
                      Fault{"\"64\n", "h.csv:1"}));

}  // namespace
}  // namespace cusp::client
