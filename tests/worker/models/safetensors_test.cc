#include "worker/models/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/file.h"
#include "common/random.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class SafetensorsTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }

 private:
  TempDir directory_;
};

TEST_F(SafetensorsTest, EveryTypeComesBack) {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const auto dtype : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt,
                           at::kShort, at::kChar, at::kByte, at::kBool}) {
    tensors.emplace_back(toString(dtype), RandomNormal({3, 5}, 1).mul(3).abs().to(dtype));
  }
  tensors.emplace_back("transposed", RandomNormal({3, 5}, 2).t());
  tensors.emplace_back("scalar", RandomNormal({}, 3));
  tensors.emplace_back("empty", RandomNormal({0, 4}, 3));
  ASSERT_THAT(WriteSafetensors(Path("a"), tensors), IsOk());
  const auto read = ReadSafetensors(Path("a"));
  ASSERT_THAT(read, IsOk());
  ASSERT_EQ(read->size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    EXPECT_EQ(read->at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(read->at(name).equal(tensor)) << name;
  }
}

TEST_F(SafetensorsTest, MissingFileAndFolderAreRefusedByName) {
  EXPECT_THAT(SafetensorsFile::Open(Path("none")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
  EXPECT_THAT(SafetensorsFile::Open(Path("")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("regular file")));
}

TEST_F(SafetensorsTest, EveryTruncationIsRefused) {
  ASSERT_THAT(WriteSafetensors(Path("a"), {{"x", RandomNormal({4}, 1)}}), IsOk());
  const std::string whole = *ReadFile(Path("a"), 1 << 20);
  for (size_t size = 0; size < whole.size(); ++size) {
    ASSERT_THAT(WriteFileAtomically(Path("b"), whole.substr(0, size)), IsOk());
    EXPECT_THAT(SafetensorsFile::Open(Path("b")),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(Path("b"))))
        << size;
  }
}

TEST_F(SafetensorsTest, FileCutWhileOpenIsDataLoss) {
  ASSERT_THAT(WriteSafetensors(Path("a"), {{"x", RandomNormal({400}, 1)}}), IsOk());
  const auto file = SafetensorsFile::Open(Path("a"));
  ASSERT_THAT(file, IsOk());
  ASSERT_EQ(truncate(Path("a").c_str(), 300), 0);
  EXPECT_THAT(file->Read("x"), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("'x'")));
  EXPECT_THAT(file->Read("y"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SafetensorsTest, OddBoolsBecomeTrue) {
  const std::string json = R"({"x":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}})";
  std::string file(8, '\0');
  file[0] = static_cast<char>(json.size());
  ASSERT_THAT(WriteFileAtomically(Path("a"), file + json + std::string("\x00\x01\xff", 3)), IsOk());
  const auto read = ReadSafetensors(Path("a"));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->at("x").sum().item<int64_t>(), 2);
}

// Flips, cuts, repeats and inserts bytes of a good file: whatever comes out is
// read completely or refused, and never read beyond its end.
TEST_F(SafetensorsTest, MutatedFilesAreReadOrRefused) {
  ASSERT_THAT(WriteSafetensors(Path("a"), {{"first", RandomNormal({2, 3}, 1)},
                                           {"second", RandomNormal({4}, 2).to(at::kHalf)},
                                           {"third", RandomNormal({}, 3).to(at::kLong)}}),
              IsOk());
  const std::string whole = *ReadFile(Path("a"), 1 << 20);
  Random random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string mutated = whole;
    for (size_t i = random.Below(4) + 1; i > 0; --i) {
      const size_t place = random.Below(mutated.size());
      switch (random.Below(4)) {
        case 0:
          mutated[place] = static_cast<char>(random.Below(256));
          break;
        case 1:
          mutated[place] = "0123456789[]{},:\"-"[random.Below(18)];
          break;
        case 2:
          mutated.erase(place, random.Below(9) + 1);
          break;
        default:
          mutated.insert(place, mutated.substr(random.Below(mutated.size()), random.Below(20)));
      }
      if (mutated.empty()) {
        break;
      }
    }
    ASSERT_THAT(WriteFileAtomically(Path("b"), mutated), IsOk());
    const auto read = ReadSafetensors(Path("b"));
    EXPECT_TRUE(read.ok() || read.status().code() == absl::StatusCode::kInvalidArgument)
        << read.status();
  }
}

}  // namespace
}  // namespace cusp::models
