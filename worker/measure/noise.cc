#include "worker/measure/noise.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>

#include "common/file.h"
#include "common/status_macros.h"

namespace cusp::measure {
namespace {

constexpr size_t kMaxStatBytes = 1U << 20U;
// A tick is 10 ms: with fewer of them a single one would be a large share.
constexpr uint64_t kMinTicks = 20;
constexpr double kMostSteal = 0.1;
constexpr double kMostWait = 0.1;
constexpr double kMostOthers = 0.25;
constexpr double kMostFaultsPerSecond = 10;
// At most one block in this many is discarded, after a few free ones.
constexpr int64_t kBlocksPerDiscard = 5;
constexpr int64_t kFreeDiscards = 3;

double TicksPerNanosecond() { return static_cast<double>(sysconf(_SC_CLK_TCK)) * 1e-9; }

double Share(double part, double whole) { return whole > 0 ? std::max(part, 0.0) / whole : 0; }

// Counters of a virtual machine have been seen to step back.
uint64_t Passed(uint64_t before, uint64_t after) { return after > before ? after - before : 0; }

absl::StatusOr<CpuTimes> ParseLine(std::string_view text, const std::string& name) {
  const std::string start = name + " ";
  size_t at = text.starts_with(start) ? 0 : text.find("\n" + start);
  if (at == std::string_view::npos) {
    return absl::InvalidArgumentError("no line '" + name + "'");
  }
  at += at == 0 ? 0 : 1;
  std::istringstream line(std::string(text.substr(at, text.find('\n', at) - at)));
  std::string word;
  // user nice system idle iowait irq softirq steal
  std::array<uint64_t, 8> ticks{};
  line >> word;
  for (uint64_t& value : ticks) {
    line >> value;
  }
  if (!line) {
    return absl::InvalidArgumentError("the line '" + name + "' has no eight numbers");
  }
  return CpuTimes{.busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6],
                  .steal = ticks[7],
                  .idle = ticks[3] + ticks[4]};
}

}  // namespace

absl::StatusOr<CpuTimes> ParseCpuTimes(std::string_view text, const std::vector<int>& cpus) {
  if (cpus.empty()) {
    return ParseLine(text, "cpu");
  }
  CpuTimes sum;
  for (const int cpu : cpus) {
    CUSP_ASSIGN_OR_RETURN(const CpuTimes one, ParseLine(text, "cpu" + std::to_string(cpu)));
    sum.busy += one.busy;
    sum.steal += one.steal;
    sum.idle += one.idle;
  }
  return sum;
}

CpuTimes NoiseWatch::Read() const {
  const auto text = ReadFile(options_.proc_stat, kMaxStatBytes);
  return text.ok() ? ParseCpuTimes(*text, options_.cpus).value_or(CpuTimes{}) : CpuTimes{};
}

void NoiseWatch::Reset() {
  seen_ = {};
  runner_.Clear();
  device_ = {};
}

// Right after the samples, while clocks are still those of the work.
void NoiseWatch::WatchDevice() {
  if (options_.device == nullptr) {
    return;
  }
  const DeviceState now = options_.device->Read();
  const int lowest = device_.graphics_clock_mhz;
  device_.graphics_clock_mhz =
      lowest == 0 ? now.graphics_clock_mhz : std::min(lowest, now.graphics_clock_mhz);
  device_.clock_limits |= now.clock_limits;
  device_.processes = std::max(device_.processes, now.processes);
}

void NoiseWatch::Start() { before_ = Read(); }

void NoiseWatch::Finish(const runner::v1::RunResponse& response) {
  WatchDevice();
  const CpuTimes after = Read();
  seen_.busy += Passed(before_.busy, after.busy);
  seen_.steal += Passed(before_.steal, after.steal);
  seen_.idle += Passed(before_.idle, after.idle);
  runner_.set_cpu_time_ns(runner_.cpu_time_ns() + response.cpu_time_ns());
  runner_.set_cpu_wait_ns(runner_.cpu_wait_ns() + response.cpu_wait_ns());
  runner_.set_involuntary_switches(runner_.involuntary_switches() +
                                   response.involuntary_switches());
  runner_.set_major_faults(runner_.major_faults() + response.major_faults());
  runner_.set_allocator_retries(runner_.allocator_retries() + response.allocator_retries());
}

void NoiseWatch::Describe(v1::Block& block) const {
  const uint64_t used = seen_.busy + seen_.steal;
  const auto busy = static_cast<double>(seen_.busy);
  const auto ran = static_cast<double>(runner_.cpu_time_ns());
  const auto waited = static_cast<double>(runner_.cpu_wait_ns());
  if (used >= kMinTicks) {
    block.set_steal_share(Share(static_cast<double>(seen_.steal), static_cast<double>(used)));
  }
  if (used + seen_.idle >= kMinTicks) {
    // What the worker itself takes counts among the others: it disturbs like them.
    block.set_others_share(
        Share(busy - ran * TicksPerNanosecond(), static_cast<double>(used + seen_.idle)));
  }
  block.set_wait_share(Share(waited, waited + ran));
  block.set_involuntary_switches(runner_.involuntary_switches());
  block.set_major_faults(runner_.major_faults());
  block.set_allocator_retries(runner_.allocator_retries());
  block.set_device_clock_mhz(device_.graphics_clock_mhz);
  block.set_clock_limits(device_.clock_limits);
  block.set_device_others(std::max(device_.processes - 1, 0));
}

double SecondsOf(const v1::Block& block) {
  double seconds = 0;
  std::map<std::string, double> batches;
  for (const v1::Sample& sample : block.samples()) {
    if (sample.metric() == v1::METRIC_BEST_BATCH) {
      batches[sample.variant()] = sample.value();
    }
  }
  for (const v1::Sample& sample : block.samples()) {
    if (sample.outcome() != v1::OUTCOME_OK) {
      continue;
    }
    switch (sample.metric()) {
      case v1::METRIC_LATENCY:
      case v1::METRIC_LATENCY_P90:
      case v1::METRIC_LATENCY_P99:
      case v1::METRIC_COMPONENTS:
      case v1::METRIC_SAME_AGAIN:
        seconds += sample.value() * sample.calls();
        break;
      case v1::METRIC_THROUGHPUT:
        seconds += sample.calls() * batches[sample.variant()] / sample.value();
        break;
      default:
        break;
    }
  }
  return seconds;
}

bool IsDisturbed(const v1::Block& block) {
  return block.steal_share() > kMostSteal || block.wait_share() > kMostWait ||
         block.others_share() > kMostOthers ||
         static_cast<double>(block.major_faults()) > kMostFaultsPerSecond * SecondsOf(block) ||
         block.device_others() > 0 || (block.clock_limits() & kSlowdowns) != 0 ||
         block.allocator_retries() > 0;
}

bool NoiseGate::ShouldDiscard(const v1::Block& block) {
  ++blocks_;
  if (!IsDisturbed(block) || discarded_ >= kFreeDiscards + blocks_ / kBlocksPerDiscard) {
    return false;
  }
  ++discarded_;
  return true;
}

}  // namespace cusp::measure
