// Tokens as the store has them.
#pragma once

#include "absl/status/status.h"
#include "common/clock.h"
#include "server/auth/authenticator.h"
#include "server/store/store.h"

namespace cusp::server {

// Makes the administrator's token and writes it to admin.token in the data folder, where
// there never was one of role admin. Errors of the file or the database.
absl::Status EnsureAdminToken(Store& store);

// Looks tokens up, and notes their use, to the hour. Both outlive it.
TokenLookup LookupIn(Store& store, const Clock& clock);

}  // namespace cusp::server
