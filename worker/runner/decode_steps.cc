#include "worker/runner/decode_steps.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "common/status_macros.h"

namespace cusp::runner {
namespace {

// Steps after a filling that are not timed: their keys meet cold caches, and kernels of
// one token have not run yet.
constexpr int64_t kDiscarded = 2;

// What a model reads before the tokens that it decodes, and these.
class Decoder {
 public:
  Decoder(models::Model& model, const models::Inputs& inputs, const DecodePoint& point)
      : model_(model), source_(inputs), point_(point) {
    const auto source = source_.find("input_ids");
    if (source == source_.end()) {
      return;  // it reads no tokens, and has no state
    }
    const auto own = inputs.find("decoder_input_ids");
    tokens_ = own == inputs.end() ? source->second : own->second;
    // A source is as long as the context.
    source->second = source->second.narrow(1, 0, point.context);
  }

  // A cache filled with the first `context` tokens.
  absl::Status Fill(int64_t context) {
    // Two caches at once may be more than fits.
    state_.reset();
    state_ = tokens_.defined() ? model_.NewStateFor(source_) : nullptr;
    if (state_ == nullptr) {
      return absl::InvalidArgumentError(
          "mode: this configuration does not decode; is_decoder (or is_encoder_decoder) must be "
          "true");
    }
    const int64_t piece = point_.fill_tokens > 0 ? point_.fill_tokens : context;
    while (state_->length < context) {
      Extend(std::min(piece, context - state_->length));
    }
    return absl::OkStatus();
  }

  // One step each, of the next tokens.
  void Steps(int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      Extend(1);
    }
  }

 private:
  void Extend(int64_t count) { model_.Extend(tokens_.narrow(1, state_->length, count), *state_); }

  models::Model& model_;
  models::Inputs source_;
  DecodePoint point_;
  at::Tensor tokens_;  // [B, TokensFor(point)]
  std::unique_ptr<models::DecodeState> state_;
};

// Steps of each run.
std::vector<int64_t> RunsOf(const DecodePoint& point) {
  const int64_t longest = 2 * point.reach + 1;
  std::vector<int64_t> runs;
  for (int64_t left = point.calls; left > 0; left -= runs.back()) {
    runs.push_back(std::min(left, longest));
  }
  return runs;
}

}  // namespace

absl::StatusOr<int64_t> TimeDecodeSteps(models::Model& model, const models::Inputs& inputs,
                                        const DecodePoint& point, Timer& timer) {
  Decoder decoder(model, inputs, point);
  int64_t duration_ns = 0;
  for (const int64_t steps : RunsOf(point)) {
    const int64_t begin = point.context - steps / 2;
    const int64_t filled = std::max<int64_t>(1, begin - kDiscarded);
    CUSP_RETURN_IF_ERROR(decoder.Fill(filled));
    decoder.Steps(begin - filled);
    timer.Begin(2);
    timer.Mark();
    decoder.Steps(steps);
    timer.Mark();
    duration_ns += timer.Finish().front();
  }
  return duration_ns;
}

absl::StatusOr<int64_t> TimeFirstToken(models::Model& model, const models::Inputs& inputs,
                                       const DecodePoint& point, Timer& timer) {
  Decoder decoder(model, inputs, point);
  timer.Begin(2);
  timer.Mark();
  for (int i = 0; i < point.calls; ++i) {
    CUSP_RETURN_IF_ERROR(decoder.Fill(point.context));
  }
  timer.Mark();
  return timer.Finish().front();
}

}  // namespace cusp::runner
