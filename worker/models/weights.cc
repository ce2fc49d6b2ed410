#include "worker/models/weights.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "worker/models/checkpoint.h"
#include "worker/models/layers/ops.h"
#include "worker/models/model.h"
#include "worker/models/safetensors.h"

namespace cusp::models {
namespace {

// Names, or first parts of names, that belong to no encoder: poolers, task heads, and what
// stands for masked frames in HuBERT's training.
constexpr const char* kHeads[] = {"pooler",
                                  "cls",
                                  "classifier",
                                  "lm_head",
                                  "qa_outputs",
                                  "score",
                                  "dropout",
                                  "predictions",
                                  "pre_classifier",
                                  "sop_classifier",
                                  "vocab_transform",
                                  "vocab_layer_norm",
                                  "vocab_projector",
                                  "projector",
                                  "masked_spec_embed",
                                  "qa_classifier",
                                  "head",
                                  "decoder.weight",
                                  "decoder.bias"};

// What checkpoints store though it follows from the shape or from other tensors.
constexpr const char* kDerived[] = {"EncDecAttention.relative_attention_bias.weight",
                                    "encoder.embed_tokens.weight",
                                    "decoder.embed_tokens.weight",
                                    "embeddings.position_ids",
                                    "embeddings.token_type_ids",
                                    "mask_value_float16",
                                    "mask_value_float32",
                                    "relative_coords_table",
                                    "relative_position_index",
                                    "rotary_emb.inv_freq",
                                    "self_mask_value_float16",
                                    "self_mask_value_float32"};

std::string FirstPart(const std::string& name) { return name.substr(0, name.find('.')); }

bool IsHead(const std::string& name) {
  const std::string first = FirstPart(name);
  return std::any_of(std::begin(kHeads), std::end(kHeads),
                     [&](const char* head) { return first == head || name == head; });
}

bool IsDerived(const std::string& name) {
  return std::any_of(std::begin(kDerived), std::end(kDerived), [&](const char* derived) {
    return name == derived || absl::EndsWith(name, absl::StrCat(".", derived));
  });
}

std::string ModernName(const std::string& name) {
  if (absl::EndsWith(name, "LayerNorm.gamma")) {
    return name.substr(0, name.size() - 5) + "weight";
  }
  if (absl::EndsWith(name, "LayerNorm.beta")) {
    return name.substr(0, name.size() - 4) + "bias";
  }
  // Weight normalisation under the names that LibTorch gave it first.
  if (absl::EndsWith(name, ".weight_g")) {
    return name.substr(0, name.size() - 8) + "parametrizations.weight.original0";
  }
  if (absl::EndsWith(name, ".weight_v")) {
    return name.substr(0, name.size() - 8) + "parametrizations.weight.original1";
  }
  return name;
}

// What comes before the model's own names where the file holds a model with a head, or
// one inside another: "bert.". Of all beginnings, the one that fits most tensors.
std::string FindPrefix(const std::map<std::string, SafetensorsEntry>& file,
                       const std::set<std::string>& wanted) {
  constexpr int kMostParts = 3;
  std::map<std::string, int64_t> fits;
  for (const auto& [name, entry] : file) {
    size_t begin = 0;
    for (int parts = 0; parts <= kMostParts; ++parts) {
      if (wanted.contains(ModernName(name.substr(begin)))) {
        ++fits[name.substr(0, begin)];
      }
      const size_t dot = name.find('.', begin);
      if (dot == std::string::npos) {
        break;
      }
      begin = dot + 1;
    }
  }
  const auto best = std::max_element(
      fits.begin(), fits.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return best == fits.end() ? "" : best->first;
}

// `name` without the parts that it begins with as `prefix` does: heads lie beside the
// model, inside whatever both are in.
std::string WithoutShared(const std::string& name, const std::string& prefix) {
  size_t shared = 0;
  for (size_t dot = prefix.find('.'); dot != std::string::npos; dot = prefix.find('.', shared)) {
    if (name.compare(shared, dot + 1 - shared, prefix, shared, dot + 1 - shared) != 0) {
      break;
    }
    shared = dot + 1;
  }
  return name.substr(shared);
}

// At most five names, so that a wrong file gives a message one can read.
std::string Listed(const std::vector<std::string>& names) {
  constexpr size_t kShown = 5;
  const std::vector<std::string> shown(
      names.begin(), names.begin() + static_cast<int64_t>(std::min(names.size(), kShown)));
  return absl::StrCat(
      absl::StrJoin(shown, ", "),
      names.size() > kShown ? absl::StrCat(" and ", names.size() - kShown, " more") : "");
}

std::string ShapeText(at::IntArrayRef sizes) {
  return absl::StrCat("[", absl::StrJoin(sizes, ", "), "]");
}

absl::Status LoadOne(const Checkpoint& checkpoint, const std::string& file_name,
                     at::Tensor target) {
  const SafetensorsEntry& entry = checkpoint.entries().at(file_name);
  const SafetensorsFile& file = checkpoint.FileOf(file_name);
  const std::string place = absl::StrCat(file.path(), ": tensor '", file_name, "': ");
  if (target.sizes() != at::IntArrayRef(entry.shape)) {
    return absl::InvalidArgumentError(absl::StrCat(place, "shape ", ShapeText(entry.shape),
                                                   ", but the configuration makes it ",
                                                   ShapeText(target.sizes())));
  }
  CUSP_ASSIGN_OR_RETURN(const at::Tensor values, file.Read(file_name));
  if (!values.is_floating_point()) {
    return absl::InvalidArgumentError(
        absl::StrCat(place, "dtype ", NameOf(entry.type), ", but a weight is floating point"));
  }
  ops::CopyWithoutGradient(target, values);
  return absl::OkStatus();
}

std::vector<std::string> NamesOf(const Model& model) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : model.NamedTensors()) {
    names.push_back(name);
  }
  return names;
}

// What of the file the model reads: all but an optional part that it was built without.
// Tells the model where the file has none.
std::map<std::string, SafetensorsEntry> ReadBy(Model& model, const Checkpoint& checkpoint,
                                               std::vector<std::string>& notes) {
  std::map<std::string, SafetensorsEntry> entries = checkpoint.entries();
  const std::string part = model.OptionalPart();
  if (part.empty()) {
    return entries;
  }
  const std::vector<std::string> names = NamesOf(model);
  const std::string begin =
      absl::StrCat(FindPrefix(entries, {names.begin(), names.end()}), part, ".");
  const auto lies_in = [&](const auto& entry) { return absl::StartsWith(entry.first, begin); };
  if (std::none_of(entries.begin(), entries.end(), lies_in)) {
    model.LeaveOutOptionalPart();
    notes.push_back(absl::StrCat("left out, since the file holds none: ", part));
    return entries;
  }
  if (std::none_of(names.begin(), names.end(),
                   [&](const std::string& name) { return FirstPart(name) == part; })) {
    std::erase_if(entries, lies_in);
    notes.push_back(absl::StrCat("skipped (the configuration leaves it out): ", part));
  }
  return entries;
}

}  // namespace

