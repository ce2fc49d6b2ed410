// Tiny configurations of every model, inputs of them, and small measures, for
// tests of worker/models.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "worker/models/model.h"

namespace cusp::models {

// A configuration of this model_type: 2 layers, hidden size 16, 2 heads.
nlohmann::json TinyConfig(const std::string& model_type);

// The same for lengths up to 4096, with blocks that stay small beside them.
nlohmann::json LongConfig(const std::string& model_type);

// How many times the memory of a pass grows, at least and at most, where its tokens grow
// `steps` times: about as many for a linear cost, the square of it for a quadratic one.
std::pair<double, double> PromisedGrowth(const std::string& model_type, double steps);

// Builds, or stops the test program with the message.
std::unique_ptr<Model> MustBuild(const nlohmann::json& config, const BuildOptions& build = {});

// A length in tokens that TinyConfig's model of text takes with and without profiling.
inline constexpr int64_t kTinyLength = 24;

// Such a length of any model, in its modality's unit.
int64_t TinyLength(const std::string& model_type);

// Lengths to measure any model at: a few, of which none is a multiple of anything.
std::vector<int64_t> OddLengths(const std::string& model_type);

// Three long lengths, of which each is twice the one before.
std::vector<int64_t> GrowingLengths(const std::string& model_type);

// Random values, an attention mask with a shorter second row where the model takes
// one and, for longformer, a few global tokens. Batch of two.
Inputs TinyInputs(const std::string& model_type, int64_t length, uint64_t seed);

// The input that every other one goes with.
std::string MainInput(const std::string& model_type);

// [2, n, d] of the output for TinyInputs of `length`.
std::vector<int64_t> TinyOutputSizes(const std::string& model_type, int64_t length);

// Which of the output's `rows` stem from real input, [B, rows]; undefined: all.
at::Tensor RealRows(const Inputs& inputs, int64_t rows);

// Largest |a - b| over the root mean square of b, at least 1, at tokens where
// `mask` [B, n] is not 0 (everywhere if undefined).
double ScaledDifference(const at::Tensor& a, const at::Tensor& b, const at::Tensor& mask = {});

// Normal draws from a generator of their own.
at::Tensor RandomNormal(at::IntArrayRef sizes, uint64_t seed, double deviation = 1,
                        at::ScalarType dtype = at::kFloat);

// Sum of all tensors that `work` allocates, run without gradients.
int64_t AllocatedBytes(const std::function<void()>& work);
// … that one pass allocates.
int64_t AllocatedBytesOf(Model& model, const Inputs& inputs);

// Of what `work` allocates, the bytes that live as long as its result: with gradients, all
// that its backward pass needs.
int64_t KeptBytes(const std::function<at::Tensor()>& work);

// model(inputs) without gradients.
at::Tensor Infer(Model& model, const Inputs& inputs);

}  // namespace cusp::models
