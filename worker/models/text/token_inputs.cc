#include "worker/models/text/token_inputs.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/random.h"
#include "common/status_macros.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

std::string Shape(const at::Tensor& x) {
  return absl::StrCat("[", absl::StrJoin(x.sizes(), ", "), "]");
}

absl::Status CheckRange(const std::string& name, const at::Tensor& x, int64_t high) {
  if (x.scalar_type() != at::kLong && x.scalar_type() != at::kInt) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": expected int64 values, got ", toString(x.scalar_type())));
  }
  const int64_t low_value = x.min().item<int64_t>();
  const int64_t high_value = x.max().item<int64_t>();
  if (low_value < 0 || high_value >= high) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": value ",
                                                   low_value < 0 ? low_value : high_value,
                                                   " is out of range; from 0 to ", high - 1));
  }
  return absl::OkStatus();
}

absl::Status CheckMaskValues(const std::string& name, const at::Tensor& x) {
  if (x.ne(0).logical_and(x.ne(1)).any().item<bool>()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": values must be 0 or 1"));
  }
  return absl::OkStatus();
}

// [batch, length] of tokens in the vocabulary.
absl::Status CheckTokens(const std::string& name, const at::Tensor& ids, int64_t vocab_size) {
  if (ids.dim() != 2 || ids.numel() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": expected [batch, length], neither 0, got ", Shape(ids)));
  }
  return CheckRange(name, ids, vocab_size);
}

std::set<std::string> KnownInputs(const TokenInputRules& rules) {
  std::set<std::string> known = {"input_ids"};
  if (rules.attention_mask) {
    known.insert("attention_mask");
  }
  if (rules.type_vocab_size > 0) {
    known.insert("token_type_ids");
  }
  if (rules.global_mask) {
    known.insert("global_attention_mask");
  }
  if (rules.decoder) {
    known.insert({"decoder_input_ids", "decoder_attention_mask"});
  }
  return known;
}

at::Tensor RandomTokens(const RandomTokenOptions& options, Random& random) {
  at::Tensor ids = ops::Empty({options.batch_size, options.length}, at::kLong, at::kCPU);
  int64_t* values = ids.mutable_data_ptr<int64_t>();
  // Drawing from one value fewer and stepping over `avoid` keeps the rest uniform.
  const int64_t choices = options.vocab_size - (options.avoid.has_value() ? 1 : 0);
  for (int64_t i = 0; i < ids.numel(); ++i) {
    const auto drawn = static_cast<int64_t>(random.Below(static_cast<size_t>(choices)));
    values[i] = options.avoid.has_value() && drawn >= *options.avoid ? drawn + 1 : drawn;
  }
  return ids.to(options.device);
}

}  // namespace

absl::Status CheckTokenInputs(const Inputs& inputs, const TokenInputRules& rules) {
  const std::set<std::string> known = KnownInputs(rules);
  const auto ids = inputs.find("input_ids");
  if (ids == inputs.end()) {
    return absl::InvalidArgumentError("input_ids: missing");
  }
  CUSP_RETURN_IF_ERROR(CheckTokens("input_ids", ids->second, rules.vocab_size));
  const auto target = inputs.find("decoder_input_ids");
  if (target != inputs.end() && rules.decoder) {
    CUSP_RETURN_IF_ERROR(CheckTokens("decoder_input_ids", target->second, rules.vocab_size));
    if (target->second.size(0) != ids->second.size(0)) {
      return absl::InvalidArgumentError(absl::StrCat("decoder_input_ids: batch of ",
                                                     target->second.size(0), " beside one of ",
                                                     ids->second.size(0), " in input_ids"));
    }
  }
  for (const auto& [name, tensor] : inputs) {
    if (!known.contains(name)) {
      return absl::InvalidArgumentError(absl::StrCat(
          name, ": not an input of this model; it takes ", absl::StrJoin(known, ", ")));
    }
    const auto& like = absl::StartsWith(name, "decoder_") ? target : ids;
    if (like == inputs.end()) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": without decoder_input_ids"));
    }
    if (tensor.sizes() != like->second.sizes()) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": shape ", Shape(tensor),
                                                     " differs from that of ", like->first, ", ",
                                                     Shape(like->second)));
    }
    if (name == "token_type_ids") {
      CUSP_RETURN_IF_ERROR(CheckRange(name, tensor, rules.type_vocab_size));
    } else if (!absl::EndsWith(name, "input_ids")) {
      CUSP_RETURN_IF_ERROR(CheckMaskValues(name, tensor));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Inputs> RandomTokenInputs(const RandomTokenOptions& options, uint64_t seed) {
  if (options.batch_size < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("batch_size ", options.batch_size, " is out of range; at least 1"));
  }
  Random random(seed);
  Inputs inputs = {{"input_ids", RandomTokens(options, random)}};
  if (options.decoder) {
    inputs["decoder_input_ids"] = RandomTokens(options, random);
  }
  return inputs;
}

void SetGlobalTokens(SequenceMask& mask, const at::Tensor& global_attention_mask, int64_t padding) {
  if (!global_attention_mask.defined()) {
    return;
  }
  at::Tensor global = global_attention_mask.ne(0);
  global = padding > 0 ? ops::Pad(global, {0, padding}, 0) : global;
  if (mask.keep.defined()) {
    global = global.logical_and(mask.keep);
  }
  if (global.any().item<bool>()) {
    mask.global = global;
  }
}

}  // namespace cusp::models
