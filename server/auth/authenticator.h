// Who calls. Roles and users will be decided here too.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cusp::server {

// Whoever made a call.
struct Caller {
  std::string user;
};

// Name of the user behind a token's SHA-256 in hex, or nothing.
using TokenLookup =
    std::function<absl::StatusOr<std::optional<std::string>>(const std::string& sha256_hex)>;

// Decides for each call who makes it. Thread-safe.
class Authenticator {
 public:
  // For a socket that only its owner can open: everybody is "local".
  static Authenticator ForPrivateSocket() { return Authenticator(nullptr); }
  // For TCP: a token is always needed.
  static Authenticator ForTokens(TokenLookup lookup) { return Authenticator(std::move(lookup)); }

  // `authorization` is the call's header of that name. UNAUTHENTICATED with the
  // remedy; never says why a token is wrong.
  absl::StatusOr<Caller> Check(std::optional<std::string_view> authorization) const;

 private:
  explicit Authenticator(TokenLookup lookup) : lookup_(std::move(lookup)) {}

  TokenLookup lookup_;
};

// 256 random bits in hex.
std::string NewToken();

// Writes `token` to a new file that only its owner can read (0600). ALREADY_EXISTS;
// UNAVAILABLE.
absl::Status WriteTokenFile(const std::string& path, const std::string& token);

// Content of a key file. FAILED_PRECONDITION where others can read it.
absl::StatusOr<std::string> ReadPrivateFile(const std::string& path);

}  // namespace cusp::server
