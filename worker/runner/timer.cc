#include "worker/runner/timer.h"

#include <ATen/DeviceAccelerator.h>

#include <cmath>

namespace cusp::runner {

void HostTimer::Begin(size_t marks) {
  marks_.clear();
  marks_.reserve(marks);
}

std::vector<int64_t> HostTimer::Finish() {
  std::vector<int64_t> durations;
  for (size_t i = 1; i < marks_.size(); ++i) {
    durations.push_back((marks_[i] - marks_[i - 1]).count());
  }
  return durations;
}

void DeviceTimer::Begin(size_t marks) {
  used_ = 0;
  while (events_.size() < marks) {
    AddEvent();
    // The backend makes an event at its first recording: not inside a sample.
    events_.back().record(at::accelerator::getCurrentStream(device_.index()));
  }
  at::accelerator::synchronizeDevice(device_.index());
}

void DeviceTimer::AddEvent() {
  events_.emplace_back(device_.type(), c10::EventFlag::BACKEND_DEFAULT);
}

void DeviceTimer::Mark() {
  if (used_ == events_.size()) {
    AddEvent();
  }
  events_[used_++].record(at::accelerator::getCurrentStream(device_.index()));
}

std::vector<int64_t> DeviceTimer::Finish() {
  at::accelerator::synchronizeDevice(device_.index());
  std::vector<int64_t> durations;
  for (size_t i = 1; i < used_; ++i) {
    constexpr double kNanosPerMilli = 1e6;
    durations.push_back(std::llround(events_[i - 1].elapsedTime(events_[i]) * kNanosPerMilli));
  }
  return durations;
}

}  // namespace cusp::runner
