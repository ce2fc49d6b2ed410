// Times between marks, on the host or on a device's stream.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/Event.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/clock.h"

namespace cusp::runner {

// One sample's timer: Begin(marks), Mark() that many times, Finish(). Marks cost
// as little as the clock allows; all storage is made by Begin, and kept. Marks
// beyond those begun with pay for their own, once. Not thread-safe.
class Timer {
 public:
  virtual ~Timer() = default;

  // Prepares for `marks` marks, and waits for work still running.
  virtual void Begin(size_t marks) = 0;

  // Takes the time, of the host's instruction or of the stream's position.
  virtual void Mark() = 0;

  // Nanoseconds between successive marks: one value less than marks. Waiting
  // for the device happens here, outside what is timed. May throw c10::Error.
  virtual std::vector<int64_t> Finish() = 0;
};

// The clock outlives it.
class HostTimer final : public Timer {
 public:
  explicit HostTimer(const Clock& clock) : clock_(clock) {}

  void Begin(size_t marks) override;
  void Mark() override { marks_.push_back(clock_.Now()); }
  std::vector<int64_t> Finish() override;

 private:
  const Clock& clock_;
  std::vector<Clock::Monotonic> marks_;
};

// Events on the current stream of an accelerator, through interfaces that every
// backend of LibTorch has. Events are kept from sample to sample.
class DeviceTimer final : public Timer {
 public:
  explicit DeviceTimer(c10::Device device) : device_(device) {}

  void Begin(size_t marks) override;
  void Mark() override;
  std::vector<int64_t> Finish() override;

 private:
  void AddEvent();

  c10::Device device_;
  std::vector<c10::Event> events_;
  size_t used_ = 0;
};

}  // namespace cusp::runner
