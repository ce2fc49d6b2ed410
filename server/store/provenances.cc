#include "server/store/provenances.h"

#include <string>

#include "common/sha256.h"
#include "common/status_macros.h"

namespace cusp::server {
namespace {

// One text per provenance: lengths before values keep fields apart.
std::string Canonical(const Provenance& p) {
  std::string text;
  for (const std::string* field :
       {&p.device_class, &p.device, &p.host, &p.driver_version, &p.torch_version, &p.cusp_version,
        &p.build_id, &p.affinity, &p.allocator, &p.cpu_capability, &p.kernel}) {
    text += std::to_string(field->size()) + ":" + *field;
  }
  return text + std::to_string(p.threads);
}

}  // namespace

absl::StatusOr<int64_t> EnsureProvenance(Transaction& tx, const Provenance& p) {
  const std::string hash = Sha256Hex(Canonical(p));
  Query query(tx.db, "SELECT id FROM provenances WHERE sha256 = ?", Blob{hash});
  if (query.Next()) {
    return query.Int(0);
  }
  CUSP_RETURN_IF_ERROR(query.status());
  CUSP_RETURN_IF_ERROR(Run(
      tx.db,
      "INSERT INTO provenances (sha256, device_class, device, host, driver_version,"
      " torch_version, cusp_version, build_id, threads, affinity, allocator, cpu_capability,"
      " kernel) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      Blob{hash}, p.device_class, p.device, p.host, p.driver_version, p.torch_version,
      p.cusp_version, p.build_id, p.threads, p.affinity, p.allocator, p.cpu_capability, p.kernel));
  return tx.db.LastInsertId();
}

absl::StatusOr<Provenance> LoadProvenance(Database& db, int64_t id) {
  Query query(db,
              "SELECT device_class, device, host, driver_version, torch_version, cusp_version,"
              " build_id, threads, affinity, allocator, cpu_capability, kernel FROM provenances"
              " WHERE id = ?",
              id);
  if (!query.Next()) {
    CUSP_RETURN_IF_ERROR(query.status());
    return absl::NotFoundError("there is no such provenance");
  }
  Provenance p;
  p.device_class = query.Text(0);
  p.device = query.Text(1);
  p.host = query.Text(2);
  p.driver_version = query.Text(3);
  p.torch_version = query.Text(4);
  p.cusp_version = query.Text(5);
  p.build_id = query.Text(6);
  p.threads = query.AsInt(7);
  p.affinity = query.Text(8);
  p.allocator = query.Text(9);
  p.cpu_capability = query.Text(10);
  p.kernel = query.Text(11);
  return p;
}

}  // namespace cusp::server
