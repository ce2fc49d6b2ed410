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

  // A cache for a run of so many steps centred on the point's context, behind some steps
  // that warm up.
  absl::Status Prepare(int64_t steps) {
    const int64_t begin = point_.context - steps / 2;
    const int64_t filled = std::max<int64_t>(1, begin - kDiscarded);
    CUSP_RETURN_IF_ERROR(Fill(filled));
    Steps(begin - filled);
    return absl::OkStatus();
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

  // The same, with a mark between any two.
  void MarkedSteps(int64_t count, Timer& timer) {
    for (int64_t i = 0; i < count; ++i) {
      if (i > 0) {
        timer.Mark();
      }
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

absl::StatusOr<std::vector<int64_t>> TimeDecodeSteps(models::Model& model,
                                                     const models::Inputs& inputs,
                                                     const DecodePoint& point, Timer& timer) {
  Decoder decoder(model, inputs, point);
  std::vector<int64_t> durations_ns;
  for (const int64_t steps : RunsOf(point)) {
    CUSP_RETURN_IF_ERROR(decoder.Prepare(steps));
    timer.Begin(point.each_call ? static_cast<size_t>(steps) + 1 : 2);
    timer.Mark();
    if (point.each_call) {
      decoder.MarkedSteps(steps, timer);
    } else {
      decoder.Steps(steps);
    }
    timer.Mark();
    const std::vector<int64_t> run = timer.Finish();
    durations_ns.insert(durations_ns.end(), run.begin(), run.end());
  }
  return durations_ns;
}

absl::StatusOr<PartTimer::Times> TimeDecodeComponents(models::Model& model,
                                                      const models::Inputs& inputs,
                                                      const DecodePoint& point, Timer& timer) {
  Decoder decoder(model, inputs, point);
  DecodePoint both = point;
  both.calls *= 2;
  PartTimer::Times times;
  int64_t step = 0;
  for (const int64_t steps : RunsOf(both)) {
    CUSP_RETURN_IF_ERROR(decoder.Prepare(steps));
    PartTimer parts(timer);
    parts.Begin();
    for (const int64_t end = step + steps; step < end; ++step) {
      const bool whole_first = step / 2 % 2 == 0;
      if (whole_first == (step % 2 == 0)) {
        parts.EnterWhole();
        decoder.Steps(1);
      } else {
        // What precedes the model's first component is nobody's.
        parts.Enter(models::Component::kOther);
        const models::ComponentScope listening(&parts);
        decoder.Steps(1);
      }
    }
    times.Add(parts.Finish());
  }
  return times;
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
