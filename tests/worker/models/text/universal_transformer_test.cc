#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

double Wave(int64_t place, int64_t feature, int64_t features) {
  const double phase =
      static_cast<double>(place) /
      std::pow(10000, 2.0 * static_cast<double>(feature / 2) / static_cast<double>(features));
  return feature % 2 == 0 ? std::sin(phase) : std::cos(phase);
}

// Positions and steps count from 1.
at::Tensor Timing(int64_t n, int64_t step, int64_t features) {
  at::Tensor table = ops::Empty({n, features}, at::kDouble, at::kCPU);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < features; ++j) {
      table.select(0, i).select(0, j).fill_(Wave(i + 1, j, features) + Wave(step, j, features));
    }
  }
  return table;
}

at::Tensor Stepped(const SlowTensors& tensors, const at::Tensor& x, const at::Tensor& keep,
                   int64_t step) {
  return SlowEncoderLayer(Below(tensors, "encoder.layer.0."),
                          x.add(Timing(x.size(1), step, x.size(2))), keep, 2, PlainSlowAttention);
}

TEST(UniversalTransformerTest, EveryStepIsALayerOfBert) {
  for (const int64_t steps : {1, 2, 5}) {
    nlohmann::json config = TinyConfig("universal_transformer");
    config["num_hidden_layers"] = steps;
    const auto model = MustBuild(config, {.dtype = at::kDouble});
    const SlowTensors tensors = TensorsOf(*model);
    for (const int64_t length : {1, 13, 24}) {
      const Inputs inputs = TinyInputs("universal_transformer", length, 1);
      at::Tensor x = SlowEmbedding(tensors, inputs);
      for (int64_t step = 1; step <= steps; ++step) {
        x = Stepped(tensors, x, KeepOf(inputs), step);
      }
      EXPECT_LT(ScaledDifference(Infer(*model, inputs), x, inputs.at("attention_mask")), 1e-9);
    }
  }
}

TEST(UniversalTransformerTest, StepsShareOneLayersTensors) {
  nlohmann::json config = TinyConfig("universal_transformer");
  config["num_hidden_layers"] = 7;
  EXPECT_EQ(MustBuild(config)->NamedTensors().size(), 5 + 16U);
}

nlohmann::json Halting(double threshold) {
  nlohmann::json config = TinyConfig("universal_transformer");
  config["act"] = true;
  config["act_threshold"] = threshold;
  config["num_hidden_layers"] = 6;
  return config;
}

// One token of one sample: its states' mean, by Graves's rule.
at::Tensor HaltedMean(const std::vector<at::Tensor>& states, const std::vector<double>& p,
                      double threshold) {
  at::Tensor mean = states.front().mul(0);
  double sum = 0;
  for (size_t step = 0; step < states.size(); ++step) {
    if (sum + p[step] > threshold || step + 1 == states.size()) {
      return mean.add(states[step].mul(1 - sum));
    }
    mean = mean.add(states[step].mul(p[step]));
    sum += p[step];
  }
  return mean;
}

TEST(UniversalTransformerTest, ActWeighsAndStopsTokenByToken) {
  for (const double threshold : {0.3, 0.99}) {
    const nlohmann::json config = Halting(threshold);
    const auto model = MustBuild(config, {.dtype = at::kDouble});
    const SlowTensors tensors = TensorsOf(*model);
    const Inputs inputs = TinyInputs("universal_transformer", 9, 1);
    const at::Tensor output = Infer(*model, inputs);
    at::Tensor x = SlowEmbedding(tensors, inputs);
    std::vector<at::Tensor> states;
    std::vector<at::Tensor> halting;
    for (int64_t step = 1; step <= 6; ++step) {
      halting.push_back(x.add(Timing(9, step, 16))
                            .matmul(tensors.at("encoder.halting.weight").t())
                            .add(tensors.at("encoder.halting.bias"))
                            .sigmoid());
      x = Stepped(tensors, x, KeepOf(inputs), step);
      states.push_back(x);
    }
    for (int64_t i = 0; i < 9; ++i) {
      std::vector<at::Tensor> mine;
      std::vector<double> p;
      for (size_t step = 0; step < 6; ++step) {
        mine.push_back(states[step].select(0, 0).select(0, i));
        p.push_back(halting[step].select(0, 0).select(0, i).item<double>());
      }
      EXPECT_LT(ScaledDifference(output.select(0, 0).select(0, i), HaltedMean(mine, p, threshold)),
                1e-9)
          << "token " << i << ", threshold " << threshold;
    }
  }
}

TEST(UniversalTransformerTest, FormulasCountTheHaltingUnit) {
  ExpectParametersAsBuilt(Halting(0.99));
  // One probability alone does not reach 1, so both steps are taken.
  nlohmann::json config = Halting(1);
  config["num_hidden_layers"] = 2;
  ExpectCostsAsCounted(config);
}

}  // namespace
}  // namespace cusp::models
