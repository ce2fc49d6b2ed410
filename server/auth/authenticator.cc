#include "server/auth/authenticator.h"

#include <sys/random.h>

#include <array>
#include <utility>

#include "common/check.h"
#include "common/sha256.h"
#include "common/status_macros.h"

namespace cusp::server {
namespace {

constexpr std::string_view kBearer = "Bearer ";
constexpr size_t kTokenDigits = 64;
constexpr char kRemedy[] =
    "; log in with `cusp login`, or give a token's file with --token-file or CUSP_TOKEN_FILE (an "
    "administrator makes tokens with `cusp admin token create`; the first start wrote one to "
    "admin.token in the service's data folder)";

bool LooksLikeToken(std::string_view text) {
  return text.size() == kTokenDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

bool IsValid(const TokenFacts& token, int64_t now_us) {
  return !token.is_revoked && (!token.expire_time_us.has_value() || now_us < *token.expire_time_us);
}

absl::StatusOr<Caller> Authenticator::Check(std::optional<std::string_view> authorization) const {
  if (lookup_ == nullptr) {
    return Caller{.user = "local", .role = Role::kAdmin};
  }
  if (!authorization.has_value()) {
    return absl::UnauthenticatedError(std::string("the call has no token") + kRemedy);
  }
  if (authorization->substr(0, kBearer.size()) != kBearer) {
    return absl::UnauthenticatedError(
        std::string("the authorization header is not \"Bearer TOKEN\"") + kRemedy);
  }
  const std::string_view secret = authorization->substr(kBearer.size());
  std::optional<TokenFacts> token;
  if (LooksLikeToken(secret)) {
    // Looked up by its hash, so that timing tells nothing of the token.
    CUSP_ASSIGN_OR_RETURN(token, lookup_(Sha256Hex(secret)));
  }
  if (!token.has_value() || !IsValid(*token, clock_->WallMicros())) {
    return absl::UnauthenticatedError(
        std::string("the token is not known here, was revoked or has expired") + kRemedy);
  }
  return Caller{.user = token->user,
                .role = token->role,
                .token_id = token->id,
                .expire_time_us = token->expire_time_us};
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

}  // namespace cusp::server
