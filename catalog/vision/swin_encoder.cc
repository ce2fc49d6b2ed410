#include "catalog/vision/swin_encoder.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace cusp::catalog {

using Json = nlohmann::json;

namespace {

constexpr size_t kMostStages = 12;

std::vector<int64_t> List(const Json& config, const char* key) {
  return config.at(key).get<std::vector<int64_t>>();
}

std::optional<ConfigFault> CheckStages(const ConfigCheck& check) {
  const auto depths = List(check.config, "depths");
  const auto heads = List(check.config, "num_heads");
  if (depths.size() != heads.size() || depths.size() > kMostStages) {
    return ConfigFault{"num_heads", "num_heads lists " + std::to_string(heads.size()) +
                                        " values for " + std::to_string(depths.size()) +
                                        " stages in depths; give one for each of up to 12"};
  }
  int64_t features = Int(check.config, "embed_dim");
  for (const int64_t one : heads) {
    if (features % one != 0) {
      return ConfigFault{"num_heads", "the " + std::to_string(features) +
                                          " features of a stage are not a multiple of its " +
                                          std::to_string(one) + " heads; change one of them"};
    }
    features *= 2;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ConfigFault> CheckSwin(const ConfigCheck& check) {
  if (auto fault = CheckPatch(check)) {
    return fault;
  }
  return CheckStages(check);
}

void ShapeSwin(const Preset& preset, Json& config) {
  struct Shape {
    std::string_view preset;
    int64_t embed_dim;
    std::vector<int64_t> depths, heads;
  };
  static const auto* const shapes = new std::vector<Shape>{
      {"tiny", 32, {2, 2}, {1, 2}},
      {"small", 64, {2, 2, 2}, {2, 4, 8}},
      {"base", 128, {2, 2, 18, 2}, {4, 8, 16, 32}},
      {"large", 192, {2, 2, 18, 2}, {6, 12, 24, 48}},
  };
  for (const Shape& shape : *shapes) {
    if (shape.preset == preset.name) {
      config["embed_dim"] = shape.embed_dim;
      config["depths"] = shape.depths;
      config["num_heads"] = shape.heads;
    }
  }
}

int64_t SwinHeadSize(const Json& config, size_t stage) {
  return config.contains("head_dims")
             ? List(config, "head_dims")[stage]
             : (Int(config, "embed_dim") << stage) / List(config, "num_heads")[stage];
}

int64_t SwinRows(const Json& config, size_t stage) {
  return config.contains("mlp_rows")
             ? List(config, "mlp_rows")[stage]
             : static_cast<int64_t>(Real(config, "mlp_ratio") *
                                    static_cast<double>(Int(config, "embed_dim") << stage));
}

void PruneSwin(Json& config, const Pruning& pruning) {
  std::vector<int64_t> heads = List(config, "num_heads");
  std::vector<int64_t> sizes;
  std::vector<int64_t> rows;
  for (size_t stage = 0; stage < heads.size(); ++stage) {
    sizes.push_back(SwinHeadSize(config, stage));
    rows.push_back(pruning.Rows(SwinRows(config, stage)));
    heads[stage] = pruning.Heads(heads[stage]);
  }
  config["num_heads"] = heads;
  config["head_dims"] = sizes;
  config["mlp_rows"] = rows;
}

void SetSwinDepths(Json& config, int64_t layers) {
  for (Json& depth : config["depths"]) {
    depth = layers;
  }
}

int64_t SwinQuantum(const Json& config) {
  return Int(config, "window_size") * Int(config, "patch_size") *
         (int64_t{1} << (config.at("depths").size() - 1));
}

int64_t SwinTokens(const Json& config, int64_t pixels) {
  const int64_t side = PatchesAlong(config, pixels);
  return side * side;
}

void ForEachSwinStage(const Json& config, int64_t pixels, bool fixed,
                      const std::function<void(const SwinStage& stage)>& visit) {
  const auto depths = List(config, "depths");
  const auto heads = List(config, "num_heads");
  SwinStage stage;
  stage.side = PatchesAlong(config, pixels);
  int64_t made_for = Int(config, "image_size") / Int(config, "patch_size");
  int64_t features = Int(config, "embed_dim");
  for (stage.index = 0; stage.index < depths.size(); ++stage.index) {
    const int64_t clamp = fixed ? std::max<int64_t>(made_for, 1) : stage.side;
    stage.window = std::min(Int(config, "window_size"), clamp);
    stage.padded = RoundUp(stage.side, stage.window);
    stage.features = static_cast<double>(features);
    stage.heads = static_cast<double>(heads[stage.index]);
    stage.depth = static_cast<double>(depths[stage.index]);
    stage.head_size = static_cast<double>(SwinHeadSize(config, stage.index));
    stage.rows = static_cast<double>(SwinRows(config, stage.index));
    visit(stage);
    stage.side = RoundUp(stage.side, 2) / 2;
    made_for /= 2;
    features *= 2;
  }
}

void SwinCost(const Json& config, const Workload& work, bool fixed, CostTally& tally,
              const std::function<void(const SwinStage& stage)>& extra) {
  const double batch = tally.batch();
  PatchCost(config, work.length, Real(config, "embed_dim"), tally);
  const size_t stages = config.at("depths").size();
  ForEachSwinStage(config, work.length, fixed, [&](const SwinStage& stage) {
    const double d = stage.features;
    const double rows = batch * static_cast<double>(stage.side * stage.side);
    const double padded = batch * static_cast<double>(stage.padded * stage.padded);
    const auto area = static_cast<double>(stage.window * stage.window);
    for (int block = 0; block < static_cast<int>(stage.depth); ++block) {
      for (int i = 0; i < 3; ++i) {
        tally.Linear(Component::kProjection, padded, d, stage.inner());
      }
      tally.Attention(padded / area * stage.heads, area, area, stage.head_size, stage.head_size);
      tally.Linear(Component::kProjection, rows, stage.inner(), d);
      tally.Linear(Component::kFeedForward, rows, d, stage.rows);
      tally.Linear(Component::kFeedForward, rows, stage.rows, d);
      extra(stage);
    }
    if (stage.index + 1 < stages) {
      const int64_t next = RoundUp(stage.side, 2) / 2;
      tally.Linear(Component::kOther, batch * static_cast<double>(next * next), 4 * d, 2 * d);
    }
  });
}

double SwinParameters(const Json& config) {
  const double embed = Real(config, "embed_dim");
  double total = PatchParameters(config, embed) + 2 * embed;
  const size_t stages = config.at("depths").size();
  ForEachSwinStage(config, 1, false, [&](const SwinStage& stage) {
    const double d = stage.features;
    const double f = stage.rows;
    const double biases = d + (Flag(config, "qkv_bias") ? 3 * stage.inner() : 0);
    total += stage.depth * (4 * d * stage.inner() + biases + 2 * d * f + f + d + 4 * d);
    total += stage.index + 1 < stages ? 8 * d * d : 2 * d;  // merging, or the last norm
  });
  return total;
}

}  // namespace cusp::catalog
