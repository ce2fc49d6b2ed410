#include "catalog/job_variants.h"

#include <algorithm>
#include <utility>

#include "catalog/config.h"
#include "catalog/decoding.h"
#include "catalog/job_names.h"
#include "catalog/lengths.h"
#include "catalog/quote.h"

namespace cusp::catalog {
namespace {

constexpr size_t kLongestPath = 4096;

// Collects the faults of one variant under its path.
struct Faults {
  const std::string& path;
  std::vector<Problem>& problems;

  void Add(const std::string& below, std::string message) const {
    problems.push_back({below.empty() ? path : path + "." + below, std::move(message)});
  }
};

std::string UnknownModel(const std::string& name) {
  const auto known = ModelNames();
  std::string message = "unknown model " + Quoted(name);
  if (const std::string nearest = NearestOf(name, known); !nearest.empty()) {
    return message + "; did you mean '" + nearest + "'?";
  }
  message += "; known are";
  for (const std::string_view one : known) {
    message += (one == known.front() ? " " : ", ") + std::string(one);
  }
  return message;
}

// The model of a config_file; nullptr with a fault added.
const Model* ModelOfFile(const v1::VariantSpec& variant, const Faults& faults) {
  const auto config = ParseConfigObject(variant.config_file_json());
  if (!config.ok()) {
    faults.Add("config_file", std::string(config.status().message()));
    return nullptr;
  }
  const auto type = config->find("model_type");
  if (type == config->end() || !type->is_string()) {
    faults.Add("config_file", "config_file has no model_type; add one of 'cusp models'");
    return nullptr;
  }
  const std::string name = type->get<std::string>();
  const Model* model = FindModel(name);
  if (model == nullptr) {
    faults.Add("config_file", UnknownModel(name) + " (its model_type)");
  } else if (!variant.model().empty() && variant.model() != name) {
    faults.Add("model", "model is " + Quoted(variant.model()) + ", but config_file says " +
                            Quoted(name) + "; leave model out");
    return nullptr;
  }
  return model;
}

const Model* ModelOf(const v1::VariantSpec& variant, const Faults& faults) {
  if (!variant.config_file_json().empty()) {
    return ModelOfFile(variant, faults);
  }
  if (variant.model().empty()) {
    faults.Add("", "the variant names no model; add model: with a name of 'cusp models'");
    return nullptr;
  }
  const NamedConfig* named = FindNamedConfig(variant.model());
  const Model* model = FindModel(named != nullptr ? named->model : variant.model());
  if (model == nullptr) {
    faults.Add("model", UnknownModel(variant.model()));
  }
  return model;
}

bool Decodes(const v1::JobSpec& spec) {
  return std::find(spec.modes().begin(), spec.modes().end(), v1::MODE_DECODE) != spec.modes().end();
}

void CheckModes(const v1::JobSpec& spec, const Model& model, const Faults& faults) {
  // What this version does not measure is refused once, for the whole job.
  for (const int mode : spec.modes()) {
    const bool refused = (mode == v1::MODE_INFERENCE && !model.inference) ||
                         (mode == v1::MODE_TRAINING && !model.training) ||
                         (mode == v1::MODE_DECODE && !model.decode);
    if (refused) {
      faults.Add("model", std::string(model.name) + " cannot run in mode " +
                              ToText(static_cast<v1::Mode>(mode)) +
                              "; leave out the model or the mode");
    }
  }
}

void CheckAttention(const v1::JobSpec& spec, const v1::VariantSpec& variant, const Model& model,
                    const Faults& faults) {
  const std::string text = ToText(variant.attention());
  if (text.empty()) {
    faults.Add("attention", "unknown attention backend " + std::to_string(variant.attention()) +
                                "; use eager, sdpa, math, flash, efficient or cudnn");
    return;
  }
  if (variant.attention() == v1::ATTENTION_EAGER) {
    return;
  }
  if (!model.attention_backends) {
    faults.Add("attention", std::string(model.name) +
                                " has no plain attention to choose a backend for; leave "
                                "attention out");
  } else if (spec.device() == "cpu" && (variant.attention() == v1::ATTENTION_EFFICIENT ||
                                        variant.attention() == v1::ATTENTION_CUDNN)) {
    faults.Add("attention", "attention " + text +
                                " needs a GPU, but device is cpu; use eager, sdpa, math or flash");
  }
}

void CheckWeights(const v1::VariantSpec& variant, const Faults& faults) {
  const std::string& path = variant.weights_path();
  const std::string& hash = variant.weights_sha256();
  if (path.empty()) {
    if (!hash.empty()) {
      faults.Add("weights_file", "a hash of weights without their path; add weights_file");
    }
    return;
  }
  if (path.front() != '/' || path.size() > kLongestPath || HasControl(path)) {
    faults.Add("weights_file", "the weights' path " + Quoted(path) +
                                   " is no absolute path of printable characters; use one");
  }
  const bool is_hash = hash.size() == 64 && std::all_of(hash.begin(), hash.end(), [](char c) {
                         return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                       });
  if (!is_hash) {
    faults.Add("weights_file", "the weights' SHA-256 is not 64 lower-case hex digits");
  }
}

// What one axis cannot do in any model.
void CheckModesOfAxes(const v1::JobSpec& spec, const v1::VariantSpec& variant,
                      const Faults& faults) {
  const auto& modes = spec.modes();
  if (variant.axes().checkpointing() &&
      std::find(modes.begin(), modes.end(), v1::MODE_TRAINING) == modes.end()) {
    faults.Add("axes.checkpointing",
               "checkpointing acts in training alone; add training to modes or leave it out");
  }
}

// The keys of the axes that are on; empty where none is.
std::string AxesJson(const v1::Axes& axes) {
  nlohmann::json json = nlohmann::json::object();
  if (axes.share_layers()) {
    json["share_layers"] = true;
  }
  if (axes.prune() != 0) {
    json["prune"] = axes.prune();
  }
  if (axes.checkpointing()) {
    json["checkpointing"] = true;
  }
  return json.empty() ? "" : json.dump();
}

// Inputs of the longest length, with the tokens that are decoded after them.
int64_t LongestInput(const v1::JobSpec& spec) {
  const int64_t max = spec.lengths().max();
  return Decodes(spec) ? DecodeTokens(max) : max;
}

void CheckLengths(const v1::JobSpec& spec, const std::string& name, const LengthLimits& limits,
                  const Faults& faults) {
  const int64_t min = spec.lengths().min();
  const int64_t max = spec.lengths().max();
  const auto text = [&](int64_t length) { return LengthText(length, spec.lengths().unit()); };
  const int64_t beyond = LongestInput(spec) - max;
  if (min < limits.min) {
    faults.Add("", Quoted(name) + " takes no length below " + text(limits.min) +
                       ", but lengths start at " + text(min) + ": " + limits.min_reason +
                       "; start lengths at " + text(limits.min) + " or change its config");
  }
  if (max + beyond > limits.max) {
    const std::string decoding =
        beyond > 0 ? ", and decoding steps beyond the context take " + std::to_string(beyond) : "";
    faults.Add("", Quoted(name) + " takes no length above " + text(limits.max - beyond) +
                       ", but lengths go up to " + text(max) + ": " + limits.max_reason + decoding +
                       "; end lengths there or set extend_positions: true");
  }
}

ConfigRequest RequestFor(const v1::JobSpec& spec, const v1::VariantSpec& variant,
                         const Model& model, bool lengths_good) {
  ConfigRequest request;
  request.model = &model;
  request.overrides_json = variant.config_json();
  if (!variant.config_file_json().empty()) {
    request.base_json = variant.config_file_json();
  } else if (const NamedConfig* named = FindNamedConfig(variant.model())) {
    request.base_json = named->config_json;
  } else {
    request.preset = FindPreset(spec.preset());
  }
  // Without good lengths nothing shall be too long for them.
  request.longest_length = lengths_good ? LongestInput(spec) : LongestLength(spec.lengths().unit());
  request.extend_positions = spec.extend_positions();
  request.decode = Decodes(spec) && model.decode;
  return request;
}

const char* PlaceOf(ConfigPart part) {
  switch (part) {
    case ConfigPart::kBase:
      return "config_file";
    case ConfigPart::kOverrides:
      return "config";
    case ConfigPart::kAxes:
      break;
  }
  return "axes";
}

void Configure(const v1::JobSpec& spec, const v1::VariantSpec& variant, bool lengths_good,
               const Faults& faults, VariantOutcome& outcome) {
  const std::string axes = AxesJson(variant.axes());
  ConfigRequest request = RequestFor(spec, variant, *outcome.model, lengths_good);
  request.axes_json = axes;
  const ConfigOutcome config = CompleteConfigOf(request);
  for (const PlacedFault& placed : config.faults) {
    std::string below = PlaceOf(placed.part);
    if (placed.part != ConfigPart::kBase && !placed.fault.key.empty()) {
      below += "." + placed.fault.key;
    }
    faults.Add(below, placed.fault.message);
  }
  if (!config.faults.empty()) {
    return;
  }
  if (lengths_good) {
    CheckLengths(spec, variant.name(), config.config.limits, faults);
  }
  if (config.config.extended && !variant.weights_path().empty()) {
    faults.Add("weights_file",
               "the weights hold fewer positions than the job's lengths, and extend_positions "
               "cannot invent them; end lengths earlier or leave weights_file out");
  }
  outcome.resolved.config_json = config.config.json;
  outcome.resolved.quantum = config.config.quantum;
  outcome.resolved.slack = config.config.slack;
  outcome.resolved.min_length = config.config.limits.min;
  outcome.resolved.max_length = config.config.limits.max;
}

}  // namespace

const Model* KnownModelOf(const v1::VariantSpec& variant) {
  std::vector<Problem> ignored;
  const std::string path;
  return ModelOf(variant, Faults{path, ignored});
}

VariantOutcome ResolveVariant(const v1::JobSpec& spec, const v1::VariantSpec& variant,
                              const std::string& path, bool lengths_good) {
  VariantOutcome outcome;
  const Faults faults{path, outcome.problems};
  outcome.model = ModelOf(variant, faults);
  if (outcome.model != nullptr) {
    if (std::string fault = FaultOfName(variant.name()); !fault.empty()) {
      faults.Add("name", std::move(fault));
    }
    CheckModes(spec, *outcome.model, faults);
    CheckAttention(spec, variant, *outcome.model, faults);
    CheckModesOfAxes(spec, variant, faults);
    Configure(spec, variant, lengths_good, faults, outcome);
  }
  CheckWeights(variant, faults);
  outcome.resolved.name = variant.name();
  outcome.resolved.attention = ToText(variant.attention());
  return outcome;
}

}  // namespace cusp::catalog
