#include "server/api/doctor.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "common/version.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DoctorTest : public ::testing::Test {
 protected:
  DoctorTest() : board_(clock_) {
    const mode_t before = umask(077);
    auto folder = DataFolder::Open(dir_.Join("data"));
    EXPECT_THAT(folder, IsOk());
    store_ = *Store::Open(*std::move(folder), clock_);
    umask(before);
  }

  TempDir dir_;
  FakeClock clock_;
  LiveBoard board_;
  std::unique_ptr<Store> store_;
};

TEST_F(DoctorTest, FindsASoundDatabaseThatTakesWrites) {
  const auto facts = GatherFacts(*store_, board_, clock_, {});
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->quick_check, "ok");
  EXPECT_TRUE(facts->takes_writes);
  EXPECT_EQ(facts->schema, facts->known_schema);
  EXPECT_EQ(facts->server_version, kVersion);
  EXPECT_EQ(facts->server_us, clock_.WallMicros());
  EXPECT_GT(facts->free_bytes, 0);
  EXPECT_THAT(facts->open_files, IsEmpty());
}

TEST_F(DoctorTest, FilesThatOthersCanReadAreListed) {
  const std::string path = dir_.Write("data/admin.token", "secret");
  chmod(path.c_str(), 0644);
  const auto facts = GatherFacts(*store_, board_, clock_, {});
  ASSERT_THAT(facts, IsOk());
  EXPECT_THAT(facts->open_files, ElementsAre(path));
}

TEST_F(DoctorTest, FolderThatOthersMayWriteToIsToldAsItIsNow) {
  EXPECT_EQ(GatherFacts(*store_, board_, clock_, {})->folder_fault, "");
  chmod(dir_.Join("data").c_str(), 0777);
  const auto facts = GatherFacts(*store_, board_, clock_, {});
  ASSERT_THAT(facts, IsOk());
  EXPECT_THAT(facts->folder_fault, HasSubstr("mode 0777"));
  EXPECT_THAT(facts->folder_remedy, HasSubstr("chmod 700"));
  EXPECT_TRUE(facts->is_folder_open_to_all);
}

TEST_F(DoctorTest, CertificateThatCannotBeReadIsNamed) {
  EXPECT_THAT(GatherFacts(*store_, board_, clock_, {dir_.Join("none.pem")}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none.pem")));
}

}  // namespace
}  // namespace cusp::server
