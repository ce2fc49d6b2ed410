#include "worker/measure/noise.h"

#include <array>
#include <sstream>

#include "common/file.h"

namespace cusp::measure {
namespace {

constexpr size_t kMaxStatBytes = 1U << 20U;
// A tick is 10 ms: with fewer of them a single one would be a large share.
constexpr uint64_t kMinTicks = 20;
constexpr double kDisturbedShare = 0.1;
// At most one block in this many is discarded, after a few free ones.
constexpr int64_t kBlocksPerDiscard = 5;
constexpr int64_t kFreeDiscards = 3;

double Share(const CpuTimes& times) {
  const uint64_t total = times.busy + times.steal;
  return total == 0 ? 0 : static_cast<double>(times.steal) / static_cast<double>(total);
}

}  // namespace

absl::StatusOr<CpuTimes> ParseCpuTimes(std::string_view text) {
  std::istringstream line(std::string(text.substr(0, text.find('\n'))));
  std::string name;
  // user nice system idle iowait irq softirq steal
  std::array<uint64_t, 8> ticks{};
  line >> name;
  for (uint64_t& value : ticks) {
    line >> value;
  }
  if (!line || name != "cpu") {
    return absl::InvalidArgumentError("no line 'cpu' with eight numbers");
  }
  return CpuTimes{.busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6], .steal = ticks[7]};
}

CpuTimes NoiseGate::Read() const {
  const auto text = ReadFile(path_, kMaxStatBytes);
  if (!text.ok()) {
    return {};
  }
  return ParseCpuTimes(*text).value_or(CpuTimes{});
}

void NoiseGate::Start() { before_ = Read(); }

double NoiseGate::Finish() {
  const CpuTimes after = Read();
  // Counters of a virtual machine have been seen to step back.
  last_ = {.busy = after.busy > before_.busy ? after.busy - before_.busy : 0,
           .steal = after.steal > before_.steal ? after.steal - before_.steal : 0};
  ++blocks_;
  return Share(last_);
}

bool NoiseGate::ShouldDiscard() {
  const bool disturbed = last_.busy + last_.steal >= kMinTicks && Share(last_) > kDisturbedShare;
  if (!disturbed || discarded_ >= kFreeDiscards + blocks_ / kBlocksPerDiscard) {
    return false;
  }
  ++discarded_;
  return true;
}

}  // namespace cusp::measure