absl::StatusOr<WeightNames> MatchWeightNames(const std::map<std::string, SafetensorsEntry>& file,
                                             const std::vector<std::string>& model) {
  WeightNames result;
  const std::set<std::string> wanted(model.begin(), model.end());
  const std::string prefix = FindPrefix(file, wanted);
  std::vector<std::string> surplus;
  std::vector<std::string> skipped;
  for (const auto& [name, entry] : file) {
    const bool prefixed = absl::StartsWith(name, prefix);
    const std::string own = ModernName(WithoutShared(name, prefix));
    if (prefixed && wanted.contains(own)) {
      if (!result.file_name_of.emplace(own, name).second) {
        return absl::InvalidArgumentError(
            absl::StrCat("tensor '", own, "' occurs under two names: ", result.file_name_of[own],
                         " and ", name));
      }
    } else if (IsHead(own)) {
      skipped.push_back(name);
    } else if (!IsDerived(own)) {
      surplus.push_back(name);
    }
  }
  std::vector<std::string> missing;
  for (const std::string& name : model) {
    if (!result.file_name_of.contains(name)) {
      missing.push_back(name);
    }
  }
  if (!missing.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("tensors missing: ", Listed(missing)));
  }
  if (!surplus.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensors that the configuration has no place for: ", Listed(surplus)));
  }
  if (!skipped.empty()) {
    result.notes.push_back(absl::StrCat("skipped (not part of the encoder): ", Listed(skipped)));
  }
  return result;
}

absl::StatusOr<std::vector<std::string>> LoadWeights(const std::string& path, Model& model) {
  CUSP_ASSIGN_OR_RETURN(const Checkpoint checkpoint, Checkpoint::Open(path));
  std::vector<std::string> notes;
  const std::map<std::string, SafetensorsEntry> entries = ReadBy(model, checkpoint, notes);
  const absl::StatusOr<WeightNames> matched = MatchWeightNames(entries, NamesOf(model));
  if (!matched.ok()) {
    return Annotate(matched.status(), path);
  }
  for (const auto& [name, tensor] : model.NamedTensors()) {
    CUSP_RETURN_IF_ERROR(LoadOne(checkpoint, matched->file_name_of.at(name), tensor));
  }
  notes.insert(notes.end(), matched->notes.begin(), matched->notes.end());
  return notes;
}

}  // namespace cusp::models
