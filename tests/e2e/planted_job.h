// A job whose answer is known, for the fake runner.
#pragma once

#include <string>

namespace cusp::e2e {

// BERT against Longformer in one sweep, by latency alone.
inline constexpr char kPlantedJob[] = R"(
name: planted
preset: tiny
baselines: [bert]
candidates:
  - {name: lf, model: longformer, config: {attention_window: 16}}
modes: [inference]
metrics: [latency]
lengths: {min: 64, max: 1024}
threads: 1
seed: 7
)";

// Where its curves cross.
inline constexpr double kPlantedCrossing = 400;

// bert costs 1e-3 + 1e-8 n^2 seconds, lf 1e-3 + 4e-6 n; `sleep_scale` is the share of
// them that is slept.
inline std::string PlantedScript(double sleep_scale) {
  return R"({"variants": [{"a": 1e-3, "b": 0, "c": 1e-8}, {"a": 1e-3, "b": 4e-6, "c": 0}],
             "noise": 0.005, "sleep_scale": )" +
         std::to_string(sleep_scale) + "}";
}

}  // namespace cusp::e2e
