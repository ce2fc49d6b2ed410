#include "server/api/artifact_shelf.h"

#include <chrono>
#include <filesystem>
#include <string>

#include "server/queue/artifact_rules.h"
#include "tests/server/api/artifact_fixture.h"

namespace cusp::server {
namespace {

class ArtifactShelfTest : public ArtifactTest {
 protected:
  // Lets time pass, and what became unused be removed.
  void Pass(std::chrono::hours time) {
    clock_.Advance(time);
    coordinator_->Tick();
    // On the same thread, so after the removal.
    ASSERT_THAT(Upload(std::string("barrier")), IsOk());
  }

  std::string PathOf(const std::string& content) {
    const std::string hash = Sha256Hex(content);
    return dir_.Join("data/artifacts/" + hash.substr(0, 2) + "/" + hash);
  }
};

TEST_F(ArtifactShelfTest, UnusedOneGoesByAge) {
  ASSERT_THAT(Upload("weights"), IsOk());
  ASSERT_NO_FATAL_FAILURE(Pass(kArtifactAge - std::chrono::hours(1)));
  EXPECT_TRUE(std::filesystem::exists(PathOf("weights")));
  ASSERT_NO_FATAL_FAILURE(Pass(std::chrono::hours(2)));
  EXPECT_FALSE(std::filesystem::exists(PathOf("weights")));
  EXPECT_FALSE(IsThere("weights"));
}

TEST_F(ArtifactShelfTest, AskingForItKeepsIt) {
  ASSERT_THAT(Upload("weights"), IsOk());
  ASSERT_NO_FATAL_FAILURE(Pass(kArtifactAge - std::chrono::hours(1)));
  ASSERT_TRUE(IsThere("weights"));
  ASSERT_NO_FATAL_FAILURE(Pass(std::chrono::hours(2)));
  EXPECT_TRUE(IsThere("weights"));
}

TEST_F(ArtifactShelfTest, JobThatWaitsKeepsItsWeights) {
  ASSERT_THAT(Upload("weights"), IsOk());
  const std::string job = SubmitWithWeights("weights");
  ASSERT_NO_FATAL_FAILURE(Pass(3 * kArtifactAge));
  EXPECT_TRUE(std::filesystem::exists(PathOf("weights")));
  ASSERT_THAT(Cancel(job, NewUuid()), IsOk());
  ASSERT_NO_FATAL_FAILURE(Pass(kArtifactAge + std::chrono::hours(1)));
  EXPECT_FALSE(std::filesystem::exists(PathOf("weights")));
}

TEST_F(ArtifactShelfTest, FileThatACrashLeftWithoutARowIsRemoved) {
  ASSERT_THAT(Upload("weights"), IsOk());
  const std::string orphan = PathOf("orphan");
  std::filesystem::create_directories(std::filesystem::path(orphan).parent_path());
  std::filesystem::copy_file(PathOf("weights"), orphan);
  Reopen();
  ASSERT_THAT(Upload("barrier"), IsOk());
  EXPECT_FALSE(std::filesystem::exists(orphan));
  EXPECT_TRUE(std::filesystem::exists(PathOf("weights")));
}

TEST_F(ArtifactShelfTest, LostFileIsAskedForAgain) {
  const std::string part = "part";
  ASSERT_THAT(Upload(part), IsOk());
  v1::UploadArtifactRequest whole = First("whole");
  whole.add_parts(Sha256Hex(part));
  ASSERT_THAT(Upload(whole, "whole"), IsOk());
  ASSERT_THAT(Upload("other"), IsOk());
  const std::string job = SubmitWithWeights("whole");
  std::filesystem::remove(PathOf(part));
  Reopen();
  EXPECT_FALSE(IsThere(part));
  EXPECT_FALSE(IsThere("whole")) << "useless without";
  EXPECT_TRUE(IsThere("other"));
  ASSERT_THAT(Upload(part), IsOk());
  ASSERT_THAT(Upload(whole, "whole"), IsOk());
  EXPECT_THAT(Download(Sha256Hex("whole")), IsOkAndHolds("whole"));
  EXPECT_EQ(Get(job)->state(), v1::Job::STATE_QUEUED);
}

TEST_F(ArtifactShelfTest, FilesArePrivate) {
  ASSERT_THAT(Upload("weights"), IsOk());
  namespace fs = std::filesystem;
  EXPECT_EQ(fs::status(PathOf("weights")).permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(dir_.Join("data/artifacts")).permissions(), fs::perms::owner_all);
}

}  // namespace
}  // namespace cusp::server
