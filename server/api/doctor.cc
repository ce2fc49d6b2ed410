#include "server/api/doctor.h"

#include <sys/stat.h>
#include <sys/timex.h>

#include <filesystem>
#include <optional>

#include "common/file.h"
#include "common/status_macros.h"
#include "common/tls_files.h"
#include "common/version.h"
#include "server/api/figures.h"
#include "server/store/migrator.h"
#include "server/store/store_figures.h"
#include "server/store/workers.h"

namespace cusp::server {
namespace {

constexpr int kMaxWorkers = 10'000;
constexpr size_t kMaxCertBytes = size_t{1} << 20U;

// What the kernel says of NTP; nothing where it may not be asked.
std::optional<bool> IsClockSynchronised() {
  timex state{};
  const int answer = adjtimex(&state);
  return answer < 0 ? std::nullopt : std::optional<bool>(answer != TIME_ERROR);
}

// What holds data or secrets; logs and locks do not.
bool IsPrivate(const std::string& name) {
  return name.starts_with("cusp.db") || name.starts_with("backup-") || name.ends_with(".token");
}

// Files of the folder that others may read or write.
std::vector<std::string> OpenFiles(const std::string& folder) {
  std::vector<std::string> open;
  std::error_code error;
  struct stat info {};
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string path = entry.path().string();
    if (IsPrivate(entry.path().filename().string()) && lstat(path.c_str(), &info) == 0 &&
        S_ISREG(info.st_mode) && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
      open.push_back(path);
    }
  }
  return open;
}

absl::Status AddStored(Store& store, const LiveBoard& board, DiagnosisFacts& facts) {
  CUSP_ASSIGN_OR_RETURN(facts.schema, store.Read<int64_t>(SchemaVersion));
  CUSP_ASSIGN_OR_RETURN(const std::vector<ListedWorker> workers,
                        store.Read<std::vector<ListedWorker>>(
                            [](Database& db) { return ListWorkers(db, "", kMaxWorkers); }));
  for (const ListedWorker& listed : workers) {
    const auto seen = board.Find(listed.worker.name);
    if (seen && seen->is_alive) {
      facts.workers.emplace_back(listed.worker.name, listed.worker.cusp_version);
    }
  }
  const absl::StatusOr<std::string> check = store.Read<std::string>(QuickCheck);
  facts.quick_check = check.ok() ? *check : std::string(check.status().message());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<DiagnosisFacts::Certificate>> ReadCertificates(
    const std::vector<std::string>& paths) {
  std::vector<DiagnosisFacts::Certificate> certificates;
  for (const std::string& path : paths) {
    CUSP_ASSIGN_OR_RETURN(const std::string pem, ReadFile(path, kMaxCertBytes));
    CUSP_ASSIGN_OR_RETURN(const int64_t expiry, CertificateExpiry(path, pem));
    certificates.push_back({path, expiry * 1'000'000});
  }
  return certificates;
}

absl::StatusOr<DiagnosisFacts> GatherFacts(Store& store, const LiveBoard& board, const Clock& clock,
                                           const std::vector<std::string>& certificates) {
  DiagnosisFacts facts;
  facts.data_folder = store.folder();
  const DiskFigures disk = ReadDiskFigures(store.DatabasePath());
  facts.free_bytes = disk.free_bytes;
  facts.database_bytes = disk.database_bytes;
  facts.wal_bytes = disk.wal_bytes;
  CUSP_ASSIGN_OR_RETURN(facts.network_file_system, NetworkFileSystemOf(store.folder()));
  facts.known_schema = Migrations().back().version;
  facts.server_version = kVersion;
  facts.open_files = OpenFiles(store.folder());
  CUSP_ASSIGN_OR_RETURN(const FolderAccess access, FolderAccessOf(store.folder()));
  facts.folder_fault = access.fault;
  facts.folder_remedy = access.remedy;
  facts.is_folder_open_to_all = access.is_open_to_all;
  facts.is_clock_synchronised = IsClockSynchronised();
  CUSP_RETURN_IF_ERROR(AddStored(store, board, facts));
  const absl::Status ready = CheckReady(store);
  facts.takes_writes = ready.ok() || absl::IsResourceExhausted(ready);
  facts.write_fault = std::string(ready.message());
  CUSP_ASSIGN_OR_RETURN(facts.certificates, ReadCertificates(certificates));
  facts.server_us = clock.WallMicros();  // last, nearest to the answer
  return facts;
}

}  // namespace cusp::server
