#include "server/store/artifact_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <filesystem>
#include <system_error>

#include "common/errno_status.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace cusp::server {
namespace {

constexpr size_t kFanOutDigits = 2;
constexpr char kIncoming[] = "incoming";

int64_t ModifiedMicros(const struct stat& info) {
  return int64_t{info.st_mtim.tv_sec} * 1'000'000 + info.st_mtim.tv_nsec / 1000;
}

}  // namespace

absl::Status ArtifactFolder::Make() const { return MakeDirectories(path_ + "/" + kIncoming); }

std::string ArtifactFolder::PathOf(const std::string& sha256) const {
  return path_ + "/" + sha256.substr(0, kFanOutDigits) + "/" + sha256;
}

std::string ArtifactFolder::IncomingPathOf(const std::string& sha256, int64_t user_id) const {
  return path_ + "/" + kIncoming + "/" + sha256 + "-" + std::to_string(user_id);
}

absl::StatusOr<UniqueFd> ArtifactFolder::Open(const std::string& sha256) const {
  const std::string path = PathOf(sha256);
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.ok()) {
    return ErrnoStatus(path);
  }
  return fd;
}

int64_t ArtifactFolder::IncomingBytes(const std::string& sha256, int64_t user_id) const {
  struct stat info {};
  return stat(IncomingPathOf(sha256, user_id).c_str(), &info) == 0 ? int64_t{info.st_size} : 0;
}

std::vector<std::string> ArtifactFolder::List() const {
  std::vector<std::string> hashes;
  std::error_code ignored;
  for (const auto& folder : std::filesystem::directory_iterator(path_, ignored)) {
    if (folder.path().filename() == kIncoming) {
      continue;
    }
    for (const auto& file : std::filesystem::directory_iterator(folder, ignored)) {
      hashes.push_back(file.path().filename().string());
    }
  }
  return hashes;
}

void ArtifactFolder::Remove(const std::string& sha256) const { unlink(PathOf(sha256).c_str()); }

void ArtifactFolder::RemoveIncoming(int64_t older_than_us) const {
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(path_ + "/" + kIncoming, ignored)) {
    const UniqueFd fd(open(file.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat info {};
    if (fd.ok() && fstat(fd.get(), &info) == 0 && ModifiedMicros(info) < older_than_us &&
        flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
      unlink(file.path().c_str());
    }
  }
}

}  // namespace cusp::server
