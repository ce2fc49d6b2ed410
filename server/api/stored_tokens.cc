#include "server/api/stored_tokens.h"

#include <cstdint>
#include <optional>
#include <string>

#include "common/secret_file.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "server/store/tokens.h"

namespace cusp::server {
namespace {

constexpr char kAdmin[] = "admin";
// How exactly the last use of a token is kept: a write for each call would be dear.
constexpr int64_t kUseGrainUs = int64_t{3600} * 1'000'000;

// Notes the use where the last one noted is old; the call does not wait for it.
void NoteUse(Store& store, const Token& token, int64_t now_us) {
  if (now_us - token.last_use_time_us.value_or(0) < kUseGrainUs) {
    return;
  }
  store.Write<bool>(
      [id = token.id](Transaction& tx) -> absl::StatusOr<bool> {
        CUSP_RETURN_IF_ERROR(TouchToken(tx, id));
        return true;
      },
      [](const absl::StatusOr<bool>&) {});
}

absl::StatusOr<std::optional<TokenFacts>> LookUp(Store& store, const Clock& clock,
                                                 const std::string& sha256_hex) {
  CUSP_ASSIGN_OR_RETURN(
      const std::optional<Token> token,
      store.Read<std::optional<Token>>([&](Database& db) { return FindToken(db, sha256_hex); }));
  if (!token.has_value()) {
    return std::optional<TokenFacts>();
  }
  const TokenFacts facts{.id = token->id,
                         .user = token->user,
                         .role = static_cast<Role>(token->role),
                         .expire_time_us = token->expire_time_us,
                         .is_revoked = token->revoke_time_us.has_value()};
  if (const int64_t now_us = clock.WallMicros(); IsValid(facts, now_us)) {
    NoteUse(store, *token, now_us);
  }
  return facts;
}

}  // namespace

absl::Status EnsureAdminToken(Store& store) {
  constexpr int kRole = static_cast<int>(Role::kAdmin);
  CUSP_ASSIGN_OR_RETURN(const bool has_token,
                        store.Read<bool>([](Database& db) { return HasTokenOf(db, kRole); }));
  if (has_token) {
    return absl::OkStatus();
  }
  const std::string path = store.folder() + "/admin.token";
  absl::StatusOr<std::string> token = NewToken();
  const absl::Status written = CreateSecretFile(path, *token + "\n");
  if (absl::IsAlreadyExists(written)) {
    // A start that died between file and database.
    token = ReadSecretFile(path);
    CUSP_RETURN_IF_ERROR(token.status());
  } else {
    CUSP_RETURN_IF_ERROR(written);
  }
  return store.WriteAndWait([&](Transaction& tx) {
    return InsertToken(tx,
                       {.user = kAdmin,
                        .role = kRole,
                        .role_text = std::string(RoleText(Role::kAdmin)),
                        .sha256_hex = Sha256Hex(*token)},
                       kAdmin)
        .status();
  });
}

TokenLookup LookupIn(Store& store, const Clock& clock) {
  return
      [&store, &clock](const std::string& sha256_hex) { return LookUp(store, clock, sha256_hex); };
}

}  // namespace cusp::server
