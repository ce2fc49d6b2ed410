#include "server/queue/diagnosis.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <utility>

namespace cusp::server {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20U;
constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kDayUs = 86'400 * kSecondUs;
// Twice what the database needs: it, and a copy for a backup.
constexpr int64_t kRoomyFreeBytes = 2048 * kMiB;
// The log is folded into the database every 16 MiB; far more means a reader that never
// ends, or a disk that does not keep up.
constexpr int64_t kLargeWalBytes = 256 * kMiB;
constexpr int64_t kHugeWalBytes = 4096 * kMiB;
constexpr int64_t kClockWarningUs = 2 * kSecondUs;
constexpr int64_t kClockFailUs = 300 * kSecondUs;
constexpr int64_t kExpiryWarningUs = 30 * kDayUs;

Finding Ok(std::string check, std::string message) {
  return {std::move(check), FindingLevel::kOk, std::move(message), ""};
}

std::string MiB(int64_t bytes) { return std::to_string(bytes / kMiB) + " MiB"; }

Finding CheckDisk(const DiagnosisFacts& facts) {
  if (facts.free_bytes < 0) {
    return {"disk", FindingLevel::kWarning, "the disk of " + facts.data_folder + " tells no sizes",
            "see that the folder exists and can be read"};
  }
  const std::string free = MiB(facts.free_bytes) + " are free in " + facts.data_folder;
  if (facts.free_bytes < kMinFreeBytes) {
    return {"disk", FindingLevel::kFail, free + "; soon nothing can be stored",
            "make room there, or drop old samples with `cusp admin prune --older-than 180d`"};
  }
  if (facts.free_bytes < std::max(kRoomyFreeBytes, facts.database_bytes)) {
    return {"disk", FindingLevel::kWarning,
            free + ", the database has " + MiB(std::max<int64_t>(facts.database_bytes, 0)),
            "make room: a backup needs as much again as the database has"};
  }
  return Ok("disk", free);
}

Finding CheckWal(const DiagnosisFacts& facts) {
  const int64_t bytes = std::max<int64_t>(facts.wal_bytes, 0);
  const std::string size = "the database's log has " + MiB(bytes);
  if (bytes >= kHugeWalBytes || bytes >= kLargeWalBytes) {
    return {"wal", bytes >= kHugeWalBytes ? FindingLevel::kFail : FindingLevel::kWarning, size,
            "something reads for very long (a backup, SQL, another program on cusp.db): end it; "
            "a restart of cuspd folds the log in"};
  }
  return Ok("wal", size);
}

Finding CheckDatabase(const DiagnosisFacts& facts) {
  if (facts.quick_check != "ok") {
    return {"database", FindingLevel::kFail, "damaged: " + facts.quick_check,
            "stop cuspd, keep the data folder, and restore a backup (docs/operations.md)"};
  }
  if (!facts.takes_writes) {
    return {"database", FindingLevel::kFail, "takes no writes: " + facts.write_fault,
            "see the disk's space and permissions, and the log of cuspd"};
  }
  return Ok("database", "sound (quick_check), " + MiB(std::max<int64_t>(facts.database_bytes, 0)) +
                            ", takes writes");
}

Finding CheckFileSystem(const DiagnosisFacts& facts) {
  if (!facts.network_file_system.empty()) {
    return {"file system", FindingLevel::kFail,
            facts.data_folder + " lies on " + facts.network_file_system +
                ", a network file system, where the database's locks do not hold",
            "move the data folder to a local disk"};
  }
  return Ok("file system", "local");
}

Finding CheckSchema(const DiagnosisFacts& facts) {
  const std::string versions = "schema " + std::to_string(facts.schema);
  if (facts.schema != facts.known_schema) {
    return {"schema", FindingLevel::kFail,
            versions + ", but this cuspd knows " + std::to_string(facts.known_schema),
            "restart cuspd; it brings the database to its own schema"};
  }
  return Ok("schema", versions);
}

Finding CheckClock(const DiagnosisFacts& facts) {
  if (facts.client_us) {
    const int64_t apart = std::abs(facts.server_us - *facts.client_us);
    if (apart > kClockWarningUs) {
      return {"clock", apart > kClockFailUs ? FindingLevel::kFail : FindingLevel::kWarning,
              "the coordinator's clock and the caller's are " + std::to_string(apart / kSecondUs) +
                  " s apart",
              "let both follow NTP; leases do not depend on it, but times shown do, and "
              "certificates may seem not yet or no longer good"};
    }
  }
  if (facts.is_clock_synchronised == false) {
    return {"clock", FindingLevel::kWarning, "the kernel says that nothing synchronises the clock",
            "run an NTP client (systemd-timesyncd, chrony) on the coordinator's host; in a "
            "container the host's counts, and this may be ignored"};
  }
  return Ok("clock", "agrees with the caller's");
}

Finding CheckVersions(const DiagnosisFacts& facts) {
  std::string others;
  if (!facts.client_version.empty() && facts.client_version != facts.server_version) {
    others = "cusp " + facts.client_version;
  }
  for (const auto& [name, version] : facts.workers) {
    if (version != facts.server_version) {
      others += (others.empty() ? "" : ", ") + std::string("worker ") + name + " " + version;
    }
  }
  if (!others.empty()) {
    return {"versions", FindingLevel::kWarning,
            "cuspd has " + facts.server_version + ", but: " + others,
            "install the same version everywhere: the coordinator first, then workers, then "
            "clients"};
  }
  return Ok("versions", "cuspd, caller and " + std::to_string(facts.workers.size()) +
                            " workers have " + facts.server_version);
}

Finding CheckModes(const DiagnosisFacts& facts) {
  if (facts.open_files.empty() && facts.folder_fault.empty()) {
    return Ok("file modes", "nobody else can read the data folder's files, or write to it");
  }
  Finding finding{"file modes", FindingLevel::kWarning, facts.folder_fault, facts.folder_remedy};
  if (facts.is_folder_open_to_all || !facts.open_files.empty()) {
    finding.level = FindingLevel::kFail;
  }
  if (!facts.open_files.empty()) {
    std::string names;
    for (const std::string& file : facts.open_files) {
      names += (names.empty() ? "" : " ") + file;
    }
    const std::string and_also = facts.folder_fault.empty() ? "" : "; ";
    finding.message += and_also + "others can read: " + names;
    finding.remedy += and_also + "run `chmod go-rwx " + names +
                      "`, and make new tokens where they were among them";
  }
  return finding;
}

// "2026-11-28", in UTC.
std::string DateOf(int64_t micros) {
  const std::time_t seconds = micros / 1'000'000;
  std::tm date{};
  gmtime_r(&seconds, &date);
  char text[16];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d", &date));
}

}  // namespace

Finding CertificatesFinding(const DiagnosisFacts& facts) {
  if (facts.certificates.empty()) {
    return Ok("certificates", "no TLS");
  }
  const auto first = std::min_element(
      facts.certificates.begin(), facts.certificates.end(),
      [](const auto& a, const auto& b) { return a.not_after_us < b.not_after_us; });
  const int64_t left = first->not_after_us - facts.server_us;
  if (left <= kExpiryWarningUs) {
    return {"certificates", left <= 0 ? FindingLevel::kFail : FindingLevel::kWarning,
            first->path +
                (left <= 0 ? " has expired on "
                           : " expires in " + std::to_string(left / kDayUs) + " days, on ") +
                DateOf(first->not_after_us),
            "renew it and restart cuspd"};
  }
  return Ok("certificates", "good for " + std::to_string(left / kDayUs) + " days");
}

std::vector<Finding> Diagnose(const DiagnosisFacts& facts) {
  return {CheckDisk(facts),  CheckFileSystem(facts), CheckDatabase(facts),
          CheckWal(facts),   CheckSchema(facts),     CheckModes(facts),
          CheckClock(facts), CheckVersions(facts),   CertificatesFinding(facts)};
}

}  // namespace cusp::server
