# Compiler-wide settings: ccache, sanitizers, and the interface target that
# every target of ours links for its warnings and include root.
find_program(CUSP_CCACHE ccache)
if(CUSP_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CUSP_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CUSP_CCACHE})
endif()

set(CUSP_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")
if(CUSP_SANITIZE)
  add_compile_options(-fsanitize=${CUSP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CUSP_SANITIZE})
  # With its checks in between, GCC no longer sees that LibTorch's optional arguments are set.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()

# -Werror itself comes from the presets, so that another compiler's new
# warning does not break a packager's build.
add_library(cusp_warnings INTERFACE)
add_library(cusp::warnings ALIAS cusp_warnings)
target_include_directories(cusp_warnings INTERFACE ${PROJECT_SOURCE_DIR})
