#include "client/cli/dataset_share_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(DatasetShareTextTest, SharesStandInARowForEachTippingPoint) {
  const std::string text = RenderDatasetShares(ExampleJob(), ExampleResult());
  // Of imdb, sigma is 0.6465 and the median 243.4, so 1,180 lies 2.442 deviations above it.
  EXPECT_THAT(text, AllOf(HasSubstr("inference, float32: per cent of the inputs"),
                          HasSubstr("longformer  bert      latency  1,180 (1,110–1,240)   0.7 "),
                          HasSubstr("  of one length each: glue-128 128, squad-384 384,"),
                          Not(HasSubstr("peak memory")), Not(HasSubstr("librispeech"))));
}

TEST(DatasetShareTextTest, BatchSizesGetAColumn) {
  v1::JobResult result = ExampleResult();
  v1::Comparison more = CrossingComparison();
  more.set_batch_size(8);
  *result.add_comparisons() = more;
  EXPECT_THAT(RenderDatasetShares(ExampleJob(), result), HasSubstr("batch"));
}

TEST(DatasetShareTextTest, SpeechHasItsOwnDatasets) {
  v1::JobResult result;
  *result.add_comparisons() = SpeechComparison();
  EXPECT_THAT(RenderDatasetShares(SpeechJob(), result),
              AllOf(HasSubstr("3.26 (2.91–3.62)"), HasSubstr("librispeech-test-clean"),
                    Not(HasSubstr("imdb")), Not(HasSubstr("of one length each"))));
}

TEST(DatasetShareTextTest, WithoutATippingPointNothingIsHinted) {
  v1::JobResult result = ExampleResult();
  EXPECT_THAT(DatasetHint(ExampleJob(), result), HasSubstr("`cusp results k3f9x2a1bc --datasets`"));
  result.mutable_comparisons()->DeleteSubrange(0, 1);
  EXPECT_EQ(DatasetHint(ExampleJob(), result), "");
  EXPECT_THAT(RenderDatasetShares(ExampleJob(), result), HasSubstr("no candidate turns cheaper"));
}

}  // namespace
}  // namespace cusp::client
