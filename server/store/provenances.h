// Provenances, each stored once under the hash of all its fields.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "server/queue/records.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

// Id of an equal provenance, stored where it is new.
absl::StatusOr<int64_t> EnsureProvenance(Transaction& tx, const Provenance& provenance);

// NOT_FOUND.
absl::StatusOr<Provenance> LoadProvenance(Database& db, int64_t id);

}  // namespace cusp::server
