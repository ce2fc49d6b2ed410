#include "server/store/data_folder.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <utility>

#include "common/file.h"
#include "common/status_macros.h"

namespace cusp::server {
namespace {

struct FileSystem {
  unsigned long type;
  const char* name;
};

// Magic numbers of statfs(2) for file systems without shared memory between
// machines, which SQLite's log needs.
constexpr FileSystem kNetworkFileSystems[] = {
    {0x6969, "NFS"},      {0xff534d42, "CIFS"}, {0xfe534d42, "SMB2"},   {0x517b, "SMB"},
    {0x00c36400, "Ceph"}, {0x01021997, "9P"},   {0x0bd00bd0, "Lustre"}, {0x47504653, "GPFS"},
    {0x5346414f, "AFS"},  {0x73757245, "Coda"}, {0x19830326, "BeeGFS"}, {0x7461636f, "OCFS2"},
};
constexpr unsigned long kFuse = 0x65735546;

// Kind of the FUSE mount that holds `path` ("fuse.sshfs"), from the mount table.
std::string FuseTypeOf(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    return "";
  }
  std::ifstream mounts("/proc/self/mountinfo");
  const std::string device =
      std::to_string(major(info.st_dev)) + ":" + std::to_string(minor(info.st_dev));
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string id, parent, numbers, word;
    fields >> id >> parent >> numbers;
    if (numbers != device) {
      continue;
    }
    while (fields >> word && word != "-") {
    }
    fields >> word;
    return word;
  }
  return "";
}

absl::Status CheckFileSystem(const std::string& path) {
  CUSP_ASSIGN_OR_RETURN(const std::string found, NetworkFileSystemOf(path));
  if (found.empty()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      path + " lies on " + found +
      ", a network file system: the database needs memory shared between processes and locks that "
      "hold, which it does not give; choose a folder on a local disk with --data");
}

absl::Status WithRemedy(const absl::Status& status) {
  return status.ok() ? status
                     : absl::Status(status.code(), std::string(status.message()) +
                                                       "; give the data folder to the account that "
                                                       "runs cuspd, or choose another with --data");
}

}  // namespace

const char* NetworkFileSystemName(unsigned long type) {
  for (const FileSystem& entry : kNetworkFileSystems) {
    if (entry.type == type) {
      return entry.name;
    }
  }
  return nullptr;
}

absl::StatusOr<std::string> NetworkFileSystemOf(const std::string& path) {
  struct statfs info {};
  if (statfs(path.c_str(), &info) != 0) {
    return absl::UnavailableError("cannot examine " + path + ": " + std::strerror(errno));
  }
  const auto type = static_cast<unsigned long>(info.f_type) & 0xffffffffUL;
  if (const char* name = NetworkFileSystemName(type); name != nullptr) {
    return std::string(name);
  }
  if (type == kFuse) {
    const std::string fuse = FuseTypeOf(path);
    const char* const remote[] = {"fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.glusterfs",
                                  "fuse.gcsfuse"};
    if (std::find(std::begin(remote), std::end(remote), fuse) != std::end(remote)) {
      return fuse;
    }
  }
  return std::string();
}

FolderAccess JudgeFolderAccess(const std::string& path, unsigned mode, unsigned owner,
                               unsigned own) {
  char octal[8];
  std::snprintf(octal, sizeof octal, "%04o", mode & 07777U);
  const std::string has_mode = path + " has mode " + octal;
  if ((mode & S_IWOTH) != 0) {
    return {true, has_mode + ": every account may put files into it",
            (mode & S_ISVTX) != 0
                ? "choose a folder that is cuspd's alone, such as " + path + "/cusp, with --data"
                : "run `chmod 700 " + path + "`"};
  }
  if (owner != 0 && owner != own) {
    return {false,
            path + " belongs to account " + std::to_string(owner) +
                ", which is neither root nor the one that runs cuspd, " + std::to_string(own),
            "run `chown " + std::to_string(own) + " " + path + "`, or cuspd as the other"};
  }
  if ((mode & S_IWGRP) != 0) {
    return {false, has_mode + ": its group may put files into it", "run `chmod 700 " + path + "`"};
  }
  return {};
}

absl::StatusOr<FolderAccess> FolderAccessOf(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    return absl::UnavailableError("cannot examine " + path + ": " + std::strerror(errno));
  }
  return JudgeFolderAccess(path, info.st_mode, info.st_uid, geteuid());
}

absl::StatusOr<DataFolder> DataFolder::Open(const std::string& path) {
  CUSP_RETURN_IF_ERROR(WithRemedy(MakeDirectories(path)));
  CUSP_RETURN_IF_ERROR(CheckFileSystem(path));
  CUSP_ASSIGN_OR_RETURN(const FolderAccess access, FolderAccessOf(path));
  if (access.is_open_to_all) {
    return absl::FailedPreconditionError(access.fault + "; " + access.remedy);
  }
  absl::StatusOr<std::optional<FileLock>> lock = FileLock::TryTake(path + "/cuspd.lock");
  CUSP_RETURN_IF_ERROR(WithRemedy(lock.status()));
  if (!lock->has_value()) {
    return absl::FailedPreconditionError("another cuspd uses the data folder " + path +
                                         "; stop it, or choose another folder with --data");
  }
  return DataFolder(path, access.fault.empty() ? "" : access.fault + "; " + access.remedy,
                    **std::move(lock));
}

bool DataFolder::LeftByCrash() const {
  struct stat info {};
  return stat((DatabasePath() + "-wal").c_str(), &info) == 0 && info.st_size > 0;
}

}  // namespace cusp::server
