// Why a job waits, and until when. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cusp::server {

// Sweeps ahead are counted up to this number.
inline constexpr int64_t kMaxAhead = 1000;

// What is known when asking why a job waits.
struct WaitingFacts {
  bool held = false;
  std::vector<std::string> waits_for;  // ids of jobs that have to succeed first
  std::string device;                  // as the job asks for
  int64_t workers_alive = 0;           // of any kind
  int64_t workers_serving = 0;         // of those, with the device
  int64_t workers_taking = 0;          // of those, neither drained nor draining
  int64_t running = 0;                 // sweeps of the same user
  int64_t max_running = 0;             // his cap; 0: none
  int64_t sweeps_ahead = 0;            // in the order of the queue, up to kMaxAhead
  std::optional<int64_t> start_us;     // when it is expected to start
  int64_t now_us = 0;
};

// For people. Times are in UTC.
std::string WaitingReason(const WaitingFacts& facts);

// Whether the job waits for nothing but its turn, so that a start can be told.
bool WaitsForItsTurn(const WaitingFacts& facts);

// When a sweep starts that waits behind `ahead` others of `sweep_us` each, on
// workers that are free in `free_in_us` (0: now) and then take one after
// another. Nothing where there is no worker.
std::optional<int64_t> EstimateStart(std::vector<int64_t> free_in_us, int64_t ahead,
                                     int64_t sweep_us, int64_t now_us);

}  // namespace cusp::server
