// What the coordinator knows, as plain structs. Enumerators have the numbers of
// the protocol, which are also the numbers in the database: never renumber.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cusp::server {

enum class JobState {
  kQueued = 1,
  kHeld = 2,
  kRunning = 3,
  kSucceeded = 4,
  kFailed = 5,
  kCancelled = 6,
};

enum class SweepState { kQueued = 1, kRunning = 2, kSucceeded = 3, kFailed = 4, kCancelled = 5 };

enum class AttemptState {
  kActive = 1,      // holds the lease
  kExpired = 2,     // lease ran out; its worker may still come back
  kSucceeded = 3,   // ended by its worker with a result
  kFailed = 4,      // ended by its worker with a failure
  kReleased = 5,    // given back
  kSuperseded = 6,  // a newer attempt took its place
  kCancelled = 7,   // its job was cancelled, or failed by its deadline
};

struct Failure {
  int reason = 0;  // number of v1.Failure.Reason
  std::string message;
};

// Numbers of v1.Failure.Reason that the rules give or look at.
inline constexpr int kReasonInvalidConfig = 3;
inline constexpr int kReasonOutOfMemory = 5;
inline constexpr int kReasonDeadline = 6;
inline constexpr int kReasonInternal = 7;
inline constexpr int kReasonDependency = 8;

// Numbers of v1.Outcome that the rules look at.
inline constexpr int kOutcomeOk = 1;
inline constexpr int kOutcomeOutOfMemory = 2;

// What one variant of a sweep was built from.
struct VariantConfig {
  std::string variant;        // name
  std::string config_sha256;  // hex
};

// How the measuring of a generation began.
struct Conditions {
  std::optional<int64_t> start_time_us;
  std::optional<double> load_average;
  std::optional<int> runnable_threads;
  std::optional<int> device_processes;
  std::vector<VariantConfig> variants;
};

// Where and with what a sweep was measured. Two are equal where all but `id` and
// `conditions` is.
struct Provenance {
  std::string device_class;
  std::string device;
  std::string host;
  std::string driver_version;
  std::string torch_version;
  std::string cusp_version;
  std::string build_id;
  int threads = 0;
  std::string affinity;
  std::string allocator;
  std::string cpu_capability;
  std::string kernel;
  std::string number_settings;
  int64_t memory_bytes = 0;
  std::string cpu_governor;
  int cpu_min_mhz = 0;
  int cpu_max_mhz = 0;
  int cpus = 0;
  std::string libc;
  std::string microcode;
  bool virtual_machine = false;
  int device_clock_mhz = 0;
  int device_memory_clock_mhz = 0;
  std::string id;         // the beginning of its hash, once stored
  Conditions conditions;  // of the generation, not of the provenance
};

// Why a queued sweep is not given out, as bits of a number; 0: it is.
inline constexpr int kBlockedByHold = 1;
inline constexpr int kBlockedByJobs = 2;

struct Sweep {
  int64_t id = 0;
  int64_t job_id = 0;
  int64_t owner_id = 0;  // the job's
  int number = 0;        // from 1 within the job
  int mode = 0;
  int dtype = 0;
  SweepState state = SweepState::kQueued;
  int blocked = 0;
  int priority = 0;
  std::string device;      // as the job asks for
  int64_t attempt = 0;     // newest; 0: none yet
  int64_t generation = 1;  // newest
  int64_t blocks_committed = 0;
  int64_t last_block = 0;
  std::string worker;  // of the newest attempt
  std::optional<Failure> failure;
  std::optional<Provenance> provenance;
  std::string device_speed;  // serialized v1.DeviceSpeed; empty: not known
};

struct Job {
  int64_t id = 0;
  std::string public_id;
  std::string display_name;
  std::string owner;
  int64_t owner_id = 0;
  JobState state = JobState::kQueued;
  int priority = 0;
  std::string device;
  int sweeps_total = 0;
  int sweeps_ended = 0;
  int64_t create_time_us = 0;
  std::optional<int64_t> start_time_us;
  std::optional<int64_t> end_time_us;
  std::optional<Failure> failure;
  bool held = false;
  std::optional<int64_t> deadline_us;
  std::vector<std::string> after_ok;         // public ids; not in lists
  std::optional<int64_t> samples_pruned_us;  // when samples and blocks were dropped
  std::string original_owner;                // of an imported job; else empty
  std::string spec;                          // serialized v1.JobSpec; not in lists
  std::vector<Sweep> sweeps;                 // not in lists
};

struct Worker {
  int64_t id = 0;
  std::string name;
  std::string device_class;
  std::string device;  // "cpu", "cuda:0"
  std::string host;
  int64_t memory_bytes = 0;
  int cores = 0;
  std::string cusp_version;
  int64_t incarnation = 0;
  std::string speed;         // serialized v1.DeviceSpeed; empty: not known
  std::string drain_reason;  // why it is given nothing; empty: it is
  int failures = 0;          // in a row, see worker_health.h
  bool is_drained = false;   // by an administrator, until he resumes it

  // Finishes what it has, and is given nothing new.
  bool TakesNothing() const { return is_drained || !drain_reason.empty(); }
};

struct Attempt {
  int64_t sweep_id = 0;
  int64_t number = 0;
  int64_t worker_id = 0;
  int64_t incarnation = 0;
  int64_t generation = 0;
  AttemptState state = AttemptState::kActive;
  int64_t blocks_inherited = 0;
};

}  // namespace cusp::server
