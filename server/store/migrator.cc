#include "server/store/migrator.h"

#include <string>

#include "common/status_macros.h"
#include "common/version.h"

namespace cusp::server {
namespace {

absl::Status Apply(Database& db, const Migration& migration) {
  const std::string script = "BEGIN IMMEDIATE;" + std::string(migration.sql) +
                             "; PRAGMA user_version = " + std::to_string(migration.version) +
                             "; COMMIT;";
  const absl::Status applied = db.Execute(script);
  if (!applied.ok() && db.InTransaction()) {
    db.Execute("ROLLBACK").IgnoreError();
  }
  return Annotate(applied, "migration " + std::string(migration.name));
}

}  // namespace

absl::Status Migrate(Database& db, std::span<const Migration> migrations) {
  Query query(db, "PRAGMA user_version");
  const int64_t version = query.Next() ? query.Int(0) : 0;
  CUSP_RETURN_IF_ERROR(query.status());
  const int64_t known = migrations.empty() ? 0 : migrations.back().version;
  if (version > known) {
    return absl::FailedPreconditionError(
        "the database has schema version " + std::to_string(version) + ", but cuspd " +
        std::string(kVersion) + " knows only up to " + std::to_string(known) +
        "; start the newer cuspd that wrote it");
  }
  while (query.Next()) {
  }
  for (const Migration& migration : migrations) {
    if (migration.version > version) {
      CUSP_RETURN_IF_ERROR(Apply(db, migration));
    }
  }
  return absl::OkStatus();
}

}  // namespace cusp::server
