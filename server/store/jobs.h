// Jobs in the database, with their sweeps. Each function runs within the caller's
// transaction and asks server/queue for every decision.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/queue/records.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

// What a submission brings.
struct NewJob {
  std::string public_id;
  std::string display_name;
  std::string owner;
  int priority = 0;
  std::string device;
  std::string spec;
  std::vector<std::string> baselines;       // names
  std::vector<std::string> candidates;      // names, distinct from the baselines'
  std::vector<std::pair<int, int>> sweeps;  // (mode, dtype)
  bool hold = false;
  std::vector<std::string> after_ok;  // public ids, or beginnings of them
  std::optional<int64_t> deadline_us;
  std::vector<std::string> weights = {};  // SHA-256 in hex, of variants that bring some
};

// Queues a job. The answer has no spec. NOT_FOUND (a job of after_ok),
// INVALID_ARGUMENT (one that several fit, a deadline that has passed),
// RESOURCE_EXHAUSTED (too many queued jobs of the owner). A job whose after_ok
// did not succeed has failed when it is answered.
absl::StatusOr<Job> InsertJob(Transaction& tx, const NewJob& job);

// Id of the job whose public id is or begins with `prefix`. NOT_FOUND;
// INVALID_ARGUMENT where several do.
absl::StatusOr<int64_t> ResolveJob(Database& db, std::string_view prefix);

// A job with its sweeps. NOT_FOUND.
absl::StatusOr<Job> LoadJob(Database& db, int64_t id, bool with_spec);

// A job's serialized spec. NOT_FOUND.
absl::StatusOr<std::string> LoadSpec(Database& db, int64_t id);

// A page of jobs without sweeps and specs, newest first.
struct JobFilter {
  std::optional<std::string> owner;
  std::vector<JobState> states;  // empty: all
  int64_t before_id = INT64_MAX;
  int limit = 100;
};
absl::StatusOr<std::vector<Job>> ListJobs(Database& db, const JobFilter& filter);

// A sweep by its job's full public id or a prefix of it. NOT_FOUND.
absl::StatusOr<Sweep> LoadSweep(Database& db, std::string_view job, int number);

// Names of a job's variants in the order of their numbers.
absl::StatusOr<std::vector<std::string>> VariantNames(Database& db, int64_t job_id);

}  // namespace cusp::server
