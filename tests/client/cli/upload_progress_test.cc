#include "client/cli/upload_progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "tests/support/fake_clock.h"

namespace cusp::client {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using Style = ProgressLine::Style;

TEST(RenderUploadTest, NamesTheFileAndRoundsUp) {
  EXPECT_EQ(RenderUpload("/a/b/model.safetensors", int64_t{512} << 20U, (int64_t{1340} << 20U) - 1),
            "weights model.safetensors: 512 of 1,340 MiB");
  EXPECT_EQ(RenderUpload("w", 0, 1), "weights w: 0 of 1 MiB");
}

class UploadProgressTest : public ::testing::Test {
 protected:
  // What a file is told with this style: twice at once, and once a minute later.
  std::string Written(Style style) {
    std::FILE* file = std::tmpfile();
    FakeClock clock;
    {
      UploadProgress progress(style, file, clock);
      progress.Show("a", 0, 3 << 20);
      progress.Show("a", 1 << 20, 3 << 20);
      clock.Advance(std::chrono::minutes(1));
      progress.Show("a", 2 << 20, 3 << 20);
    }
    std::rewind(file);
    std::string text(1000, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file));
    std::fclose(file);
    return text;
  }
};

TEST_F(UploadProgressTest, PlainLinesAreOccasional) {
  EXPECT_EQ(Written(Style::kPlain), "cusp: weights a: 0 of 3 MiB\ncusp: weights a: 2 of 3 MiB\n");
}

TEST_F(UploadProgressTest, LiveLineIsDrawnOverItselfAndRemoved) {
  const std::string text = Written(Style::kLive);
  EXPECT_THAT(text, HasSubstr("\rweights a: 2 of 3 MiB"));
  EXPECT_THAT(text, EndsWith("\r\x1b[K"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 0);
}

TEST_F(UploadProgressTest, QuietPrintsNothing) { EXPECT_EQ(Written(Style::kNone), ""); }

}  // namespace
}  // namespace cusp::client
