// Weights on their way from whoever submits to the worker that measures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "common/sha256.h"
#include "tests/e2e/planted_job.h"
#include "tests/e2e/result_check.h"
#include "tests/e2e/stack.h"

namespace cusp::e2e {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class WeightsE2eTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
    std::string job = kPlantedJob;
    job.replace(job.find("[bert]"), 6, "[{model: bert, weights_file: w.safetensors}]");
    job_ = stack_.Write("job.yaml", job);
  }

  // So many zeros, which need no room on the disk here.
  void WriteWeights(int64_t bytes) {
    std::ofstream(weights_, std::ios::binary).put('w');
    fs::resize_file(weights_, static_cast<uintmax_t>(bytes));
    sha256_ = Sha256HexOfFile(weights_).value_or("");
  }

  // What of the upload has arrived.
  int64_t Arrived() {
    int64_t bytes = 0;
    std::error_code ignored;
    for (const auto& file :
         fs::directory_iterator(stack_.Path("data/artifacts/incoming"), ignored)) {
      bytes += static_cast<int64_t>(file.file_size(ignored));
    }
    return bytes;
  }

  Stack stack_;
  const std::string weights_ = stack_.Path("w.safetensors");
  std::string job_;
  std::string sha256_;
};

TEST_F(WeightsE2eTest, TheyReachAWorkerThatCannotSeeThem) {
  WriteWeights(3'000'000);
  const auto submitted = stack_.Cusp({"submit", job_, "--parsable"});
  ASSERT_EQ(submitted.exit_code, 0) << submitted.err;
  EXPECT_THAT(submitted.err, HasSubstr("weights w.safetensors"));
  const std::string id = submitted.out.substr(0, submitted.out.find('\n'));
  EXPECT_EQ(stack_.QueryInt("SELECT count(*) FROM job_artifacts"), 1);
  fs::remove(weights_);
  stack_.StartWorker("w1", PlantedScript(0));
  EXPECT_EQ(stack_.Cusp({"watch", id}).exit_code, 0);
  EXPECT_EQ(DifferenceFromPlanted(stack_, id), "");
  const std::string cached = stack_.Path("cache/cusp/weights/" + sha256_);
  EXPECT_EQ(Sha256HexOfFile(cached).value_or("none"), sha256_);
}

TEST_F(WeightsE2eTest, SecondJobSendsNothing) {
  WriteWeights(3'000'000);
  ASSERT_EQ(stack_.Cusp({"submit", job_}).exit_code, 0);
  const auto again = stack_.Cusp({"submit", job_});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.err, "");
  EXPECT_EQ(stack_.QueryInt("SELECT count(*) FROM artifacts"), 1);
  EXPECT_EQ(stack_.QueryInt("SELECT count(*) FROM job_artifacts"), 2);
}

TEST_F(WeightsE2eTest, KilledCoordinatorGetsTheRest) {
  WriteWeights(int64_t{256} << 20U);
  Subprocess submit = stack_.StartCusp({"submit", job_, "--parsable"}, stack_.Path("id.txt"));
  ASSERT_TRUE(WaitUntil([&] { return Arrived() > (4 << 20); }));
  stack_.StopCoordinator(SIGKILL);
  EXPECT_GT(Arrived(), 0);  // it did not end before
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  const auto status = submit.Wait(std::chrono::seconds(120));
  ASSERT_TRUE(status.has_value());
  EXPECT_TRUE(status->ok()) << stack_.ReadText("background.err");
  EXPECT_EQ(stack_.QueryInt("SELECT count(*) FROM artifacts"), 1);
  EXPECT_EQ(Sha256HexOfFile(stack_.Path("data/artifacts/" + sha256_.substr(0, 2) + "/" + sha256_))
                .value_or("none"),
            sha256_);
  EXPECT_EQ(Arrived(), 0);
}

TEST_F(WeightsE2eTest, KilledSubmitterGoesOn) {
  WriteWeights(int64_t{256} << 20U);
  Subprocess submit = stack_.StartCusp({"submit", job_}, stack_.Path("id.txt"));
  ASSERT_TRUE(WaitUntil([&] { return Arrived() > (4 << 20); }));
  submit.Kill(SIGKILL);
  ASSERT_TRUE(submit.Wait(std::chrono::seconds(30)).has_value());
  EXPECT_GT(Arrived(), 0);
  EXPECT_EQ(stack_.QueryInt("SELECT count(*) FROM jobs"), 0);
  const auto again = stack_.Cusp({"submit", job_});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(stack_.QueryInt("SELECT count(*) FROM jobs"), 1);
  EXPECT_EQ(Arrived(), 0);
}

}  // namespace
}  // namespace cusp::e2e
