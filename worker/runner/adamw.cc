#include "worker/runner/adamw.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <utility>

namespace cusp::runner {
namespace {

constexpr double kLearningRate = 1e-6;
constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kWeightDecay = 0.01;
constexpr double kEpsilon = 1e-8;

}  // namespace

AdamW::AdamW(std::vector<at::Tensor> parameters)
    : parameters_(std::move(parameters)),
      first_moments_(parameters_.size()),
      second_moments_(parameters_.size()) {
  if (!parameters_.empty()) {
    steps_ = at::zeros({}, parameters_.front().options().dtype(at::kFloat).requires_grad(false));
  }
}

void AdamW::Step() {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> parameters;
  std::vector<at::Tensor> gradients;
  std::vector<at::Tensor> first;
  std::vector<at::Tensor> second;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const at::Tensor& gradient = parameters_[i].grad();
    if (!gradient.defined()) {
      continue;
    }
    if (!first_moments_[i].defined()) {
      first_moments_[i] = at::zeros_like(parameters_[i]);
      second_moments_[i] = at::zeros_like(parameters_[i]);
    }
    parameters.push_back(parameters_[i]);
    gradients.push_back(gradient);
    first.push_back(first_moments_[i]);
    second.push_back(second_moments_[i]);
  }
  if (parameters.empty()) {
    return;
  }
  steps_.add_(1);
  const std::vector<at::Tensor> steps(parameters.size(), steps_);
  at::_fused_adamw_(parameters, gradients, first, second, /*max_exp_avg_sqs=*/{}, steps,
                    kLearningRate, kBeta1, kBeta2, kWeightDecay, kEpsilon, /*amsgrad=*/false,
                    /*maximize=*/false);
  DropGradients();
}

void AdamW::DropGradients() {
  for (at::Tensor& parameter : parameters_) {
    parameter.mutable_grad().reset();
  }
}

}  // namespace cusp::runner
