// deploy/systemd/cusp-worker@.service against what the sandbox needs: bubblewrap is
// tried in a mount namespace and under a filter of system calls as systemd makes them.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "common/file.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"
#include "worker/daemon/sandbox.h"

namespace cusp::worker {
namespace {

using ::testing::HasSubstr;

// What an option of systemd 252 mounts something over, in src/core/namespace.c.
const std::map<std::string, std::vector<std::string>> kCovered = {
    {"ProtectKernelTunables", {"/proc/sys", "/proc/bus", "/proc/fs", "/proc/irq", "/sys"}},
    {"ProtectKernelLogs", {"/proc/kmsg", "/dev/kmsg"}},
    {"ProtectHostname", {"/proc/sys/kernel/hostname", "/proc/sys/kernel/domainname"}},
    {"ProtectControlGroups", {"/sys/fs/cgroup"}},
    {"ProtectKernelModules", {"/usr/lib/modules"}},
    {"ProtectHome", {"/home", "/root", "/run/user"}},
};

const std::map<std::string, int> kFamilies = {
    {"AF_UNIX", AF_UNIX}, {"AF_INET", AF_INET}, {"AF_INET6", AF_INET6}, {"AF_NETLINK", AF_NETLINK}};

// A worker's surroundings. No families: all of them.
struct Surroundings {
  std::vector<std::string> covered = {};
  std::vector<int> families = {};
};

std::map<std::string, std::string> UnitOptions() {
  std::istringstream unit(
      ReadFile(SourceFolder() + "/deploy/systemd/cusp-worker@.service", 1U << 16U).value_or(""));
  std::map<std::string, std::string> options;
  for (std::string line; std::getline(unit, line);) {
    const size_t equals = line.find('=');
    if (line.rfind('#', 0) != 0 && equals != std::string::npos) {
      options[line.substr(0, equals)] = line.substr(equals + 1);
    }
  }
  return options;
}

Surroundings OfTheUnit() {
  const auto options = UnitOptions();
  Surroundings unit;
  for (const auto& [option, value] : options) {
    const auto covered = kCovered.find(option);
    if (covered != kCovered.end() && value == "yes") {
      unit.covered.insert(unit.covered.end(), covered->second.begin(), covered->second.end());
    }
  }
  const auto words = [&options](const char* name) {
    const auto found = options.find(name);
    return std::istringstream(found == options.end() ? "" : found->second);
  };
  std::istringstream read_only = words("ReadOnlyPaths");
  for (std::string path; read_only >> path;) {
    unit.covered.push_back(path);
  }
  std::istringstream families = words("RestrictAddressFamilies");
  for (std::string name; families >> name;) {
    const auto family = kFamilies.find(name);
    unit.families.push_back(family == kFamilies.end() ? -1 : family->second);
  }
  return unit;
}

bool WriteTo(const char* path, const std::string& text) {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  return written;
}

// socket() of other families answers EAFNOSUPPORT, as with RestrictAddressFamilies=.
bool RestrictFamilies(const std::vector<int>& families) {
  std::vector<sock_filter> filter = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
  };
  for (const int family : families) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(family), 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT));
  const sock_fprog program{.len = static_cast<unsigned short>(filter.size()),
                           .filter = filter.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// In a process of its own: an account that is not root, with what systemd would cover
// covered. What is mounted there is locked for the namespaces that bubblewrap makes, as
// what systemd has mounted is. Which step failed, or "".
std::string Enter(const Surroundings& surroundings) {
  const std::string uid = std::to_string(geteuid());
  const std::string gid = std::to_string(getegid());
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
    return "unshare";
  }
  if (!WriteTo("/proc/self/setgroups", "deny") ||
      !WriteTo("/proc/self/uid_map", "65534 " + uid + " 1") ||
      !WriteTo("/proc/self/gid_map", "65534 " + gid + " 1")) {
    return "a map of accounts";
  }
  for (const std::string& path : surroundings.covered) {
    if (access(path.c_str(), F_OK) == 0 &&
        mount(path.c_str(), path.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0) {
      return "a mount on " + path;
    }
  }
  if (!surroundings.families.empty() && !RestrictFamilies(surroundings.families)) {
    return "a filter of system calls";
  }
  return "";
}

std::string Bubblewrap() {
  for (const char* path : {"/usr/bin/bwrap", "/usr/local/bin/bwrap"}) {
    if (access(path, X_OK) == 0) {
      return path;
    }
  }
  return "";
}

// Sandbox::Check() there. FAILED_PRECONDITION where they can't be made here.
absl::Status CheckIn(const Surroundings& surroundings) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const pid_t child = fork();
  if (child == 0) {
    std::string said = Enter(surroundings);
    if (!said.empty()) {
      said = "-" + said + ": " + std::strerror(errno);
    } else {
      const auto status = Sandbox({.bwrap = Bubblewrap(), .runner = "/bin/true"}).Check();
      said = status.ok() ? "" : "+" + std::string(status.message());
    }
    const ssize_t written = write(ends[1], said.data(), said.size());
    _exit(written == static_cast<ssize_t>(said.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::string said;
  std::array<char, 4096> part{};
  for (ssize_t n = 0; (n = read(ends[0], part.data(), part.size())) > 0;) {
    said.append(part.data(), static_cast<size_t>(n));
  }
  close(ends[0]);
  int ended = 0;
  EXPECT_EQ(waitpid(child, &ended, 0), child);
  EXPECT_EQ(ended, 0);
  return said.empty()     ? absl::OkStatus()
         : said[0] == '-' ? absl::FailedPreconditionError(said.substr(1))
                          : absl::UnavailableError(said.substr(1));
}

TEST(WorkerUnitTest, HasNoOptionThatBreaksTheSandbox) {
  const auto options = UnitOptions();
  ASSERT_EQ(options.count("ExecStart"), 1U);
  // Covered parts of /proc, no mount(2), no namespaces.
  for (const char* option : {"ProtectKernelTunables", "ProtectKernelLogs", "ProtectHostname",
                             "ProcSubset", "RestrictNamespaces", "SystemCallFilter"}) {
    EXPECT_EQ(options.count(option), 0U) << option;
  }
  EXPECT_THAT(options.at("RestrictAddressFamilies"), HasSubstr("AF_NETLINK"));
}

class SandboxUnderTheUnitTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (Bubblewrap().empty()) {
      GTEST_SKIP() << "there is no bubblewrap";
    }
    if (const absl::Status status = CheckIn({}); !status.ok()) {
      GTEST_SKIP() << "no sandbox in a namespace of one's own: " << status.message();
    }
  }
};

TEST_F(SandboxUnderTheUnitTest, BubblewrapWorksUnderAllThatTheUnitSets) {
  const Surroundings unit = OfTheUnit();
  EXPECT_FALSE(unit.covered.empty());
  EXPECT_FALSE(unit.families.empty());
  EXPECT_THAT(CheckIn(unit), IsOk());
}

// Why the unit lacks them, and that this test would notice.
TEST_F(SandboxUnderTheUnitTest, BubblewrapIsRefusedWherePartsOfProcAreCovered) {
  for (const char* option : {"ProtectKernelTunables", "ProtectKernelLogs", "ProtectHostname"}) {
    EXPECT_THAT(CheckIn({.covered = kCovered.at(option)}),
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/newroot/proc")))
        << option;
  }
}

TEST_F(SandboxUnderTheUnitTest, BubblewrapIsRefusedWithoutNetlink) {
  EXPECT_THAT(CheckIn({.families = {AF_UNIX, AF_INET, AF_INET6}}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("loopback")));
}

}  // namespace
}  // namespace cusp::worker
