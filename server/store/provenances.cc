#include "server/store/provenances.h"

#include <string>
#include <string_view>
#include <utility>

#include "common/sha256.h"
#include "common/status_macros.h"

namespace cusp::server {
namespace {

constexpr size_t kIdDigits = 8;

// One text per provenance: lengths before values keep fields apart. What the second
// schema added is part of it only where set, so that what the first one stored keeps
// its hash.
std::string Canonical(const Provenance& p) {
  std::string text;
  const auto add = [&text](const std::string& field) {
    text += std::to_string(field.size()) + ":" + field;
  };
  for (const std::string* field :
       {&p.device_class, &p.device, &p.host, &p.driver_version, &p.torch_version, &p.cusp_version,
        &p.build_id, &p.affinity, &p.allocator, &p.cpu_capability, &p.kernel}) {
    add(*field);
  }
  text += std::to_string(p.threads);
  const std::pair<const char*, std::string> added[] = {
      {"numbers", p.number_settings},
      {"memory", p.memory_bytes > 0 ? std::to_string(p.memory_bytes) : ""},
      {"governor", p.cpu_governor},
      {"min", p.cpu_min_mhz > 0 ? std::to_string(p.cpu_min_mhz) : ""},
      {"max", p.cpu_max_mhz > 0 ? std::to_string(p.cpu_max_mhz) : ""},
      {"cpus", p.cpus > 0 ? std::to_string(p.cpus) : ""},
      {"libc", p.libc},
      {"microcode", p.microcode},
      {"virtual", p.virtual_machine ? "yes" : ""},
      {"clock", p.device_clock_mhz > 0 ? std::to_string(p.device_clock_mhz) : ""},
      {"memory_clock",
       p.device_memory_clock_mhz > 0 ? std::to_string(p.device_memory_clock_mhz) : ""}};
  for (const auto& [name, value] : added) {
    if (!value.empty()) {
      text += std::string(";") + name + "=";
      add(value);
    }
  }
  return text;
}

// The columns of ReadProvenance(), in its order.
constexpr std::string_view kColumns =
    "device_class, device, host, driver_version, torch_version, cusp_version, build_id, threads,"
    " affinity, allocator, cpu_capability, kernel, number_settings, memory_bytes, cpu_governor,"
    " cpu_min_mhz, cpu_max_mhz, cpus, libc, microcode, virtual_machine, device_clock_mhz,"
    " device_memory_clock_mhz, sha256";

Provenance ReadProvenance(const Query& query) {
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
  p.number_settings = query.Text(12);
  p.memory_bytes = query.Int(13);
  p.cpu_governor = query.Text(14);
  p.cpu_min_mhz = query.AsInt(15);
  p.cpu_max_mhz = query.AsInt(16);
  p.cpus = query.AsInt(17);
  p.libc = query.Text(18);
  p.microcode = query.Text(19);
  p.virtual_machine = query.Int(20) != 0;
  p.device_clock_mhz = query.AsInt(21);
  p.device_memory_clock_mhz = query.AsInt(22);
  p.id = std::string(query.Bytes(23).substr(0, kIdDigits));
  return p;
}

}  // namespace

absl::StatusOr<int64_t> EnsureProvenance(Transaction& tx, const Provenance& p) {
  const std::string hash = Sha256Hex(Canonical(p));
  Query query(tx.db, "SELECT id FROM provenances WHERE sha256 = ?", Blob{hash});
  if (query.Next()) {
    return query.Int(0);
  }
  CUSP_RETURN_IF_ERROR(query.status());
  static const std::string sql =
      "INSERT INTO provenances (" + std::string(kColumns) +
      ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  CUSP_RETURN_IF_ERROR(Run(tx.db, sql, p.device_class, p.device, p.host, p.driver_version,
                           p.torch_version, p.cusp_version, p.build_id, p.threads, p.affinity,
                           p.allocator, p.cpu_capability, p.kernel, p.number_settings,
                           p.memory_bytes, p.cpu_governor, p.cpu_min_mhz, p.cpu_max_mhz, p.cpus,
                           p.libc, p.microcode, p.virtual_machine ? 1 : 0, p.device_clock_mhz,
                           p.device_memory_clock_mhz, Blob{hash}));
  return tx.db.LastInsertId();
}

absl::StatusOr<Provenance> LoadProvenance(Database& db, int64_t id) {
  static const std::string sql =
      "SELECT " + std::string(kColumns) + " FROM provenances WHERE id = ?";
  Query query(db, sql, id);
  if (!query.Next()) {
    CUSP_RETURN_IF_ERROR(query.status());
    return absl::NotFoundError("there is no such provenance");
  }
  return ReadProvenance(query);
}

absl::Status StoreConditions(Transaction& tx, const Sweep& sweep, const Conditions& conditions) {
  CUSP_RETURN_IF_ERROR(Run(tx.db,
                           "UPDATE generations SET start_time_us = ?, load_average = ?,"
                           " runnable_threads = ?, device_processes = ? WHERE sweep_id = ?"
                           " AND generation = ?",
                           conditions.start_time_us, conditions.load_average,
                           conditions.runnable_threads, conditions.device_processes, sweep.id,
                           sweep.generation));
  for (const VariantConfig& variant : conditions.variants) {
    CUSP_RETURN_IF_ERROR(Run(tx.db,
                             "INSERT OR REPLACE INTO generation_variants (sweep_id, generation,"
                             " variant, config_sha256) SELECT ?, ?, number, ? FROM variants"
                             " WHERE job_id = ? AND name = ?",
                             sweep.id, sweep.generation, variant.config_sha256, sweep.job_id,
                             variant.variant));
    if (tx.db.Changes() != 1) {
      return absl::InvalidArgumentError("the job has no variant \"" + variant.variant + "\"");
    }
  }
  return absl::OkStatus();
}

absl::Status LoadConditions(Database& db, Sweep& sweep) {
  if (!sweep.provenance.has_value()) {
    return absl::OkStatus();
  }
  Conditions& conditions = sweep.provenance->conditions;
  Query query(db,
              "SELECT start_time_us, load_average, runnable_threads, device_processes"
              " FROM generations WHERE sweep_id = ? AND generation = ?",
              sweep.id, sweep.generation);
  if (query.Next()) {
    conditions.start_time_us = query.OptionalInt(0);
    if (!query.IsNull(1)) {
      conditions.load_average = query.Real(1);
    }
    if (!query.IsNull(2)) {
      conditions.runnable_threads = query.AsInt(2);
    }
    if (!query.IsNull(3)) {
      conditions.device_processes = query.AsInt(3);
    }
  }
  CUSP_RETURN_IF_ERROR(query.status());
  Query variants(db,
                 "SELECT v.name, g.config_sha256 FROM generation_variants g JOIN variants v"
                 " ON v.job_id = ? AND v.number = g.variant WHERE g.sweep_id = ?"
                 " AND g.generation = ? ORDER BY g.variant",
                 sweep.job_id, sweep.id, sweep.generation);
  while (variants.Next()) {
    conditions.variants.push_back({variants.Text(0), variants.Text(1)});
  }
  return variants.status();
}

}  // namespace cusp::server
