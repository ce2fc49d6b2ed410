// Who calls, by which token.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "server/auth/open_calls.h"
#include "server/auth/permissions.h"

namespace cusp::server {

// Whoever made a call.
struct Caller {
  std::string user;
  Role role = Role::kReader;
  int64_t token_id = 0;                                  // 0: on the private socket, without one
  std::optional<int64_t> expire_time_us = std::nullopt;  // the token's
  CallSlot slot = nullptr;                               // set by the gate

  bool is_admin() const { return Allows(role, Permission::kAdminister); }
};

// What is stored of a token.
struct TokenFacts {
  int64_t id = 0;
  std::string user;
  Role role = Role::kReader;
  std::optional<int64_t> expire_time_us = std::nullopt;  // since 1970 UTC
  bool is_revoked = false;
};

// Neither revoked nor expired.
bool IsValid(const TokenFacts& token, int64_t now_us);

// The token of a SHA-256 in hex, or nothing. Asked at each call: what it once said
// is kept nowhere, so that a revocation acts at once.
using TokenLookup =
    std::function<absl::StatusOr<std::optional<TokenFacts>>(const std::string& sha256_hex)>;

// Decides for each call who makes it. Thread-safe.
class Authenticator {
 public:
  // For a socket that only its owner can open: everybody is "local", and may do all.
  static Authenticator ForPrivateSocket() { return Authenticator(nullptr, nullptr); }
  // For TCP: a token is always needed. `clock` outlives it.
  static Authenticator ForTokens(TokenLookup lookup, const Clock& clock) {
    return Authenticator(std::move(lookup), &clock);
  }

  // `authorization` is the call's header of that name. UNAUTHENTICATED with the
  // remedy; never says why a token is wrong. What cannot be a token costs no lookup.
  absl::StatusOr<Caller> Check(std::optional<std::string_view> authorization) const;

 private:
  Authenticator(TokenLookup lookup, const Clock* clock)
      : lookup_(std::move(lookup)), clock_(clock) {}

  TokenLookup lookup_;  // nullptr: the private socket
  const Clock* clock_;
};

// 256 random bits in hex.
std::string NewToken();

}  // namespace cusp::server
