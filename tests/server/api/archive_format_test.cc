#include "server/api/archive_format.h"

#include <gmock/gmock.h>

#include "common/frame.h"
#include "tests/server/api/archive_example.h"

namespace cusp::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Reads to the end; the number of records, or what was wrong.
absl::StatusOr<int> ReadAll(const std::string& bytes) {
  ArchiveReader reader(SourceOf(bytes));
  for (int records = 0;; ++records) {
    const auto record = reader.Next();
    if (!record.ok()) {
      return record.status();
    }
    if (!record->has_value()) {
      return records;
    }
  }
}

TEST(ArchiveFormatTest, WhatWasWrittenIsRead) {
  const std::string bytes = ArchiveOf(ExampleRecords());
  EXPECT_TRUE(bytes.starts_with(kArchiveMagic));
  EXPECT_THAT(ReadAll(bytes), IsOkAndHolds(4));
}

TEST(ArchiveFormatTest, EveryTruncationIsRefusedWithItsPlace) {
  const std::string bytes = ArchiveOf(ExampleRecords());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(ReadAll(bytes.substr(0, size)),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("record")))
        << size;
  }
}

TEST(ArchiveFormatTest, EveryChangedByteIsRefused) {
  const std::string bytes = ArchiveOf(ExampleRecords());
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    EXPECT_FALSE(ReadAll(changed).ok()) << at;
  }
}

TEST(ArchiveFormatTest, BytesBehindTheEndAreRefused) {
  EXPECT_THAT(ReadAll(ArchiveOf(ExampleRecords()) + "x"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("behind the end")));
}

TEST(ArchiveFormatTest, LyingLengthAllocatesNothing) {
  std::string bytes(kArchiveMagic);
  bytes += std::string("\xff\xff\xff\xff", 4);
  EXPECT_THAT(ReadAll(bytes),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("record 1 (byte 8)"), HasSubstr("4294967295"))));
}

TEST(ArchiveFormatTest, NewerFormatIsRefusedNamingBoth) {
  v1::ArchiveRecord header;
  header.mutable_header()->set_format(2);
  header.mutable_header()->set_cusp_version("9.9");
  EXPECT_THAT(
      ReadAll(std::string(kArchiveMagic) + EncodeFrame(header.SerializeAsString())),
      StatusIs(absl::StatusCode::kFailedPrecondition, AllOf(HasSubstr("9.9"), HasSubstr("2"))));
}

TEST(ArchiveFormatTest, OtherFilesAreTold) {
  EXPECT_THAT(ReadAll("PK\x03\x04 some zip file"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no archive")));
}

TEST(ArchiveFormatTest, ContentHashIsOfTheRecordsAlone) {
  const auto hash = [](const std::string& bytes) {
    ArchiveReader reader(SourceOf(bytes));
    while (reader.Next()->has_value()) {
    }
    return reader.ContentSha256();
  };
  std::string written;
  ArchiveWriter writer([](std::string_view) { return absl::OkStatus(); });
  ASSERT_THAT(writer.Begin(), IsOk());
  for (const v1::ArchiveRecord& record : ExampleRecords()) {
    ASSERT_THAT(writer.Add(record), IsOk());
  }
  EXPECT_EQ(hash(ArchiveOf(ExampleRecords())), writer.ContentSha256());
  auto other = ExampleRecords();
  other[2].mutable_block()->mutable_block()->mutable_samples(0)->set_value(0.25);
  EXPECT_NE(hash(ArchiveOf(other)), writer.ContentSha256());
}

}  // namespace
}  // namespace cusp::server
