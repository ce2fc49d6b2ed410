#include <gtest/gtest.h>

#include "catalog/job_check.h"

namespace cusp::catalog {
namespace {

TEST(JobTextTest, EveryTextComesBack) {
  for (const auto text : ModeTexts()) {
    EXPECT_EQ(ToText(ModeFromText(std::string(text))), text);
  }
  for (const auto text : MetricTexts()) {
    EXPECT_EQ(ToText(MetricFromText(std::string(text))), text);
  }
  for (const auto text : DTypeTexts()) {
    EXPECT_EQ(ToText(DTypeFromText(std::string(text))), text);
  }
  for (const auto text : AttentionTexts()) {
    EXPECT_EQ(ToText(AttentionFromText(std::string(text))), text);
  }
  for (const auto text : LengthUnitTexts()) {
    EXPECT_EQ(ToText(LengthUnitFromText(std::string(text))), text);
  }
}

TEST(JobTextTest, UnknownTextsAndNumbersAreUnspecified) {
  EXPECT_EQ(ModeFromText("Inference"), v1::MODE_UNSPECIFIED);
  EXPECT_EQ(MetricFromText(""), v1::METRIC_UNSPECIFIED);
  EXPECT_EQ(ToText(v1::MODE_UNSPECIFIED), "");
  EXPECT_EQ(ToText(static_cast<v1::DType>(99)), "");
}

}  // namespace
}  // namespace cusp::catalog
