// Users, queues and devices, simulated with the rules of server/queue and without a
// server. For tests and benchmarks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cusp::server {

// Somebody who submits jobs of one sweep each.
struct SimulatedUser {
  std::string name;
  double weight = 1;
  int priority = 0;
  std::string device = "auto";  // that his jobs ask for
  int64_t start_s = 0;          // of the simulation: when he comes
  int64_t jobs = 0;             // that he brings along
  int64_t every_s = 0;          // one more in each such time; 0: none
  int64_t max_running = 0;      // 0: no cap
};

enum class SimulatedOrder {
  kQueue,  // ChooseClaim()
  kFifo,   // the oldest job first, whoever's
};

struct SimulatedQueue {
  std::vector<SimulatedUser> users;
  std::vector<std::string> device_classes;  // of each device; all of kind "cuda"
  // A sweep takes a random time between these.
  int64_t shortest_s = 120;
  int64_t longest_s = 600;
  int64_t end_s = 24 * 3600;
  int64_t measured_from_s = 0;  // device time counts from here on
  uint64_t seed = 1;
};

// What became of a user.
struct SimulatedOutcome {
  double device_s = 0;         // in the time that counts
  int64_t sweeps = 0;          // started, from the beginning
  int64_t left = 0;            // still queued at the end
  bool backlogged = true;      // had something queued all the time that counts
  int64_t longest_wait_s = 0;  // of a job until its start, or until the end
  // The longest time in which he had something queued and was given nothing.
  int64_t longest_gap_s = 0;
};

// One outcome for each user. The same for the same seed.
std::vector<SimulatedOutcome> Simulate(const SimulatedQueue& queue, SimulatedOrder order);

// Of the device time of those users that were backlogged at `priority`: each one's
// part, 0 for the others.
std::vector<double> SharesOfBacklogged(const SimulatedQueue& queue,
                                       const std::vector<SimulatedOutcome>& outcomes, int priority);
// The part that each of them is due, by the weights.
std::vector<double> DueShares(const SimulatedQueue& queue,
                              const std::vector<SimulatedOutcome>& outcomes, int priority);

}  // namespace cusp::server
