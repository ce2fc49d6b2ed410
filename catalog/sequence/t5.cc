#include <algorithm>
#include <string>

#include "catalog/builtin_models.h"
#include "catalog/sequence/t5_skeleton.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kGated = "gated-";

constexpr auto kKeys = Join(
    T5Keys({.d_model = "512", .num_layers = "6", .num_decoder_layers = "null", .num_heads = "8"}),
    std::array<Key, 1>{{{"feed_forward_proj", "string", R"("relu")",
                         "activation of the feed-forward part; 'gated-' and one: gated, with "
                         "three matrices"}}});

constexpr auto kInertKeys = [] {
  std::array<InertKey, kT5InertKeys.size() + 1> keys{};
  std::copy(kT5InertKeys.begin(), kT5InertKeys.end(), keys.begin());
  keys.back() = {"dense_act_fn"};  // follows from feed_forward_proj
  return keys;
}();

constexpr std::array<Size, 5> kSizes = {{
    {"t5-small", R"({"vocab_size": 32128})"},
    {"t5-base",
     R"({"vocab_size": 32128, "d_model": 768, "d_ff": 3072, "num_layers": 12, "num_heads": 12})"},
    {"t5-large",
     R"({"vocab_size": 32128, "d_model": 1024, "d_ff": 4096, "num_layers": 24, "num_heads": 16})"},
    {"flan-t5-small",
     R"({"vocab_size": 32128, "d_model": 512, "d_ff": 1024, "num_layers": 8, "num_heads": 6,
         "feed_forward_proj": "gated-gelu"})"},
    {"flan-t5-base",
     R"({"vocab_size": 32128, "d_model": 768, "d_ff": 2048, "num_layers": 12, "num_heads": 12,
         "feed_forward_proj": "gated-gelu"})"},
}};

bool IsGated(const Json& config) {
  return config.at("feed_forward_proj").get_ref<const std::string&>().starts_with(kGated);
}

bool IsActivation(std::string_view name) {
  const std::string all = " " + std::string(kActivations) + " ";
  return name.find(' ') == std::string_view::npos &&
         all.find(" " + std::string(name) + " ") != std::string::npos;
}

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  std::string_view name = check.config.at("feed_forward_proj").get_ref<const std::string&>();
  if (name.starts_with(kGated)) {
    name.remove_prefix(kGated.size());
  }
  if (!IsActivation(name)) {
    return ConfigFault{"feed_forward_proj", "feed_forward_proj names no activation; use one of " +
                                                std::string(kActivations) +
                                                ", or 'gated-' before it"};
  }
  return CheckT5(check);
}

double Parameters(const Json& config) {
  const double matrices =
      (IsGated(config) ? 3 : 2) * Real(config, "d_model") * Real(config, "d_ff");
  return T5Parameters(config, [&](int64_t, bool) { return matrices; });
}

// Of one layer over `rows` tokens of the whole batch.
void LayerFeedForwardCost(const Json& config, double rows, CostTally& tally) {
  if (IsGated(config)) {
    tally.Linear(Component::kFeedForward, rows, Real(config, "d_model"), Real(config, "d_ff"));
  }
  T5PlainFeedForwardCost(config, rows, tally);
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double rows = tally.batch() * static_cast<double>(work.length);
  T5Cost(config, tally, [&](int64_t, bool) { LayerFeedForwardCost(config, rows, tally); });
}

void DecodeCost(const Json& config, const Workload& /*work*/, CostTally& tally) {
  T5DecodeCost(config, tally,
               [&](int64_t, bool) { LayerFeedForwardCost(config, tally.batch(), tally); });
}

}  // namespace

constinit const Model kT5 = {
    .name = "t5",
    .what = "encoder-decoder with relative biases; costs are of both at one length",
    .cost_order = "O(n^2 d + n d^2)",
    .source = "Raffel et al., T5, JMLR 2020 (arXiv:1910.10683)",
    .decode = true,
    .attention_backends = true,
    .keys = kKeys,
    .inert_keys = kInertKeys,
    .sizes = kSizes,
    .lengths = kByNoPositions,
    .rules = {.check = Check,
              .shape = ShapeT5,
              .finish = FinishT5,
              .limits = T5Limits,
              .parameters = Parameters,
              .cost = Cost,
              .decode_cost = DecodeCost,
              .axes = kT5Axes},
};

}  // namespace cusp::catalog
