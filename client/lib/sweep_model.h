// How the variants of a job are expected to compare.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "cusp/v1/spec.pb.h"
#include "findings/sweep_model.h"

namespace cusp::client {

using findings::SweepModel;

// A length from which on the candidate is expected to be cheaper, or dearer.
struct ExpectedChange {
  int64_t length = 0;
  bool cheaper = false;
};

// How a candidate is expected to compare with a baseline over a job's lengths.
struct ExpectedOrder {
  bool cheaper_at_first = false;  // at the shortest
  std::vector<ExpectedChange> changes = {};
};

// Some lengths of a job's range, ascending, both ends included: all of its list, else
// `count` at most, evenly by ratios, multiples of the step that the job measures.
std::vector<int64_t> LengthsOf(const v1::LengthSpec& lengths, int count);

// By latency, at the lengths that the job may measure; `pair` are (baseline, candidate).
// Looks at about 256 lengths and bisects between them, so that a change and the one
// back may be missed where they are closer than these.
ExpectedOrder OrderOf(const SweepModel& model, std::pair<size_t, size_t> pair, int32_t batch_size,
                      const v1::LengthSpec& lengths);

}  // namespace cusp::client
