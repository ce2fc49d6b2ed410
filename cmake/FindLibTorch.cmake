# Finds LibTorch inside a `torch` wheel and defines the target cusp::torch.
#
# Torch's own find_package(Torch) stops with an error where no CUDA toolkit is
# installed, since the wheel was built with CUDA. Nothing of ours needs CUDA to
# compile: the runner uses device-agnostic interfaces and loads
# libtorch_cuda.so at run time. So the target is defined here, from two
# libraries (libtorch_cpu, libc10) and the include folders.
#
# Where the wheel is looked for, in this order:
#   1. -DCUSP_LIBTORCH=DIR or $CUSP_LIBTORCH: the folder named `torch` in a wheel
#   2. the python3 on PATH, if its torch has the version wanted
#   3. $XDG_CACHE_HOME/cusp/libtorch-VERSION/torch, where ./dev setup unpacks it
#
# Two traps:
#   - The wheel ships headers of fmt and protobuf that differ from the system's;
#     with -I they would shadow those, so its folders come last (-idirafter).
#   - libtorch_cpu.so names libcudart and libcupti; it finds them through its
#     own RPATH in ../../nvidia. An old-style RPATH (not RUNPATH) in our binary
#     also serves the libraries that those load in turn.
set(CUSP_TORCH_VERSION 2.11.0)
set(CUSP_LIBTORCH "" CACHE PATH "The folder `torch` of a torch ${CUSP_TORCH_VERSION} wheel")

set(_candidates ${CUSP_LIBTORCH} $ENV{CUSP_LIBTORCH})
if(NOT _candidates)
  execute_process(
    COMMAND python3 -c "import importlib.util as u, importlib.metadata as m, os
s = u.find_spec('torch')
print(os.path.dirname(s.origin) if s and m.version('torch').startswith('${CUSP_TORCH_VERSION}') else '')"
    OUTPUT_VARIABLE _python_torch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  set(_cache $ENV{XDG_CACHE_HOME})
  if(NOT _cache)  # not set, or empty, which counts as not set
    set(_cache $ENV{HOME}/.cache)
  endif()
  set(_candidates ${_python_torch} ${_cache}/cusp/libtorch-${CUSP_TORCH_VERSION}/torch)
endif()

find_path(LibTorch_ROOT_DIR include/torch/headeronly/version.h
  PATHS ${_candidates} NO_DEFAULT_PATH NO_CACHE)
if(LibTorch_ROOT_DIR)
  find_library(LibTorch_CPU_LIBRARY torch_cpu PATHS ${LibTorch_ROOT_DIR}/lib NO_DEFAULT_PATH NO_CACHE)
  find_library(LibTorch_C10_LIBRARY c10 PATHS ${LibTorch_ROOT_DIR}/lib NO_DEFAULT_PATH NO_CACHE)
  file(STRINGS ${LibTorch_ROOT_DIR}/include/torch/headeronly/version.h _v
    REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
  string(REGEX REPLACE "[^0-9;]" "" _v "${_v}")
  string(REPLACE ";" "." LibTorch_VERSION "${_v}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_ROOT_DIR LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE
    "no torch ${CUSP_TORCH_VERSION} found in: ${_candidates}. Run ./dev setup, set CUSP_LIBTORCH, or build without it: -DCUSP_WITH_TORCH=OFF")

if(LibTorch_FOUND AND NOT TARGET cusp::torch)
  if(NOT LibTorch_VERSION VERSION_EQUAL CUSP_TORCH_VERSION)
    message(WARNING "LibTorch ${LibTorch_VERSION} in ${LibTorch_ROOT_DIR}; tested with ${CUSP_TORCH_VERSION}")
  endif()
  add_library(cusp_torch INTERFACE)
  add_library(cusp::torch ALIAS cusp_torch)
  target_compile_options(cusp_torch INTERFACE
    "SHELL:-idirafter ${LibTorch_ROOT_DIR}/include"
    "SHELL:-idirafter ${LibTorch_ROOT_DIR}/include/torch/csrc/api/include")
  target_link_libraries(cusp_torch INTERFACE ${LibTorch_CPU_LIBRARY} ${LibTorch_C10_LIBRARY})
  target_link_options(cusp_torch INTERFACE -Wl,--disable-new-dtags)
endif()
