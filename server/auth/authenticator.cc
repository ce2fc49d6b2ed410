#include "server/auth/authenticator.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "common/check.h"
#include "common/file.h"
#include "common/sha256.h"
#include "common/status_macros.h"

namespace cusp::server {
namespace {

constexpr std::string_view kBearer = "Bearer ";
constexpr size_t kMaxKeyBytes = 1U << 20U;
constexpr char kRemedy[] =
    "; give the service's token with --token-file or CUSP_TOKEN_FILE (the first start wrote it to "
    "admin.token in the service's data folder)";

}  // namespace

absl::StatusOr<Caller> Authenticator::Check(std::optional<std::string_view> authorization) const {
  if (lookup_ == nullptr) {
    return Caller{"local"};
  }
  if (!authorization.has_value()) {
    return absl::UnauthenticatedError(std::string("the call has no token") + kRemedy);
  }
  if (authorization->substr(0, kBearer.size()) != kBearer) {
    return absl::UnauthenticatedError(
        std::string("the authorization header is not \"Bearer TOKEN\"") + kRemedy);
  }
  // Looked up by its hash, so that timing tells nothing of the token.
  CUSP_ASSIGN_OR_RETURN(const std::optional<std::string> user,
                        lookup_(Sha256Hex(authorization->substr(kBearer.size()))));
  if (!user.has_value()) {
    return absl::UnauthenticatedError(std::string("the token is not known here") + kRemedy);
  }
  return Caller{*user};
}

std::string NewToken() {
  std::array<unsigned char, 32> bytes{};
  CUSP_CHECK(getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  constexpr char kDigits[] = "0123456789abcdef";
  std::string token;
  for (const unsigned char byte : bytes) {
    token.push_back(kDigits[byte >> 4U]);
    token.push_back(kDigits[byte & 0xfU]);
  }
  return token;
}

absl::Status WriteTokenFile(const std::string& path, const std::string& token) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    const std::string message = "cannot make " + path + ": " + std::strerror(errno);
    return errno == EEXIST ? absl::AlreadyExistsError(message) : absl::UnavailableError(message);
  }
  const std::string line = token + "\n";
  const bool written =
      write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && fsync(fd) == 0;
  const int cause = errno;
  close(fd);
  if (!written) {
    unlink(path.c_str());
    return absl::UnavailableError("cannot write " + path + ": " + std::strerror(cause));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadPrivateFile(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) == 0 && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::FailedPreconditionError(path + " can be read by others; run `chmod 600 " + path +
                                         "`");
  }
  return ReadFile(path, kMaxKeyBytes);
}

}  // namespace cusp::server
