#include "worker/models/weights.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
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
                                    "rotary_emb.inv_freq"};

std::string FirstPart(const std::string& name) { return name.substr(0, name.find('.')); }

bool IsHead(const std::string& name) {
  const std::string first = FirstPart(name);
  return std::any_of(std::begin(kHeads), std::end(kHeads),
                     [&](const char* head) { return first == head || name == head; });
}

bool IsDerived(const std::string& name) {
  if (absl::EndsWith(name, ".relative_position_index") ||
      absl::EndsWith(name, ".relative_coords_table")) {
    return true;
  }
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

// The part before the model's own names: "bert." where the file holds a model
// with a head. Empty where the names begin as the model's do.
std::string FindPrefix(const std::map<std::string, SafetensorsEntry>& file,
                       const std::vector<std::string>& model) {
  std::set<std::string> roots;
  for (const std::string& name : model) {
    roots.insert(FirstPart(name));
  }
  for (const auto& [name, entry] : file) {
    const std::string first = FirstPart(name);
    if (roots.contains(first)) {
      return "";
    }
    if (first.size() < name.size() && roots.contains(FirstPart(name.substr(first.size() + 1)))) {
      return first + ".";
    }
  }
  return "";
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

absl::Status LoadOne(const SafetensorsFile& file, const std::string& file_name, at::Tensor target) {
  const SafetensorsEntry& entry = file.entries().at(file_name);
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

// Whether `part` is the first or second part of a name.
bool LiesIn(const std::string& part, const std::string& name) {
  const std::string first = FirstPart(name);
  return first == part ||
         (first.size() < name.size() && FirstPart(name.substr(first.size() + 1)) == part);
}

bool Holds(const std::map<std::string, SafetensorsEntry>& file, const std::string& part) {
  return std::any_of(file.begin(), file.end(),
                     [&](const auto& entry) { return LiesIn(part, entry.first); });
}

// What of the file the model reads: all but an optional part that it was built without.
// Tells the model where the file has none.
std::map<std::string, SafetensorsEntry> ReadBy(Model& model, const SafetensorsFile& file,
                                               std::vector<std::string>& notes) {
  std::map<std::string, SafetensorsEntry> entries = file.entries();
  const std::string part = model.OptionalPart();
  if (part.empty()) {
    return entries;
  }
  if (!Holds(entries, part)) {
    model.LeaveOutOptionalPart();
    notes.push_back(absl::StrCat("left out, since the file holds none: ", part));
    return entries;
  }
  const auto tensors = model.NamedTensors();
  if (std::none_of(tensors.begin(), tensors.end(),
                   [&](const auto& tensor) { return FirstPart(tensor.first) == part; })) {
    std::erase_if(entries, [&](const auto& entry) { return LiesIn(part, entry.first); });
    notes.push_back(absl::StrCat("skipped (the configuration leaves it out): ", part));
  }
  return entries;
}

}  // namespace

absl::StatusOr<WeightNames> MatchWeightNames(const std::map<std::string, SafetensorsEntry>& file,
                                             const std::vector<std::string>& model) {
  WeightNames result;
  const std::set<std::string> wanted(model.begin(), model.end());
  const std::string prefix = FindPrefix(file, model);
  std::vector<std::string> surplus;
  std::vector<std::string> skipped;
  for (const auto& [name, entry] : file) {
    const bool prefixed = absl::StartsWith(name, prefix);
    const std::string own = ModernName(prefixed ? name.substr(prefix.size()) : name);
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
  CUSP_ASSIGN_OR_RETURN(const SafetensorsFile file, SafetensorsFile::Open(path));
  std::vector<std::string> notes;
  const std::map<std::string, SafetensorsEntry> entries = ReadBy(model, file, notes);
  const auto tensors = model.NamedTensors();
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) {
    names.push_back(name);
  }
  const absl::StatusOr<WeightNames> matched = MatchWeightNames(entries, names);
  if (!matched.ok()) {
    return Annotate(matched.status(), path);
  }
  for (const auto& [name, tensor] : tensors) {
    CUSP_RETURN_IF_ERROR(LoadOne(file, matched->file_name_of.at(name), tensor));
  }
  notes.insert(notes.end(), matched->notes.begin(), matched->notes.end());
  return notes;
}

}  // namespace cusp::models
