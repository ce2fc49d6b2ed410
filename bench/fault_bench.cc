// kill -9 of cuspd, workers and runners at random moments, while submitters and workers
// go on: what was lost, doubled or cut, and how soon a dead worker's sweep is back.
// Ends with 1 where anything was.
#include <CLI/CLI.hpp>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "common/random.h"
#include "tests/e2e/fault_rounds.h"
#include "tests/e2e/planted_job.h"

namespace cusp::e2e {
namespace {

constexpr double kSleepScale = 5;  // blocks of some 20 ms

// A dead worker that nobody replaces costs a lease, so there are fewer of those.
std::vector<Victim> RandomVictims(int rounds, uint64_t seed) {
  constexpr std::array kShares = {Victim::kCoordinator, Victim::kCoordinator,  Victim::kCoordinator,
                                  Victim::kRunner,      Victim::kRunner,       Victim::kWorker,
                                  Victim::kWorker,      Victim::kWorkerForGood};
  Random random(seed);
  std::vector<Victim> victims;
  for (int i = 0; i < rounds; ++i) {
    victims.push_back(kShares.at(random.Below(kShares.size())));
  }
  return victims;
}

int64_t CountOf(const std::vector<Victim>& victims, Victim wanted) {
  int64_t count = 0;
  for (const Victim victim : victims) {
    count += victim == wanted ? 1 : 0;
  }
  return count;
}

void Print(const char* what, int64_t value, const char* goal) {
  std::printf("  %-58s %lld%s%s\n", what, static_cast<long long>(value),
              goal[0] == '\0' ? "" : "   goal: ", goal);
}

int Bench(const FaultOptions& options) {
  double load_average = 0;
  (void)getloadavg(&load_average, 1);
  std::printf("%u CPUs, load average %.1f at the start, %zu rounds, seed %llu, %s runner\n",
              std::thread::hardware_concurrency(), load_average, options.victims.size(),
              static_cast<unsigned long long>(options.seed),
              options.script.empty() ? "real" : "fake");
  Stack stack;
  const FaultCounts counts = FaultRounds(stack, options).Run();
  Print("killed: cuspd", CountOf(options.victims, Victim::kCoordinator), "");
  Print("killed: runners", counts.killed_runners, "");
  Print("killed: workers, started anew", CountOf(options.victims, Victim::kWorker), "");
  Print("killed: workers, for good", CountOf(options.victims, Victim::kWorkerForGood), "");
  Print("acknowledged submissions", counts.submitted, "");
  Print("acknowledged blocks of a sending worker", counts.sent_blocks, "");
  Print("jobs that workers measured to their end", counts.measured_jobs, "");
  Print("acknowledged submissions that are lost", counts.lost_jobs, "0");
  Print("jobs that are there twice", counts.doubled_jobs, "0");
  Print("acknowledged blocks that are lost", counts.lost_blocks, "0");
  Print("samples that are there with another value", counts.changed_blocks, "0");
  Print("cut blocks", counts.cut_blocks, "0");
  Print("generations with a wrong number of blocks", counts.miscounted, "0");
  Print("rounds after which integrity_check complained", counts.damaged, "0");
  Print("sweeps that were taken back from dead workers", counts.requeues, "");
  std::printf("  %-58s %.1f s   goal: < 20 s\n", "the longest time until then",
              counts.slowest_requeue_seconds);
  for (const std::string& fault : counts.faults) {
    std::printf("  fault: %s\n", fault.c_str());
  }
  return counts.ok() ? 0 : 1;
}

}  // namespace
}  // namespace cusp::e2e

int main(int argc, char** argv) {
  CLI::App app("kill -9 in a loop: what is lost, doubled or cut", "fault_bench");
  int rounds = 100;
  bool real_runner = false;
  cusp::e2e::FaultOptions options;
  app.add_option("--rounds", rounds, "Kills; 100 take about 6 minutes on two cores")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Of victims and moments")->capture_default_str();
  app.add_option("--workers", options.workers, "That measure")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--submitters", options.submitters, "That submit without pause")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_flag("--real-runner", real_runner, "Measure with cusp-runner in place of the fake one");
  CLI11_PARSE(app, argc, argv);
  options.victims = cusp::e2e::RandomVictims(rounds, options.seed);
  options.planted = !real_runner;
  if (!real_runner) {
    options.script = cusp::e2e::PlantedScript(cusp::e2e::kSleepScale);
  }
  return cusp::e2e::Bench(options);
}
