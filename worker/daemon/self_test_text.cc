#include "worker/daemon/self_test_text.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

namespace cusp::worker {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kMostOverhead = 0.01;

template <typename... Values>
std::string Format(const char* format, Values... values) {
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

std::string BlocksText(const std::optional<int>& blocks) {
  return blocks ? std::to_string(*blocks) : "over 100";
}

std::string LengthText(const SelfTestLength& at) {
  const measure::SameAgain& found = at.found;
  return Format("  %6lld  %+6.2f %% (%+.2f to %+.2f %%)  noise %.2f %%, ",
                static_cast<long long>(at.length), 100 * (found.ratio - 1), 100 * (found.low - 1),
                100 * (found.high - 1), 100 * found.noise) +
         "blocks to tell 1 %: " + BlocksText(measure::BlocksToTell(0.01, found.noise)) +
         ", 5 %: " + BlocksText(measure::BlocksToTell(0.05, found.noise)) +
         (found.differs ? "  DIFFERS" : "") + "\n";
}

std::string ResolutionText(double effect, double noise) {
  const std::optional<int> blocks = measure::BlocksToTell(effect, noise);
  return Format("can resolve %.0f %%: ", 100 * effect) +
         (blocks ? "yes, in about " + std::to_string(*blocks) + " blocks"
                 : std::string("no, it would take more than 100 blocks")) +
         Format(" (noise %.1f %%)\n", 100 * noise);
}

// Nothing of a CPU.
std::string DeviceText(const v1::Block& seen) {
  if (seen.device_clock_mhz() == 0) {
    return "";
  }
  const std::string limits = measure::ClockLimitsText(seen.clock_limits());
  return "device: " + std::to_string(seen.device_clock_mhz()) + " MHz at the lowest" +
         (limits.empty() ? "" : ", held down by " + limits) + ", " +
         std::to_string(seen.device_others()) + " other processes, " +
         std::to_string(seen.allocator_retries()) + " allocator retries\n";
}

std::string SeenText(const v1::Block& seen) {
  return Format("disturbances: %.1f %% stolen, other processes %.1f %% of the CPUs' time, ",
                100 * seen.steal_share(), 100 * seen.others_share()) +
         Format("%.1f %% waiting for a CPU, ", 100 * seen.wait_share()) +
         std::to_string(seen.involuntary_switches()) + " involuntary switches, " +
         std::to_string(seen.major_faults()) + " major faults\n" + DeviceText(seen);
}

Json ResolutionJson(double effect, double noise) {
  const std::optional<int> blocks = measure::BlocksToTell(effect, noise);
  return {{"effect", effect}, {"blocks_to_tell", blocks ? Json(*blocks) : Json()}};
}

}  // namespace

std::string ToText(const SelfTestReport& report) {
  std::string text = report.facts.device_class() + " (" + report.facts.device() + "), " +
                     std::to_string(report.facts.threads()) +
                     (report.facts.threads() == 1 ? " thread\n" : " threads\n");
  text += Format("timer: steps of %.0f ns, an empty sample takes %.0f ns\n", report.timer.step_ns,
                 report.timer.empty_ns);
  text += Format("harness: adds %.3f %% to a sample of 1 ms, ", 100 * report.overhead_share) +
          (report.overhead_share <= kMostOverhead ? "within" : "MORE THAN") + " the limit of 1 %\n";
  text += SeenText(report.seen);
  text += "a small BERT against its copy, " + std::to_string(report.blocks) +
          " blocks at each length, difference with its 95 % interval:\n";
  for (const SelfTestLength& at : report.lengths) {
    text += LengthText(at);
  }
  text += report.Differs()
              ? "A/A: a difference was found where there is none: what disturbs this machine does "
                "not cancel within a block; find it before trusting small differences\n"
              : "A/A: no difference found, as it should be\n";
  return text + ResolutionText(0.01, report.Noise()) + ResolutionText(0.05, report.Noise());
}

std::string ToJson(const SelfTestReport& report) {
  Json json = {{"device_class", report.facts.device_class()},
               {"device", report.facts.device()},
               {"threads", report.facts.threads()},
               {"timer_step_ns", report.timer.step_ns},
               {"empty_sample_ns", report.timer.empty_ns},
               {"overhead_share", report.overhead_share},
               {"steal_share", report.seen.steal_share()},
               {"others_share", report.seen.others_share()},
               {"wait_share", report.seen.wait_share()},
               {"involuntary_switches", report.seen.involuntary_switches()},
               {"major_faults", report.seen.major_faults()},
               {"device_clock_mhz", report.seen.device_clock_mhz()},
               {"clock_limits", measure::ClockLimitsText(report.seen.clock_limits())},
               {"device_others", report.seen.device_others()},
               {"allocator_retries", report.seen.allocator_retries()},
               {"blocks", report.blocks}};
  json["lengths"] = Json::array();
  for (const SelfTestLength& at : report.lengths) {
    json["lengths"].push_back({{"length", at.length},
                               {"ratio", at.found.ratio},
                               {"low", at.found.low},
                               {"high", at.found.high},
                               {"noise", at.found.noise},
                               {"differs", at.found.differs}});
  }
  json["differs"] = report.Differs();
  json["noise"] = report.Noise();
  json["resolves"] = {ResolutionJson(0.01, report.Noise()), ResolutionJson(0.05, report.Noise())};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cusp::worker
