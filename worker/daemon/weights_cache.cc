#include "worker/daemon/weights_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <tuple>

#include "common/errno_status.h"
#include "common/file.h"
#include "common/ids.h"
#include "common/status_macros.h"

namespace cusp::worker {
namespace {

namespace fs = std::filesystem;

constexpr char kPart[] = ".part";
constexpr char kView[] = "view-";
constexpr size_t kHashDigits = 64;

UniqueFd OpenToLock(const std::string& path) {
  return UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
}

// Removes a folder, unless it is somebody's view.
void RemoveDeadView(const std::string& path) {
  const UniqueFd fd = OpenToLock(path);
  if (fd.ok() && flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
}

}  // namespace

absl::Status WeightsCache::Make() const {
  CUSP_RETURN_IF_ERROR(MakeDirectories(folder_));
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    if (entry.path().filename().string().starts_with(kView)) {
      RemoveDeadView(entry.path().string());
    }
  }
  return absl::OkStatus();
}

std::optional<UniqueFd> WeightsCache::Pin(const std::string& sha256, int64_t size_bytes) const {
  const std::string path = PathOf(sha256);
  UniqueFd fd = OpenToLock(path);
  struct stat held {};
  struct stat info {};
  // Looked at once it is locked: whoever removes files asks for the lock as well.
  if (!fd.ok() || flock(fd.get(), LOCK_SH | LOCK_NB) != 0 || fstat(fd.get(), &held) != 0 ||
      stat(path.c_str(), &info) != 0 || held.st_ino != info.st_ino) {
    return std::nullopt;
  }
  if (info.st_size != size_bytes) {
    unlink(path.c_str());
    return std::nullopt;
  }
  (void)futimens(fd.get(), nullptr);  // used now; its age only decides what goes first
  return fd;
}

absl::StatusOr<GrowingFile> WeightsCache::Begin(const std::string& sha256,
                                                int64_t size_bytes) const {
  MakeRoom(size_bytes);
  CUSP_ASSIGN_OR_RETURN(GrowingFile file, GrowingFile::Open(PathOf(sha256) + kPart));
  if (file.size() > size_bytes) {
    CUSP_RETURN_IF_ERROR(file.Clear());
  }
  return file;
}

void WeightsCache::MakeRoom(int64_t bytes) const {
  if (max_bytes_ == 0) {
    return;
  }
  std::vector<std::tuple<fs::file_time_type, std::string, int64_t>> files;
  int64_t total = bytes;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    if (entry.is_regular_file(error) && !error &&
        entry.path().filename().string().size() >= kHashDigits) {
      const auto size = static_cast<int64_t>(entry.file_size(error));
      const auto time = entry.last_write_time(error);
      if (!error) {
        files.emplace_back(time, entry.path().string(), size);
        total += size;
      }
    }
  }
  std::sort(files.begin(), files.end());
  for (const auto& [time, path, size] : files) {
    if (total <= max_bytes_) {
      return;
    }
    const UniqueFd fd = OpenToLock(path);
    if (fd.ok() && flock(fd.get(), LOCK_EX | LOCK_NB) == 0 && unlink(path.c_str()) == 0) {
      total -= size;
    }
  }
}

absl::StatusOr<WeightsCache::View> WeightsCache::MakeView(
    const std::vector<std::pair<std::string, std::string>>& names) const {
  const std::string path = folder_ + "/" + kView + NewShortId();
  CUSP_RETURN_IF_ERROR(MakeDirectories(path));
  UniqueFd lock = OpenToLock(path);
  if (!lock.ok() || flock(lock.get(), LOCK_SH | LOCK_NB) != 0) {
    return ErrnoStatus(path);
  }
  View view(path, std::move(lock));
  for (const auto& [name, sha256] : names) {
    std::error_code error;
    fs::create_symlink("../" + sha256, fs::path(path) / name, error);
    if (error) {
      return absl::UnavailableError(path + "/" + name + ": " + error.message());
    }
  }
  return view;
}

WeightsCache::View::~View() {
  if (lock_.ok()) {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
}

std::string DefaultWeightsCache() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') {
    return std::string(cache) + "/cusp/weights";
  }
  const char* home = std::getenv("HOME");
  return home != nullptr && home[0] == '/' ? std::string(home) + "/.cache/cusp/weights" : "";
}

}  // namespace cusp::worker
