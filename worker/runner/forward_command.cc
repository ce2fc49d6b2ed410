#include "worker/runner/forward_command.h"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "worker/models/model.h"
#include "worker/models/safetensors.h"

namespace cusp::runner {
namespace {

constexpr int kOk = 0;
constexpr int kFailed = 1;
constexpr int kBadInput = 2;
constexpr size_t kMaxConfigBytes = 16 << 20;

struct ForwardArguments {
  std::string config;
  std::string weights;
  std::string inputs;
  std::string output;
  std::string attention = "eager";
  std::string dtype = "float32";
  uint64_t seed = 1;
  int threads = 1;
};

const std::map<std::string, at::ScalarType>& DtypesByName() {
  static const auto* const kTypes =
      new std::map<std::string, at::ScalarType>{{"float32", at::kFloat},
                                                {"float64", at::kDouble},
                                                {"bfloat16", at::kBFloat16},
                                                {"float16", at::kHalf}};
  return *kTypes;
}

absl::Status Forward(const ForwardArguments& arguments) {
  at::set_num_threads(arguments.threads);
  CUSP_ASSIGN_OR_RETURN(const std::string config, ReadFile(arguments.config, kMaxConfigBytes));
  models::BuildOptions build;
  build.attention = arguments.attention;
  build.dtype = DtypesByName().at(arguments.dtype);
  build.seed = arguments.seed;
  absl::StatusOr<std::unique_ptr<models::Model>> model = models::BuildModel(config, build);
  if (!model.ok()) {
    return Annotate(model.status(), arguments.config);
  }
  if (!arguments.weights.empty()) {
    CUSP_ASSIGN_OR_RETURN(const std::vector<std::string> notes,
                          models::LoadWeights(arguments.weights, **model));
    for (const std::string& note : notes) {
      std::fprintf(stderr, "cusp-runner: %s: %s\n", arguments.weights.c_str(), note.c_str());
    }
  }
  CUSP_ASSIGN_OR_RETURN(const models::Inputs inputs, models::ReadSafetensors(arguments.inputs));
  CUSP_RETURN_IF_ERROR(Annotate((*model)->CheckInputs(inputs), arguments.inputs));
  const c10::InferenceMode guard;
  const at::Tensor output = (*model)->Forward(inputs).to(at::kFloat);
  return models::WriteSafetensors(arguments.output, {{"last_hidden_state", output}});
}

// What the caller can mend is bad input; the rest is ours or the machine's.
int ExitCode(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kDataLoss:
      return kBadInput;
    default:
      return kFailed;
  }
}

absl::Status ForwardCatching(const ForwardArguments& arguments) {
  try {
    return Forward(arguments);
  } catch (const c10::OutOfMemoryError& error) {
    return absl::ResourceExhaustedError(error.what_without_backtrace());
  } catch (const c10::Error& error) {
    return absl::InternalError(error.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("out of memory");
  }
}

}  // namespace

int RunForward(int argc, char** argv) {
  CLI::App app("Run one forward pass and write last_hidden_state", "cusp-runner forward");
  ForwardArguments arguments;
  std::vector<std::string> dtypes;
  for (const auto& [name, type] : DtypesByName()) {
    dtypes.push_back(name);
  }
  app.add_option("--config", arguments.config, "config.json of the model")->required();
  app.add_option("--weights", arguments.weights,
                 "safetensors with the weights, or the index.json beside its shards; without it\n"
                 "they are drawn from --seed");
  app.add_option("--inputs", arguments.inputs, "safetensors with input_ids, attention_mask, …")
      ->required();
  app.add_option("--output", arguments.output, "safetensors to write")->required();
  app.add_option("--attention", arguments.attention,
                 "eager, sdpa, or one kernel: math, flash, efficient, cudnn")
      ->capture_default_str();
  app.add_option("--dtype", arguments.dtype, "type to compute in")
      ->check(CLI::IsMember(dtypes))
      ->capture_default_str();
  app.add_option("--seed", arguments.seed, "seed of drawn weights")->capture_default_str();
  app.add_option("--threads", arguments.threads, "CPU threads")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kBadInput;
  }
  const absl::Status status = ForwardCatching(arguments);
  if (!status.ok()) {
    std::fprintf(stderr, "cusp-runner: %s\n", std::string(status.message()).c_str());
  }
  return ExitCode(status);
}

}  // namespace cusp::runner
