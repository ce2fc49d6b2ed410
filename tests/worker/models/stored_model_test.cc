#include "worker/models/stored_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(StoredModelTest, LengthsOutsideTheCatalogsAreRefusedWithTheReason) {
  nlohmann::json config = TinyConfig("nystromformer");
  config.erase("segment_means_seq_len");
  const auto model = MustBuild(config, {.profiling = true});
  EXPECT_THAT(model->RandomInputs(65, 1, 1),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("from 5 to 64"), HasSubstr("max_position_embeddings"))));
  EXPECT_THAT(model->RandomInputs(3, 1, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("plain softmax")));
}

}  // namespace
}  // namespace cusp::models
