// Kills processes of a working service at random moments, and counts what came of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/random.h"
#include "tests/e2e/acked_stream.h"
#include "tests/e2e/acked_submitter.h"
#include "tests/e2e/stack.h"

namespace cusp::e2e {

// What a round kills, with SIGKILL.
enum class Victim {
  kCoordinator,
  kRunner,
  kWorker,        // and starts it anew under its name, as a supervisor does
  kWorkerForGood  // another one takes its place; its lease has to run out
};

struct FaultOptions {
  std::vector<Victim> victims;  // of the rounds, in their order
  int workers = 2;
  int submitters = 2;
  uint64_t seed = 1;
  std::string script;   // of the fake runner; empty: the real one
  bool planted = true;  // whether results have to be the planted job's
};

// What the rounds did, and what must be zero.
struct FaultCounts {
  int64_t rounds = 0;
  int64_t killed_runners = 0;          // of the rounds that found one
  int64_t submitted = 0;               // acknowledged submissions
  int64_t sent_blocks = 0;             // acknowledged blocks
  int64_t measured_jobs = 0;           // ended, by workers
  int64_t requeues = 0;                // sweeps that were taken back from lost workers
  double slowest_requeue_seconds = 0;  // since the kill

  int64_t lost_jobs = 0;            // acknowledged, and not there
  int64_t doubled_jobs = 0;         // there, and nobody's
  int64_t lost_blocks = 0;          // acknowledged, and not there
  int64_t changed_blocks = 0;       // there with other values than were sent
  int64_t cut_blocks = 0;           // without all samples of their variants
  int64_t miscounted = 0;           // generations whose number of blocks is not that of their rows
  int64_t damaged = 0;              // rounds after which integrity_check complained
  std::vector<std::string> faults;  // everything else, in words

  bool ok() const {
    return lost_jobs + doubled_jobs + lost_blocks + changed_blocks + cut_blocks + miscounted +
                   damaged ==
               0 &&
           faults.empty();
  }
};

// One run. Owns its processes through `stack`, on which nothing may have been started.
class FaultRounds {
 public:
  FaultRounds(Stack& stack, FaultOptions options);

  // Does all rounds, lets the jobs end, and counts.
  FaultCounts Run();

 private:
  void Start();
  void TopUpJobs();
  void Strike(Victim victim);
  void LoseWorker(size_t index);
  void KillRunner();
  void CheckIntegrity();
  void AwaitJobs();
  void CountJobs();
  void CountBlocks();
  void CheckResults();
  std::string StartWorker();

  Stack& stack_;
  const FaultOptions options_;
  Random random_;
  FaultCounts counts_;
  std::vector<std::string> workers_;  // names of those that run
  int next_worker_ = 1;
  std::vector<std::string> jobs_;  // that workers measure, acknowledged
  std::vector<std::unique_ptr<AckedSubmitter>> submitters_;
  std::unique_ptr<AckedStream> stream_;
};

}  // namespace cusp::e2e
