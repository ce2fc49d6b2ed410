#include "worker/models/layers/gated_recurrence.h"

#include <utility>

#include "worker/models/layers/components.h"

namespace cusp::models {

GatedRecurrence::GatedRecurrence(MakeTerms terms, const HeadGate& gate, int64_t chunk)
    : terms_(std::move(terms)), gate_(gate), chunk_(chunk) {}

at::Tensor GatedRecurrence::Forward(const at::Tensor& x, const SequenceMask& mask) {
  RecurrenceTerms terms = terms_(x, /*before=*/0);
  Enter(Component::kMixing);
  if (mask.keep.defined()) {
    terms.v = terms.v.mul(mask.keep.view({x.size(0), 1, x.size(1), 1}));
  }
  return gate_(LinearRecurrence(terms, chunk_), x);
}

std::unique_ptr<LayerState> GatedRecurrence::NewState() const {
  return std::make_unique<RecurrentState>();
}

at::Tensor GatedRecurrence::Extend(const at::Tensor& x, LayerState& state) {
  auto& mine = static_cast<RecurrentState&>(state);
  const RecurrenceTerms terms = terms_(x, mine.length);
  Enter(Component::kMixing);
  return gate_(ExtendRecurrence(terms, chunk_, mine), x);
}

}  // namespace cusp::models
