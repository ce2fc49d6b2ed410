#include "catalog/model.h"

namespace cusp::catalog {

using Json = nlohmann::json;

std::optional<ConfigFault> NoFault(const ConfigCheck& /*check*/) { return std::nullopt; }

int64_t NoPadding(const Json& /*config*/) { return 1; }

int64_t NoSlack(const Json& /*config*/) { return 0; }

int64_t OnePositionEach(const Json& /*config*/, int64_t length) { return length; }

int64_t OneTokenEach(const Json& /*config*/, int64_t length) { return length; }

void NothingToFinish(Json& /*config*/, bool /*profiling*/) {}

void SetHiddenLayers(Json& config, int64_t layers) { config["num_hidden_layers"] = layers; }

void UsualShape(const Preset& preset, Json& config) {
  config["num_hidden_layers"] = preset.num_hidden_layers;
  config["hidden_size"] = preset.hidden_size;
  config["num_attention_heads"] = preset.num_attention_heads;
  config["intermediate_size"] = preset.intermediate_size;
}

}  // namespace cusp::catalog
