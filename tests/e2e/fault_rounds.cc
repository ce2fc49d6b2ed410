#include "tests/e2e/fault_rounds.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <utility>

#include "tests/e2e/planted_job.h"
#include "tests/e2e/result_check.h"

namespace cusp::e2e {
namespace {

using std::chrono::steady_clock;

constexpr char kSentDevice[] = "sent";
// A kill comes within this time after the one before it has healed.
constexpr int kLongestPauseMs = 1200;
constexpr std::chrono::seconds kHealTime{60};
constexpr std::chrono::seconds kJobTime{300};

// Every variant of a job has its latency in a whole block; one that completes the A/A check
// has the baseline twice instead.
constexpr char kCutBlocks[] =
    "SELECT count(*) FROM blocks b JOIN sweeps s ON s.id = b.sweep_id"
    " WHERE (SELECT count(*) FROM samples x WHERE x.sweep_id = b.sweep_id"
    "        AND x.generation = b.generation AND x.block = b.block AND x.metric IN (1, 8))"
    " < (SELECT count(*) FROM variants v WHERE v.job_id = s.job_id)";
constexpr char kMiscounted[] =
    "SELECT count(*) FROM generations g WHERE g.blocks <> (SELECT count(*) FROM blocks b"
    " WHERE b.sweep_id = g.sweep_id AND b.generation = g.generation)";

std::string SweepHeldBy(const std::string& worker) {
  return "SELECT coalesce(max(a.sweep_id), 0) FROM attempts a JOIN workers w ON"
         " w.id = a.worker_id WHERE a.state = 1 AND w.name = '" +
         worker + "'";
}

}  // namespace

FaultRounds::FaultRounds(Stack& stack, FaultOptions options)
    : stack_(stack), options_(std::move(options)), random_(options_.seed) {}

FaultCounts FaultRounds::Run() {
  Start();
  for (const Victim victim : options_.victims) {
    TopUpJobs();
    // The moment is what is random here, and nothing waits for it.
    std::this_thread::sleep_for(
        std::chrono::milliseconds(random_.Below(static_cast<uint64_t>(kLongestPauseMs))));
    Strike(victim);
    CheckIntegrity();
    ++counts_.rounds;
  }
  for (const auto& submitter : submitters_) {
    submitter->Stop();
  }
  stream_->Stop();
  AwaitJobs();
  CheckIntegrity();
  CountJobs();
  CountBlocks();
  CheckResults();
  return counts_;
}

void FaultRounds::Start() {
  stack_.StartCoordinator();
  for (int i = 0; i < options_.workers; ++i) {
    workers_.push_back(StartWorker());
  }
  for (int i = 0; i < options_.submitters; ++i) {
    submitters_.push_back(std::make_unique<AckedSubmitter>(stack_.server()));
  }
  stream_ = std::make_unique<AckedStream>(stack_.server(), kSentDevice);
}

std::string FaultRounds::StartWorker() {
  const std::string name = "w" + std::to_string(next_worker_++);
  stack_.StartWorker(name, options_.script);
  return name;
}

// So that a worker that is idle finds something.
void FaultRounds::TopUpJobs() {
  const int64_t open = stack_.QueryInt(
      "SELECT count(*) FROM jobs WHERE state IN (1, 3) AND display_name = 'planted'");
  for (int64_t i = open; i < options_.workers + 1; ++i) {
    const CommandResult result =
        stack_.Cusp({"submit", stack_.Write("planted.yaml", kPlantedJob), "--parsable"});
    if (result.exit_code == 0) {
      jobs_.push_back(result.out.substr(0, result.out.find('\n')));
    } else {
      counts_.faults.push_back("submit: " + result.err);
    }
  }
}

void FaultRounds::Strike(Victim victim) {
  const size_t index = random_.Below(workers_.size());
  switch (victim) {
    case Victim::kCoordinator:
      stack_.StopCoordinator(SIGKILL);
      CheckIntegrity();
      stack_.StartCoordinator();
      break;
    case Victim::kRunner:
      KillRunner();
      break;
    case Victim::kWorker:
      stack_.StopWorker(workers_[index], SIGKILL);
      stack_.StartWorker(workers_[index], options_.script);
      break;
    case Victim::kWorkerForGood:
      LoseWorker(index);
      break;
  }
}

// Of the first worker that has one; a worker between two sweeps has none.
void FaultRounds::KillRunner() {
  for (const std::string& worker : workers_) {
    const std::vector<pid_t> children = stack_.ChildrenOf(stack_.WorkerPid(worker));
    if (!children.empty()) {
      kill(children.front(), SIGKILL);
      ++counts_.killed_runners;
      return;
    }
  }
}

void FaultRounds::LoseWorker(size_t index) {
  const std::string lost = workers_[index];
  WaitUntil([&] { return stack_.QueryInt(SweepHeldBy(lost)) > 0; }, kHealTime);
  stack_.StopWorker(lost, SIGKILL);
  const auto killed = steady_clock::now();
  workers_[index] = StartWorker();
  if (stack_.QueryInt(SweepHeldBy(lost)) == 0) {
    return;  // it had just ended its sweep
  }
  if (!WaitUntil([&] { return stack_.QueryInt(SweepHeldBy(lost)) == 0; }, kHealTime)) {
    counts_.faults.push_back(lost + " still holds its sweep " + std::to_string(kHealTime.count()) +
                             " s after its death");
    return;
  }
  ++counts_.requeues;
  counts_.slowest_requeue_seconds =
      std::max(counts_.slowest_requeue_seconds,
               std::chrono::duration<double>(steady_clock::now() - killed).count());
}

void FaultRounds::CheckIntegrity() {
  const std::vector<std::string> answer = stack_.QueryTexts("PRAGMA integrity_check");
  if (answer.size() != 1 || answer.front() != "ok") {
    ++counts_.damaged;
    counts_.faults.push_back("integrity_check: " + (answer.empty() ? "" : answer.front()));
  }
}

void FaultRounds::AwaitJobs() {
  const auto open = [this] {
    return stack_.QueryInt(
        "SELECT count(*) FROM jobs WHERE state IN (1, 3) AND display_name = 'planted'");
  };
  if (!WaitUntil([&] { return open() == 0; }, kJobTime)) {
    counts_.faults.push_back(std::to_string(open()) + " jobs do not end");
  }
}

void FaultRounds::CountJobs() {
  std::multiset<std::string> stored;
  for (std::string& id : stack_.QueryTexts("SELECT public_id FROM jobs")) {
    stored.insert(std::move(id));
  }
  std::vector<std::string> acknowledged = jobs_;
  acknowledged.push_back(stream_->job());
  for (const auto& submitter : submitters_) {
    acknowledged.insert(acknowledged.end(), submitter->acknowledged().begin(),
                        submitter->acknowledged().end());
    counts_.faults.insert(counts_.faults.end(), submitter->refusals().begin(),
                          submitter->refusals().end());
  }
  counts_.submitted = static_cast<int64_t>(acknowledged.size());
  for (const std::string& id : acknowledged) {
    const auto it = stored.find(id);
    if (it == stored.end()) {
      ++counts_.lost_jobs;
    } else {
      stored.erase(it);
    }
  }
  counts_.doubled_jobs = static_cast<int64_t>(stored.size());
}

void FaultRounds::CountBlocks() {
  counts_.faults.insert(counts_.faults.end(), stream_->refusals().begin(),
                        stream_->refusals().end());
  counts_.sent_blocks = stream_->acknowledged();
  const std::string sent =
      " FROM samples x JOIN sweeps s ON s.id = x.sweep_id JOIN jobs j ON j.id = s.job_id"
      " WHERE j.public_id = '" +
      stream_->job() + "'";
  const int64_t stored = stack_.QueryInt(
      "SELECT count(*)" + sent + " AND x.block <= " + std::to_string(stream_->acknowledged()));
  counts_.lost_blocks = stream_->acknowledged() - stored / AckedStream::kVariants;
  counts_.changed_blocks =
      stack_.QueryInt("SELECT count(*)" + sent + " AND x.value <> x.block + 0.125 * x.variant");
  counts_.cut_blocks = stack_.QueryInt(kCutBlocks);
  counts_.miscounted = stack_.QueryInt(kMiscounted);
}

// Killed or not, a job's answer follows from its blocks.
void FaultRounds::CheckResults() {
  for (const std::string& id : jobs_) {
    std::string difference = DifferenceFromAnalysis(stack_, id, "bert");
    if (difference.empty() && options_.planted) {
      difference = DifferenceFromPlanted(stack_, id);
    }
    if (!difference.empty()) {
      counts_.faults.push_back("job " + id + ": " + difference);
    }
  }
  counts_.measured_jobs = static_cast<int64_t>(jobs_.size());
}

}  // namespace cusp::e2e
