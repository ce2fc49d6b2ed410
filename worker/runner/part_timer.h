// Times the parts of steps: where the time goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "worker/models/layers/components.h"
#include "worker/runner/timer.h"
#include "worker/runner/training_step.h"

namespace cusp::runner {

// Marks the timer wherever steps go on to another part, and adds up what lies between
// by part: every moment from Begin to Finish belongs to exactly one. Each change costs
// a mark, which is why no sample runs under it. The timer outlives it. Not thread-safe.
class PartTimer final : public models::ComponentListener {
 public:
  struct PartTime {
    std::string_view name;
    int64_t duration_ns = 0;
  };
  struct Times {
    std::vector<PartTime> parts;  // those entered, components first
    int64_t whole_ns = 0;         // of steps that were not told apart

    void Add(const Times& more);
  };

  explicit PartTimer(Timer& timer) : timer_(timer) {}

  void Begin();

  // From here on time belongs to this part, or to a step that is not told apart.
  void Enter(models::Component component) override;
  void Enter(TrainingPart part);
  void EnterWhole();

  // Ends the last part. May throw c10::Error.
  Times Finish();

 private:
  void EnterSlot(size_t slot);

  Timer& timer_;
  std::vector<size_t> slots_;  // what follows each mark
};

}  // namespace cusp::runner
