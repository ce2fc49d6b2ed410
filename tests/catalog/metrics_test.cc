#include "catalog/metrics.h"

#include <gtest/gtest.h>

#include "catalog/cost.h"
#include "catalog/job_check.h"

namespace cusp::catalog {
namespace {

TEST(MetricsTest, EveryValueHasATextThatLeadsBack) {
  const auto* values = v1::Metric_descriptor();
  int known = 0;
  for (int i = 0; i < values->value_count(); ++i) {
    const auto metric = static_cast<v1::Metric>(values->value(i)->number());
    if (metric != v1::METRIC_UNSPECIFIED) {
      EXPECT_EQ(MetricFromText(ToText(metric)), metric) << values->value(i)->name();
      ++known;
    }
  }
  EXPECT_EQ(static_cast<size_t>(known), MetricTexts().size());
}

TEST(MetricsTest, EveryComponentOfTheCatalogHasAMetric) {
  for (size_t i = 0; i < kComponents; ++i) {
    const auto metric = MetricOfPart(ToText(static_cast<Component>(i)));
    ASSERT_TRUE(metric.has_value()) << ToText(static_cast<Component>(i));
    EXPECT_TRUE(IsPart(*metric));
  }
  EXPECT_TRUE(MetricOfPart("backward").has_value());
  EXPECT_FALSE(MetricOfPart("coffee").has_value());
  EXPECT_FALSE(IsPart(v1::METRIC_COMPONENTS));
}

TEST(MetricsTest, WhatIsCountedIsExact) {
  EXPECT_TRUE(IsExact(v1::METRIC_FLOPS));
  EXPECT_TRUE(IsExact(v1::METRIC_RESERVED_MEMORY));
  EXPECT_FALSE(IsExact(v1::METRIC_LATENCY_P90));
  EXPECT_TRUE(HigherIsBetter(v1::METRIC_LARGEST_BATCH));
  EXPECT_FALSE(HigherIsBetter(v1::METRIC_ENERGY));
  EXPECT_TRUE(ChoosesBatch(v1::METRIC_THROUGHPUT));
  EXPECT_FALSE(ChoosesBatch(v1::METRIC_LATENCY));
}

TEST(MetricsTest, OnlyTheKernelsHighWaterMarkHasAResolution) {
  EXPECT_GT(ResolutionOf(v1::METRIC_PEAK_MEMORY, "cpu"), 0);
  EXPECT_EQ(ResolutionOf(v1::METRIC_PEAK_MEMORY, "cuda:0"), 0);
  EXPECT_GT(ResolutionOf(v1::METRIC_HOST_MEMORY, "cuda:0"), 0);
  EXPECT_EQ(ResolutionOf(v1::METRIC_FLOPS, "cpu"), 0);
}

}  // namespace
}  // namespace cusp::catalog
