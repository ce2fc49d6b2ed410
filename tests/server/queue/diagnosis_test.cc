#include "server/queue/diagnosis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kGiB = int64_t{1} << 30U;
constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;

DiagnosisFacts Healthy() {
  DiagnosisFacts facts;
  facts.data_folder = "/data";
  facts.free_bytes = 100 * kGiB;
  facts.database_bytes = kGiB;
  facts.wal_bytes = 0;
  facts.schema = 6;
  facts.known_schema = 6;
  facts.server_us = 1'000 * kDayUs;
  facts.client_us = facts.server_us;
  facts.server_version = "0.1.0";
  facts.client_version = "0.1.0";
  facts.workers = {{"w", "0.1.0"}};
  return facts;
}

Finding Of(const DiagnosisFacts& facts, const std::string& check) {
  for (const Finding& finding : Diagnose(facts)) {
    if (finding.check == check) {
      return finding;
    }
  }
  ADD_FAILURE() << "no check " << check;
  return {};
}

TEST(DiagnosisTest, HealthyCoordinatorIsFineInEverything) {
  std::set<std::string> checks;
  for (const Finding& finding : Diagnose(Healthy())) {
    EXPECT_EQ(finding.level, FindingLevel::kOk) << finding.check << finding.message;
    EXPECT_EQ(finding.remedy, "");
    EXPECT_TRUE(checks.insert(finding.check).second) << finding.check;
  }
  EXPECT_EQ(checks.size(), 9U);
}

TEST(DiagnosisTest, WhatIsNotFineHasARemedy) {
  DiagnosisFacts facts;  // nothing is known of it
  facts.takes_writes = false;
  facts.network_file_system = "NFS";
  facts.open_files = {"/data/admin.token"};
  for (const Finding& finding : Diagnose(facts)) {
    if (finding.level != FindingLevel::kOk) {
      EXPECT_NE(finding.remedy, "") << finding.check;
    }
  }
}

TEST(DiagnosisTest, DiskIsJudgedByWhatIsFree) {
  DiagnosisFacts facts = Healthy();
  facts.free_bytes = kMinFreeBytes - 1;
  EXPECT_EQ(Of(facts, "disk").level, FindingLevel::kFail);
  facts.free_bytes = kMinFreeBytes;
  EXPECT_EQ(Of(facts, "disk").level, FindingLevel::kWarning);
  facts.free_bytes = 10 * kGiB;
  EXPECT_EQ(Of(facts, "disk").level, FindingLevel::kOk);
  facts.database_bytes = 11 * kGiB;  // no room for a backup
  EXPECT_EQ(Of(facts, "disk").level, FindingLevel::kWarning);
}

TEST(DiagnosisTest, DamageAndRefusedWritesFail) {
  DiagnosisFacts facts = Healthy();
  facts.quick_check = "row 3 missing";
  EXPECT_THAT(Of(facts, "database").message, HasSubstr("row 3 missing"));
  EXPECT_EQ(Of(facts, "database").level, FindingLevel::kFail);
  facts = Healthy();
  facts.takes_writes = false;
  facts.write_fault = "disk I/O error";
  EXPECT_THAT(Of(facts, "database").message, HasSubstr("disk I/O error"));
  EXPECT_EQ(Of(facts, "database").level, FindingLevel::kFail);
}

TEST(DiagnosisTest, LogOfTheDatabaseIsWatched) {
  DiagnosisFacts facts = Healthy();
  facts.wal_bytes = kGiB / 2;
  EXPECT_EQ(Of(facts, "wal").level, FindingLevel::kWarning);
  facts.wal_bytes = 5 * kGiB;
  EXPECT_EQ(Of(facts, "wal").level, FindingLevel::kFail);
}

TEST(DiagnosisTest, ClocksApartAreToldInBothDirections) {
  DiagnosisFacts facts = Healthy();
  for (const int64_t sign : {-1, 1}) {
    facts.client_us = facts.server_us + sign * 10'000'000;
    EXPECT_EQ(Of(facts, "clock").level, FindingLevel::kWarning);
    EXPECT_THAT(Of(facts, "clock").message, HasSubstr("10 s apart"));
    facts.client_us = facts.server_us + sign * 301'000'000;
    EXPECT_EQ(Of(facts, "clock").level, FindingLevel::kFail);
  }
  facts.client_us = facts.server_us;
  facts.is_clock_synchronised = false;
  EXPECT_EQ(Of(facts, "clock").level, FindingLevel::kWarning);
  facts.is_clock_synchronised = true;
  EXPECT_EQ(Of(facts, "clock").level, FindingLevel::kOk);
}

TEST(DiagnosisTest, OtherVersionsAreNamed) {
  DiagnosisFacts facts = Healthy();
  facts.client_version = "0.0.9";
  facts.workers.emplace_back("gpu1", "0.2.0");
  const Finding finding = Of(facts, "versions");
  EXPECT_EQ(finding.level, FindingLevel::kWarning);
  EXPECT_THAT(finding.message, HasSubstr("cusp 0.0.9, worker gpu1 0.2.0"));
}

TEST(DiagnosisTest, SchemaFileSystemAndModes) {
  DiagnosisFacts facts = Healthy();
  facts.known_schema = 7;
  facts.network_file_system = "NFS";
  facts.open_files = {"/data/cusp.db"};
  EXPECT_EQ(Of(facts, "schema").level, FindingLevel::kFail);
  EXPECT_THAT(Of(facts, "file system").message, HasSubstr("NFS"));
  EXPECT_THAT(Of(facts, "file modes").remedy, HasSubstr("chmod go-rwx /data/cusp.db"));
}

TEST(DiagnosisTest, TheFirstCertificateToExpireCounts) {
  DiagnosisFacts facts = Healthy();
  facts.certificates = {{"ca.pem", facts.server_us + 400 * kDayUs},
                        {"cert.pem", facts.server_us + 100 * kDayUs}};
  EXPECT_THAT(Of(facts, "certificates").message, HasSubstr("100 days"));
  facts.certificates[1].not_after_us = facts.server_us + 10 * kDayUs;
  EXPECT_EQ(Of(facts, "certificates").level, FindingLevel::kWarning);
  EXPECT_THAT(Of(facts, "certificates").message, HasSubstr("cert.pem expires in 10 days"));
  facts.certificates[0].not_after_us = facts.server_us - 1;
  EXPECT_EQ(Of(facts, "certificates").level, FindingLevel::kFail);
  EXPECT_THAT(Of(facts, "certificates").message, HasSubstr("ca.pem has expired on 1972-09-26"));
}

TEST(DiagnosisTest, FolderThatOthersMayWriteToIsAFindingOfFileModes) {
  DiagnosisFacts facts = Healthy();
  facts.folder_fault = "/data has mode 0775: its group may put files into it";
  facts.folder_remedy = "run `chmod 700 /data`";
  EXPECT_EQ(Of(facts, "file modes").level, FindingLevel::kWarning);
  EXPECT_EQ(Of(facts, "file modes").message, facts.folder_fault);
  EXPECT_EQ(Of(facts, "file modes").remedy, facts.folder_remedy);
  facts.is_folder_open_to_all = true;
  EXPECT_EQ(Of(facts, "file modes").level, FindingLevel::kFail);
  facts.open_files = {"/data/cusp.db"};
  EXPECT_THAT(Of(facts, "file modes").message,
              HasSubstr("into it; others can read: /data/cusp.db"));
  EXPECT_THAT(Of(facts, "file modes").remedy, HasSubstr("/data`; run `chmod go-rwx"));
}

}  // namespace
}  // namespace cusp::server
