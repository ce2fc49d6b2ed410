#include "server/queue/waiting.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <functional>

namespace cusp::server {
namespace {

constexpr int64_t kDayUs = int64_t{24} * 3600 * 1'000'000;

// "14:05 UTC", with the date where that is not within a day.
std::string TimeText(int64_t time_us, int64_t now_us) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(time_us)};
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(floor<std::chrono::minutes>(time - day));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d UTC", static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()));
  if (time_us - now_us < kDayUs) {
    return text.data();
  }
  std::array<char, 64> dated{};
  std::snprintf(dated.data(), dated.size(), "%04d-%02u-%02u ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return std::string(dated.data()) + text.data();
}

std::string Join(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) {
    text += (text.empty() ? "" : ", ") + id;
  }
  return text;
}

std::string DeviceText(const std::string& device) {
  if (device == "auto") {
    return "worker";
  }
  return device == "cpu" || device == "cuda" ? device + " worker" : device;
}

bool IsAtCap(const WaitingFacts& facts) {
  return facts.max_running > 0 && facts.running >= facts.max_running;
}

}  // namespace

bool WaitsForItsTurn(const WaitingFacts& facts) {
  return !facts.held && facts.waits_for.empty() && facts.workers_taking > 0 && !IsAtCap(facts);
}

std::string WaitingReason(const WaitingFacts& facts) {
  if (facts.held) {
    return "held by its owner; release it to queue it again";
  }
  if (!facts.waits_for.empty()) {
    return "waiting for " + std::string(facts.waits_for.size() == 1 ? "job " : "jobs ") +
           Join(facts.waits_for) + " to succeed";
  }
  if (facts.workers_alive == 0) {
    return "no worker is connected; start cusp-worker";
  }
  if (facts.workers_serving == 0) {
    return "none of the " + std::to_string(facts.workers_alive) +
           " connected workers has the device \"" + facts.device + "\"";
  }
  if (facts.workers_taking == 0) {
    return "every worker with the device \"" + facts.device +
           "\" is drained; `cusp workers` tells why";
  }
  if (IsAtCap(facts)) {
    return std::to_string(facts.running) +
           " sweeps of its owner are running, the most allowed at once; it goes on when one ends";
  }
  const std::string ahead = facts.sweeps_ahead >= kMaxAhead ? std::to_string(kMaxAhead) + " or more"
                                                            : std::to_string(facts.sweeps_ahead);
  return "waiting for a free " + DeviceText(facts.device) + ": " + ahead + " ahead" +
         (facts.start_us ? ", estimated start " + TimeText(*facts.start_us, facts.now_us)
                         : ", start not known yet");
}

std::optional<int64_t> EstimateStart(std::vector<int64_t> free_in_us, int64_t ahead,
                                     int64_t sweep_us, int64_t now_us) {
  if (free_in_us.empty()) {
    return std::nullopt;
  }
  // The worker that is free first takes the next one: a heap with the least on top.
  std::make_heap(free_in_us.begin(), free_in_us.end(), std::greater<>());
  for (int64_t i = 0; i < ahead; ++i) {
    std::pop_heap(free_in_us.begin(), free_in_us.end(), std::greater<>());
    free_in_us.back() += sweep_us;
    std::push_heap(free_in_us.begin(), free_in_us.end(), std::greater<>());
  }
  return now_us + free_in_us.front();
}

}  // namespace cusp::server
