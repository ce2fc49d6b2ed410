#include "worker/runner/device.h"

#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <dlfcn.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "common/status_macros.h"
#include "worker/runner/cuda_driver.h"
#include "worker/runner/host_facts.h"

namespace cusp::runner {
namespace {

constexpr char kCudaLibrary[] = "libtorch_cuda.so";
constexpr int kMaxThreads = 4096;

absl::StatusOr<c10::DeviceIndex> ParseIndex(const std::string& name) {
  constexpr std::string_view kPrefix = "cuda:";
  c10::DeviceIndex index = -1;
  if (name == "cuda") {
    return c10::DeviceIndex{0};
  }
  if (name.starts_with(kPrefix)) {
    const char* end = name.data() + name.size();
    const auto [rest, error] = std::from_chars(name.data() + kPrefix.size(), end, index);
    if (error != std::errc() || rest != end) {
      index = -1;
    }
  }
  if (index < 0) {
    return absl::InvalidArgumentError("device: unknown device '" + name +
                                      "'; use cpu or cuda:N, such as cuda:0");
  }
  return index;
}

absl::Status LoadCuda(const std::string& name) {
  // RTLD_GLOBAL: LibTorch looks the backend's symbols up by name. Found through
  // the executable's RPATH, like libtorch_cpu.so.
  if (dlopen(kCudaLibrary, RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    const char* reason = dlerror();
    return absl::InvalidArgumentError(
        "device: " + name + " is not available: " + (reason != nullptr ? reason : kCudaLibrary) +
        "; install the NVIDIA driver and run ./dev setup again, or use cpu");
  }
  return absl::OkStatus();
}

void SetNumbers() {
  at::Context& context = at::globalContext();
  context.setAllowTF32CuBLAS(false);
  context.setAllowTF32CuDNN(false);
  context.setAllowFP16ReductionCuBLAS(false);
  context.setAllowBF16ReductionCuBLAS(false);
  context.setAllowFP16AccumulationCuBLAS(false);
  context.setBenchmarkCuDNN(false);
}

// As LibTorch has them now, whatever was asked of it.
std::string ReadNumbers() {
  const at::Context& context = at::globalContext();
  const auto reduced = [](at::CuBLASReductionOption option) {
    return option == at::CuBLASReductionOption::AllowReducedPrecisionWithSplitK;
  };
  const std::pair<const char*, bool> settings[] = {
      {"tf32_matmul", context.allowTF32CuBLAS()},
      {"tf32_cudnn", context.allowTF32CuDNN()},
      {"tf32_onednn", context.allowTF32OneDNN()},
      {"fp16_reduction", reduced(context.allowFP16ReductionCuBLAS())},
      {"bf16_reduction", reduced(context.allowBF16ReductionCuBLAS())},
      {"fp16_reduction_cpu", context.allowFP16ReductionCPU()},
      {"fp16_accumulation", context.allowFP16AccumulationCuBLAS()},
      {"cudnn_benchmark", context.benchmarkCuDNN()},
      {"deterministic", context.deterministicAlgorithms()}};
  std::string text;
  for (const auto& [name, on] : settings) {
    text += (text.empty() ? "" : " ") + std::string(name) + (on ? "=on" : "=off");
  }
  return text;
}

// Starts every thread of the pool: their stacks and arenas are no model's.
void StartThreads(int threads) {
  at::parallel_for(0, threads, 1, [](int64_t, int64_t) {});
}

void LoadKernels(c10::Device device) {
  constexpr int64_t kSide = 64;
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const at::Tensor a = at::ones({kSide, kSide}, at::TensorOptions().dtype(dtype).device(device));
    at::matmul(a, a);
  }
}

}  // namespace

absl::StatusOr<c10::Device> OpenDevice(const std::string& name) {
  if (name == "cpu") {
    return c10::Device(c10::kCPU);
  }
  CUSP_ASSIGN_OR_RETURN(const c10::DeviceIndex index, ParseIndex(name));
  CUSP_RETURN_IF_ERROR(LoadCuda(name));
  const c10::DeviceIndex count = at::accelerator::deviceCount();
  if (index >= count) {
    return absl::InvalidArgumentError("device: " + name + " is not available: this process sees " +
                                      std::to_string(count) +
                                      " CUDA devices; check nvidia-smi and CUDA_VISIBLE_DEVICES");
  }
  at::globalContext().lazyInitDevice(c10::kCUDA);
  at::accelerator::setDeviceIndex(index);
  return c10::Device(c10::kCUDA, index);
}

absl::Status WarmProcess(c10::Device device, int threads) {
  if (threads < 0 || threads > kMaxThreads) {
    return absl::InvalidArgumentError("threads: " + std::to_string(threads) +
                                      " is not between 0 (all cores) and " +
                                      std::to_string(kMaxThreads));
  }
  if (threads == 0) {
    const cpu_set_t allowed = AllowedCpus();
    threads = std::max(CPU_COUNT(&allowed), 1);
  }
  // LibTorch lets it be set once in a process; a start may be tried again.
  if (at::get_num_interop_threads() != 1) {
    at::set_num_interop_threads(1);
  }
  at::set_num_threads(threads);
  SetNumbers();
  StartThreads(threads);
  LoadKernels(device);
  return absl::OkStatus();
}

absl::StatusOr<v1::StartResponse> DescribeProcess(c10::Device device) {
  v1::StartResponse response;
  response.set_device(device.str());
  response.set_torch_version(TORCH_VERSION);
  response.set_build_id(BuildId());
  response.set_threads(at::get_num_threads());
  response.set_affinity(CpuListText(AllowedCpus()));
  response.set_cpu_capability(at::get_cpu_capability());
  response.set_number_settings(ReadNumbers());
  if (device.is_cpu()) {
    response.set_device_class(CpuModel());
    response.set_memory_bytes(HostMemoryBytes());
    return response;
  }
  CUSP_ASSIGN_OR_RETURN(const CudaFacts facts, ReadCudaFacts(device.index()));
  response.set_device_class(facts.name);
  response.set_driver_version(facts.driver_version);
  response.set_memory_bytes(facts.memory_bytes);
  response.set_clock_mhz(facts.clock_mhz);
  response.set_memory_clock_mhz(facts.memory_clock_mhz);
  response.set_pci_bus_id(facts.pci_bus_id);
  return response;
}

}  // namespace cusp::runner
