#include "worker/models/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class CheckpointTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(WriteSafetensors(Path("a.safetensors"), {{"x", x_}, {"y", y_}}), IsOk());
    ASSERT_THAT(WriteSafetensors(Path("b.safetensors"), {{"z", z_}}), IsOk());
  }

  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }

  absl::StatusOr<Checkpoint> OpenIndex(const std::string& weight_map) const {
    const std::string path = Path("w.index.json");
    EXPECT_THAT(WriteFileAtomically(path, "{\"weight_map\":" + weight_map + "}"), IsOk());
    return Checkpoint::Open(path);
  }

  TempDir folder_;
  at::Tensor x_ = RandomNormal({3}, 1);
  at::Tensor y_ = RandomNormal({2, 2}, 2);
  at::Tensor z_ = RandomNormal({5}, 3).to(at::kBFloat16);
};

TEST_F(CheckpointTest, OneFileIsReadAlone) {
  const auto checkpoint = Checkpoint::Open(Path("a.safetensors"));
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_EQ(checkpoint->entries().size(), 2U);
  EXPECT_TRUE(checkpoint->FileOf("y").Read("y")->equal(y_));
}

TEST_F(CheckpointTest, IndexGivesTheTensorsOfAllItsFiles) {
  const auto checkpoint =
      OpenIndex(R"({"z": "b.safetensors", "x": "a.safetensors", "y": "a.safetensors"})");
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_EQ(checkpoint->entries().size(), 3U);
  EXPECT_TRUE(checkpoint->FileOf("x").Read("x")->equal(x_));
  EXPECT_TRUE(checkpoint->FileOf("z").Read("z")->equal(z_));
  EXPECT_EQ(checkpoint->FileOf("z").path(), Path("b.safetensors"));
}

TEST_F(CheckpointTest, MissingFileIsNamedWithATensor) {
  EXPECT_THAT(
      OpenIndex(R"({"z": "c.safetensors"})"),
      StatusIs(absl::StatusCode::kNotFound, AllOf(HasSubstr("w.index.json"), HasSubstr("'z'"),
                                                  HasSubstr(Path("c.safetensors")))));
}

TEST_F(CheckpointTest, TensorThatItsFileLacksIsNamed) {
  EXPECT_THAT(OpenIndex(R"({"z": "b.safetensors", "w": "b.safetensors"})"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("w.index.json"), HasSubstr("'w'"),
                             HasSubstr("'b.safetensors', which does not hold it"))));
}

TEST_F(CheckpointTest, TensorInTwoFilesIsNamedWithBoth) {
  ASSERT_THAT(WriteSafetensors(Path("b.safetensors"), {{"z", z_}, {"x", x_}}), IsOk());
  EXPECT_THAT(OpenIndex(R"({"x": "a.safetensors", "y": "a.safetensors", "z": "b.safetensors"})"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("'x'"), HasSubstr("lies in 'b.safetensors'"),
                             HasSubstr("names 'a.safetensors'"))));
}

TEST_F(CheckpointTest, TensorThatTheIndexForgetsIsNamed) {
  EXPECT_THAT(OpenIndex(R"({"x": "a.safetensors", "z": "b.safetensors"})"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("'y'"), HasSubstr("does not name it"))));
}

TEST_F(CheckpointTest, PathsOutOfTheFolderAreNotFollowed) {
  EXPECT_THAT(OpenIndex(R"({"z": ")" + Path("b.safetensors") + R"("})"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("beside the index")));
}

}  // namespace
}  // namespace cusp::models
