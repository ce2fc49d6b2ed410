#include "worker/runner/part_timer.h"

#include <algorithm>
#include <array>
#include <optional>

namespace cusp::runner {
namespace {

// Components in the catalog's order, parts of training, the whole.
constexpr std::array<std::string_view, 3> kTrainingNames = {"loss", "backward", "optimizer"};
constexpr size_t kTrainingSlot = catalog::kComponents;
constexpr size_t kWholeSlot = kTrainingSlot + kTrainingNames.size();

std::string_view NameOf(size_t slot) {
  return slot < kTrainingSlot ? ToText(static_cast<models::Component>(slot))
                              : kTrainingNames[slot - kTrainingSlot];
}

}  // namespace

void PartTimer::Times::Add(const Times& more) {
  whole_ns += more.whole_ns;
  for (const PartTime& part : more.parts) {
    const auto same = std::find_if(parts.begin(), parts.end(),
                                   [&](const PartTime& mine) { return mine.name == part.name; });
    if (same == parts.end()) {
      parts.push_back(part);
    } else {
      same->duration_ns += part.duration_ns;
    }
  }
}

void PartTimer::Begin() {
  slots_.clear();
  // How many changes there will be is the model's affair.
  timer_.Begin(/*marks=*/0);
}

void PartTimer::Enter(models::Component component) { EnterSlot(static_cast<size_t>(component)); }

void PartTimer::Enter(TrainingPart part) { EnterSlot(kTrainingSlot + static_cast<size_t>(part)); }

void PartTimer::EnterWhole() { EnterSlot(kWholeSlot); }

void PartTimer::EnterSlot(size_t slot) {
  if (slots_.empty() || slots_.back() != slot) {
    timer_.Mark();
    slots_.push_back(slot);
  }
}

PartTimer::Times PartTimer::Finish() {
  timer_.Mark();
  const std::vector<int64_t> durations = timer_.Finish();
  std::array<std::optional<int64_t>, kWholeSlot + 1> sums;
  for (size_t i = 0; i < slots_.size(); ++i) {
    std::optional<int64_t>& sum = sums[slots_[i]];
    sum = sum.value_or(0) + durations[i];
  }
  Times times;
  for (size_t slot = 0; slot < kWholeSlot; ++slot) {
    if (sums[slot].has_value()) {
      times.parts.push_back({.name = NameOf(slot), .duration_ns = *sums[slot]});
    }
  }
  times.whole_ns = sums[kWholeSlot].value_or(0);
  return times;
}

}  // namespace cusp::runner
