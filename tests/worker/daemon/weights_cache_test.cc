#include "worker/daemon/weights_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "common/file.h"
#include "common/sha256.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::worker {
namespace {

namespace fs = std::filesystem;

class WeightsCacheTest : public ::testing::Test {
 protected:
  explicit WeightsCacheTest(int64_t max_bytes = 25) : cache_(dir_.Join("cache"), max_bytes) {
    EXPECT_THAT(cache_.Make(), IsOk());
  }

  // Files of ten bytes, `age` hours old.
  std::string Put(char letter, int age) {
    const std::string content(10, letter);
    const std::string hash = Sha256Hex(content);
    auto file = cache_.Begin(hash, 10);
    EXPECT_THAT(file, IsOk());
    EXPECT_THAT(file->Append(content), IsOk());
    EXPECT_THAT(file->Publish(hash, cache_.PathOf(hash)), IsOk());
    fs::last_write_time(cache_.PathOf(hash),
                        fs::file_time_type::clock::now() - std::chrono::hours(age));
    return hash;
  }
  bool Has(const std::string& hash) { return fs::exists(cache_.PathOf(hash)); }

  TempDir dir_;
  WeightsCache cache_;
};

TEST_F(WeightsCacheTest, WhatIsThereIsPinned) {
  const std::string hash = Put('a', 1);
  EXPECT_TRUE(cache_.Pin(hash, 10).has_value());
  EXPECT_FALSE(cache_.Pin(Sha256Hex("none"), 10).has_value());
}

TEST_F(WeightsCacheTest, FileOfAnotherSizeIsNotBelieved) {
  const std::string hash = Put('a', 1);
  EXPECT_FALSE(cache_.Pin(hash, 11).has_value());
  EXPECT_FALSE(Has(hash));
}

TEST_F(WeightsCacheTest, LongestUnusedGoesFirst) {
  const std::string old = Put('a', 3);
  const std::string newer = Put('b', 2);
  Put('c', 1);
  EXPECT_FALSE(Has(old));
  EXPECT_TRUE(Has(newer));
}

TEST_F(WeightsCacheTest, UseMakesYoung) {
  const std::string old = Put('a', 3);
  const std::string newer = Put('b', 2);
  (void)cache_.Pin(old, 10);
  Put('c', 1);
  EXPECT_TRUE(Has(old));
  EXPECT_FALSE(Has(newer));
}

TEST_F(WeightsCacheTest, FileInUseStaysAndLetsTheCacheGrow) {
  const std::string a = Put('a', 3);
  const std::string b = Put('b', 2);
  const auto pin_a = cache_.Pin(a, 10);
  const auto pin_b = cache_.Pin(b, 10);
  const std::string c = Put('c', 1);
  EXPECT_TRUE(Has(a) && Has(b) && Has(c));
}

TEST_F(WeightsCacheTest, OneWorkerCollectsAFile) {
  const auto first = cache_.Begin(Sha256Hex("x"), 1);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(cache_.Begin(Sha256Hex("x"), 1), StatusIs(absl::StatusCode::kAborted));
}

TEST_F(WeightsCacheTest, LongerBeginningIsDropped) {
  {
    auto file = cache_.Begin(Sha256Hex("x"), 5);
    ASSERT_THAT(file, IsOk());
    ASSERT_THAT(file->Append("abcde"), IsOk());
  }
  EXPECT_EQ(cache_.Begin(Sha256Hex("x"), 5)->size(), 5);
  EXPECT_EQ(cache_.Begin(Sha256Hex("x"), 4)->size(), 0);
}

TEST_F(WeightsCacheTest, ViewGivesNamesUntilItsEnd) {
  const std::string hash = Put('a', 1);
  std::string path;
  {
    const auto view = cache_.MakeView({{"model.index.json", hash}});
    ASSERT_THAT(view, IsOk());
    path = view->path();
    EXPECT_THAT(ReadFile(path + "/model.index.json", 100), IsOkAndHolds(std::string(10, 'a')));
    EXPECT_THAT(cache_.Make(), IsOk());  // as another worker's start does
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(Has(hash));
}

TEST_F(WeightsCacheTest, ViewOfADeadWorkerIsRemoved) {
  const std::string path = dir_.Join("cache/view-dead");
  fs::create_directory(path);
  EXPECT_THAT(cache_.Make(), IsOk());
  EXPECT_FALSE(fs::exists(path));
}

class UnlimitedWeightsCacheTest : public WeightsCacheTest {
 protected:
  UnlimitedWeightsCacheTest() : WeightsCacheTest(0) {}
};

TEST_F(UnlimitedWeightsCacheTest, NothingGoes) {
  const std::string old = Put('a', 3);
  Put('b', 2);
  Put('c', 1);
  EXPECT_TRUE(Has(old));
}

TEST(DefaultWeightsCacheTest, FollowsTheEnvironment) {
  const char* const before = std::getenv("XDG_CACHE_HOME");
  const std::optional<std::string> saved =
      before == nullptr ? std::nullopt : std::optional<std::string>(before);
  setenv("XDG_CACHE_HOME", "/c", 1);
  EXPECT_EQ(DefaultWeightsCache(), "/c/cusp/weights");
  unsetenv("XDG_CACHE_HOME");
  const char* const home = std::getenv("HOME");
  EXPECT_EQ(DefaultWeightsCache(),
            home == nullptr ? "" : std::string(home) + "/.cache/cusp/weights");
  if (saved) {
    setenv("XDG_CACHE_HOME", saved->c_str(), 1);
  }
}

}  // namespace
}  // namespace cusp::worker
