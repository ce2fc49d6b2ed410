#include "server/api/archive_export.h"

#include "server/api/archive_import.h"
#include "server/store/jobs.h"
#include "server/store/store.h"
#include "tests/server/api/archive_example.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

class ArchiveExportTest : public ::testing::Test {
 protected:
  ArchiveExportTest() : store_(OpenStore("data")) {}

  std::unique_ptr<Store> OpenStore(const std::string& name) {
    auto folder = DataFolder::Open(dir_.Join(name));
    EXPECT_THAT(folder, IsOk());
    return *Store::Open(*std::move(folder), clock_);
  }

  static int64_t Import(Store& store, const std::string& bytes, const std::string& owner) {
    int64_t id = 0;
    EXPECT_THAT(store.WriteAndWait([&](Transaction& tx) -> absl::Status {
      ArchiveReader reader(SourceOf(bytes));
      const auto stored = StoreArchive(tx, reader, owner);
      id = stored.value_or(0);
      return stored.status();
    }),
                IsOk());
    return id;
  }

  static std::string Export(Store& store, int64_t id) {
    std::string bytes;
    EXPECT_THAT(ExportJob(store, id,
                          [&bytes](std::string_view piece) {
                            bytes += piece;
                            return absl::OkStatus();
                          }),
                IsOk());
    return bytes;
  }

  TempDir dir_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
};

TEST_F(ArchiveExportTest, ACopysCopyIsTheSameByteForByte) {
  const std::string first = Export(*store_, Import(*store_, ArchiveOf(ExampleRecords()), "alice"));
  const auto other = OpenStore("other");
  const int64_t id = Import(*other, first, "carol");
  EXPECT_EQ(Export(*other, id), first);
  ArchiveReader reader(SourceOf(first));
  const auto summary = CheckArchive(reader);
  ASSERT_THAT(summary, IsOk());
  EXPECT_THAT(ContentSha256Of(*other, id), IsOkAndHolds(summary->content_sha256));
}

TEST_F(ArchiveExportTest, ManyBlocksComeInPages) {
  auto records = ExampleRecords();
  const v1::ArchiveRecord block = records[2];
  records.resize(2);
  constexpr int kBlocks = 450;
  records[1].mutable_sweep()->set_last_block(kBlocks);
  records[1].mutable_sweep()->mutable_sweep()->set_blocks_committed(kBlocks);
  for (int i = 1; i <= kBlocks; ++i) {
    records.push_back(block);
    records.back().mutable_block()->mutable_block()->set_block(i);
  }
  const std::string bytes = Export(*store_, Import(*store_, ArchiveOf(records), "alice"));
  ArchiveReader reader(SourceOf(bytes));
  EXPECT_THAT(CheckArchive(reader), IsOk());
}

TEST_F(ArchiveExportTest, JobThatHasNotEndedIsRefused) {
  int64_t id = 0;
  ASSERT_THAT(store_->WriteAndWait([&](Transaction& tx) -> absl::Status {
    NewJob job;
    job.public_id = "abc";
    job.owner = "u";
    job.device = "auto";
    job.baselines = {"a"};
    job.sweeps = {{1, 1}};
    const auto inserted = InsertJob(tx, job);
    id = inserted->id;
    return inserted.status();
  }),
              IsOk());
  EXPECT_THAT(ContentSha256Of(*store_, id),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("has not ended")));
}

TEST_F(ArchiveExportTest, FaultOfTheSinkEndsIt) {
  const int64_t id = Import(*store_, ArchiveOf(ExampleRecords()), "alice");
  EXPECT_THAT(
      ExportJob(*store_, id, [](std::string_view) { return absl::CancelledError("enough"); }),
      StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace cusp::server
