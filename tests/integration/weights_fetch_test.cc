#include "worker/daemon/weights_fetch.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "common/file.h"
#include "common/sha256.h"
#include "tests/integration/weights_fixture.h"
#include "tests/worker/daemon/fake_coordinator.h"

namespace cusp::worker {
namespace {

using ::testing::StartsWith;

class WeightsFetchTest : public WeightsTest {
 protected:
  absl::StatusOr<FetchedWeights> Fetch(v1::JobSpec& spec) {
    return FetchWeights(spec, worker_, cache_, [this] { return given_up_.load(); });
  }

  std::atomic<bool> given_up_ = false;
  WeightsCache cache_{dir_.Join("cache"), 0};
  Coordinator worker_{Connect()};
};

TEST_F(WeightsFetchTest, FileComesIntoTheCache) {
  const std::string content(2'500'000, 'w');
  v1::JobSpec spec = SpecWith(dir_.Write("w.safetensors", content));
  ASSERT_THAT(Upload(NewClient(), spec), IsOk());
  std::filesystem::remove(dir_.Join("w.safetensors"));
  const auto fetched = Fetch(spec);
  ASSERT_THAT(fetched, IsOk());
  EXPECT_EQ(spec.baselines(0).weights_path(), cache_.PathOf(Sha256Hex(content)));
  EXPECT_THAT(ReadFile(spec.baselines(0).weights_path(), 3'000'000), IsOkAndHolds(content));
  EXPECT_EQ(spec.candidates(0).weights_path(), "");
}

TEST_F(WeightsFetchTest, ShardsKeepTheirNames) {
  v1::JobSpec spec = SpecWith(WriteShards());
  const std::string hash = spec.baselines(0).weights_sha256();
  ASSERT_THAT(Upload(NewClient(), spec), IsOk());
  for (const char* name :
       {"model-1.safetensors", "model-2.safetensors", "model.safetensors.index.json"}) {
    std::filesystem::remove(dir_.Join(name));
  }
  std::string path;
  {
    const auto fetched = Fetch(spec);
    ASSERT_THAT(fetched, IsOk());
    path = spec.baselines(0).weights_path();
    EXPECT_THAT(path, StartsWith(dir_.Join("cache/")));
    // As the runner checks them.
    EXPECT_THAT(catalog::Sha256HexOfWeights(path), IsOkAndHolds(hash));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(WeightsFetchTest, WhatTheCoordinatorHasNotIsLeftWhereItLies) {
  const std::string path = dir_.Write("w.safetensors", "local");
  v1::JobSpec spec = SpecWith(path);
  ASSERT_THAT(Fetch(spec), IsOk());
  EXPECT_EQ(spec.baselines(0).weights_path(), path);
}

TEST_F(WeightsFetchTest, BrokenTransferGoesOn) {
  const std::string content = std::string(1'500'000, 'a') + std::string(1'500'000, 'b');
  v1::JobSpec spec = SpecWith(dir_.Write("w.safetensors", content));
  ASSERT_THAT(Upload(NewClient(), spec), IsOk());
  const std::string hash = Sha256Hex(content);
  ASSERT_THAT(cache_.Make(), IsOk());
  {
    auto begun = cache_.Begin(hash, 3'000'000);
    ASSERT_THAT(begun, IsOk());
    ASSERT_THAT(begun->Append(content.substr(0, 1'000'001)), IsOk());
  }
  ASSERT_THAT(Fetch(spec), IsOk());
  EXPECT_THAT(Sha256HexOfFile(cache_.PathOf(hash)), IsOkAndHolds(hash));
}

TEST_F(WeightsFetchTest, WrongBeginningIsThrownAwayAndFetchedAgain) {
  v1::JobSpec spec = SpecWith(dir_.Write("w.safetensors", "0123456789"));
  ASSERT_THAT(Upload(NewClient(), spec), IsOk());
  ASSERT_THAT(cache_.Make(), IsOk());
  {
    auto begun = cache_.Begin(Sha256Hex("0123456789"), 10);
    ASSERT_THAT(begun, IsOk());
    ASSERT_THAT(begun->Append("wrong"), IsOk());
  }
  ASSERT_THAT(Fetch(spec), IsOk());
  EXPECT_THAT(ReadFile(spec.baselines(0).weights_path(), 100), IsOkAndHolds("0123456789"));
}

TEST_F(WeightsFetchTest, BytesThatAreNotWhatTheyShouldBeAreRefused) {
  v1::JobSpec spec = SpecWith(dir_.Write("w.safetensors", "0123456789"));
  ASSERT_THAT(Upload(NewClient(), spec), IsOk());
  const std::string hash = spec.baselines(0).weights_sha256();
  const std::string stored = dir_.Join("data/artifacts/" + hash.substr(0, 2) + "/" + hash);
  std::ofstream(stored, std::ios::binary | std::ios::in) << "9";
  EXPECT_THAT(Fetch(spec), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_FALSE(std::filesystem::exists(cache_.PathOf(hash)));
}

TEST_F(WeightsFetchTest, CoordinatorThatIsAwayIsWaitedFor) {
  v1::JobSpec spec = SpecWith(dir_.Write("w.safetensors", "0123456789"));
  ASSERT_THAT(Upload(NewClient(), spec), IsOk());
  Stop();
  std::thread back([this] { Start(); });
  EXPECT_THAT(Fetch(spec), IsOk());
  back.join();
  EXPECT_EQ(spec.baselines(0).weights_path(), cache_.PathOf(Sha256Hex("0123456789")));
}

TEST_F(WeightsFetchTest, StoppedWorkerWaitsForNobody) {
  v1::JobSpec spec = SpecWith(dir_.Write("w.safetensors", "0123456789"));
  Stop();
  given_up_ = true;
  EXPECT_THAT(Fetch(spec), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(WeightsFetchTest, OlderCoordinatorHasNone) {
  FakeCoordinator older;
  Coordinator worker(older.Connect());
  const std::string path = dir_.Write("w.safetensors", "local");
  v1::JobSpec spec = SpecWith(path);
  ASSERT_THAT(FetchWeights(spec, worker, cache_, [] { return false; }), IsOk());
  EXPECT_EQ(spec.baselines(0).weights_path(), path);
}

}  // namespace
}  // namespace cusp::worker
