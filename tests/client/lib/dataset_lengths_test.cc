#include "client/lib/dataset_lengths.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "catalog/lengths.h"

namespace cusp::client {
namespace {

const Dataset& Named(std::string_view name) {
  for (const Dataset& dataset : Datasets()) {
    if (dataset.name == name) {
      return dataset;
    }
  }
  ADD_FAILURE() << "no dataset " << name;
  return Datasets().front();
}

// In the dataset's unit.
double MeanOf(const Dataset& dataset) {
  double sum = 0;
  double count = 0;
  for (const analysis::LengthCount& entry : HistogramOf(dataset)) {
    sum += entry.length * entry.count;
    count += entry.count;
  }
  return catalog::InUnit(sum / count, dataset.unit);
}

class EveryDatasetTest : public ::testing::TestWithParam<Dataset> {};

TEST_P(EveryDatasetTest, HasItsPublishedStatisticsWithinAPerCent) {
  const Dataset& dataset = GetParam();
  const auto at = [&](double share) {
    return catalog::InUnit(LengthAt(dataset, share), dataset.unit);
  };
  if (dataset.fixed > 0) {
    EXPECT_EQ(at(0.01), dataset.fixed);
    EXPECT_EQ(at(0.99), dataset.fixed);
    return;
  }
  for (const auto& [share, length] : dataset.quantiles) {
    EXPECT_NEAR(at(share) / length, 1, 0.01) << share;
  }
  if (dataset.quantiles.empty()) {
    EXPECT_NEAR(at(dataset.high.share) / dataset.high.length, 1, 0.01);
  }
  if (dataset.median > 0) {
    EXPECT_NEAR(at(0.5) / dataset.median, 1, 0.01);
  }
  if (dataset.mean > 0) {
    // Quantiles rounded to a tenth of a second know the mean to two per cent.
    EXPECT_NEAR(MeanOf(dataset) / dataset.mean, 1, dataset.quantiles.empty() ? 0.01 : 0.02);
  }
}

TEST_P(EveryDatasetTest, ShareBeyondIsTheInverse) {
  const Dataset& dataset = GetParam();
  for (const double share : {0.002, 0.05, 0.5, 0.9, 0.997}) {
    const double length = LengthAt(dataset, share);
    if (dataset.fixed > 0) {
      EXPECT_EQ(ShareBeyond(dataset, length), 0);
      EXPECT_EQ(ShareBeyond(dataset, length - 1), 1);
    } else {
      EXPECT_NEAR(ShareBeyond(dataset, length), 1 - share, 1e-9);
    }
  }
  EXPECT_EQ(ShareBeyond(dataset, 0), 1);
}

TEST_P(EveryDatasetTest, HistogramIsWhatAFileWouldGive) {
  const auto histogram = HistogramOf(GetParam());
  double count = 0;
  double last = 0;
  for (const analysis::LengthCount& entry : histogram) {
    EXPECT_GT(entry.length, last);
    EXPECT_EQ(entry.length, std::floor(entry.length));
    last = entry.length;
    count += entry.count;
  }
  EXPECT_EQ(count, 512);
  EXPECT_LE(last, static_cast<double>(catalog::LongestLength(GetParam().unit)));
}

std::string TestName(const ::testing::TestParamInfo<Dataset>& tested) {
  std::string name(tested.param.name);
  std::erase(name, '-');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, EveryDatasetTest,
                         ::testing::ValuesIn(Datasets().begin(), Datasets().end()), TestName);

TEST(DatasetLengthsTest, SecondsBecomeSamples) {
  EXPECT_NEAR(LengthAt(Named("librispeech-test-clean"), 0.5), 5.8 * 16'000, 1e-6);
  EXPECT_NEAR(ShareBeyond(Named("librispeech-test-clean"), 17.8 * 16'000), 0.05, 1e-9);
}

TEST(DatasetLengthsTest, NothingIsBeyondTheLongest) {
  EXPECT_EQ(ShareBeyond(Named("librispeech-test-clean"), 36 * 16'000), 0);
  EXPECT_EQ(ShareBeyond(Named("librispeech-test-clean"), 1.0 * 16'000), 1);
}

TEST(DatasetLengthsTest, DerivationNamesTheStatistics) {
  EXPECT_EQ(DerivationOf(Named("imdb")), "log-normal through mean and 95th percentile");
  EXPECT_EQ(DerivationOf(Named("xsum")), "log-normal through median and 90th percentile");
  EXPECT_EQ(DerivationOf(Named("aishell-test")), "log-uniform between the published quantiles");
  EXPECT_EQ(DerivationOf(Named("imagenet-224")), "one length");
}

}  // namespace
}  // namespace cusp::client
