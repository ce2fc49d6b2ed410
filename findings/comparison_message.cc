#include "findings/comparison_message.h"

namespace cusp::findings {
namespace {

v1::Verdict ToMessage(analysis::Verdict verdict) {
  switch (verdict) {
    case analysis::Verdict::kCrosses:
      return v1::VERDICT_CROSSES;
    case analysis::Verdict::kAlways:
      return v1::VERDICT_ALWAYS;
    case analysis::Verdict::kNever:
      return v1::VERDICT_NEVER;
    case analysis::Verdict::kUndecided:
      break;
  }
  return v1::VERDICT_UNDECIDED;
}

v1::Crossing ToMessage(const analysis::Crossing& crossing) {
  v1::Crossing message;
  message.set_length(crossing.length);
  message.set_low(crossing.low);
  message.set_high(crossing.high);
  message.set_direction(crossing.direction == analysis::Direction::kCheaper ? v1::DIRECTION_CHEAPER
                                                                            : v1::DIRECTION_DEARER);
  return message;
}

}  // namespace

v1::Comparison ToMessage(const analysis::ComparisonResult& result) {
  v1::Comparison message;
  message.set_range_min(result.range_min);
  message.set_range_max(result.range_max);
  message.set_verdict(ToMessage(result.verdict));
  for (const analysis::Crossing& crossing : result.crossings) {
    *message.add_crossings() = ToMessage(crossing);
  }
  if (result.first) {
    *message.mutable_first() = ToMessage(*result.first);
  }
  if (result.persistent) {
    *message.mutable_persistent() = ToMessage(*result.persistent);
  }
  message.mutable_undecided_lengths()->Add(result.undecided_lengths.begin(),
                                           result.undecided_lengths.end());
  message.mutable_equal_lengths()->Add(result.equal_lengths.begin(), result.equal_lengths.end());
  message.set_blocks_used(result.blocks_used);
  return message;
}

}  // namespace cusp::findings
