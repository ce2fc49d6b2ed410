// Provenances, each stored once under the hash of all that makes them equal, and the
// conditions under which generations began. Each function runs within the caller's
// transaction.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/queue/records.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

// Id of an equal provenance, stored where it is new; its conditions are not.
absl::StatusOr<int64_t> EnsureProvenance(Transaction& tx, const Provenance& provenance);

// With its `id`, without conditions. NOT_FOUND.
absl::StatusOr<Provenance> LoadProvenance(Database& db, int64_t id);

// Sets the conditions of the sweep's current generation. INVALID_ARGUMENT for a
// variant that the job does not have.
absl::Status StoreConditions(Transaction& tx, const Sweep& sweep, const Conditions& conditions);

// Fills in the conditions of the sweep's provenance; nothing where it has none.
absl::Status LoadConditions(Database& db, Sweep& sweep);

}  // namespace cusp::server
