#include "server/store/artifact_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "common/growing_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

int64_t NowMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class ArtifactFolderTest : public ::testing::Test {
 protected:
  ArtifactFolderTest() { EXPECT_THAT(folder_.Make(), IsOk()); }

  TempDir dir_;
  ArtifactFolder folder_{dir_.path()};
  const std::string hash_ = Sha256Hex("x");
};

TEST_F(ArtifactFolderTest, WhatIsPublishedIsOpenedListedAndRemoved) {
  EXPECT_THAT(folder_.Open(hash_), StatusIs(absl::StatusCode::kNotFound));
  auto file = GrowingFile::Open(folder_.IncomingPathOf(hash_, 7));
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT(file->Append("x"), IsOk());
  EXPECT_EQ(folder_.IncomingBytes(hash_, 7), 1);
  EXPECT_EQ(folder_.IncomingBytes(hash_, 8), 0);
  EXPECT_THAT(folder_.List(), IsEmpty());
  ASSERT_THAT(file->Publish(hash_, folder_.PathOf(hash_)), IsOk());
  EXPECT_THAT(folder_.List(), ElementsAre(hash_));
  EXPECT_THAT(folder_.Open(hash_), IsOk());
  folder_.Remove(hash_);
  EXPECT_THAT(folder_.List(), IsEmpty());
}

TEST_F(ArtifactFolderTest, OnlyOldUploadsThatNobodyWritesAreRemoved) {
  const std::string path = folder_.IncomingPathOf(hash_, 1);
  {
    const auto writing = GrowingFile::Open(path);
    ASSERT_THAT(writing, IsOk());
    folder_.RemoveIncoming(NowMicros() + 1'000'000);
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  folder_.RemoveIncoming(NowMicros() - 3'600'000'000);
  EXPECT_TRUE(std::filesystem::exists(path));
  folder_.RemoveIncoming(NowMicros() + 1'000'000);
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace cusp::server
