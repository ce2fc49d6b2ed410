include(GoogleTest OPTIONAL)

# cusp_library(NAME SOURCES … HEADERS … PUBLIC … PRIVATE …)
# A static library cusp_NAME with alias cusp::NAME. HEADERS are also compiled
# alone by the target all_verify_interface_header_sets.
function(cusp_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;PUBLIC;PRIVATE" ${ARGN})
  if(ARG_SOURCES)
    add_library(cusp_${name} STATIC)
    target_sources(cusp_${name} PRIVATE ${ARG_SOURCES})
    target_sources(cusp_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARG_HEADERS})
    target_link_libraries(cusp_${name} PUBLIC cusp::warnings ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
    set_target_properties(cusp_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  else()
    add_library(cusp_${name} INTERFACE)
    target_sources(cusp_${name} INTERFACE FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARG_HEADERS})
    target_link_libraries(cusp_${name} INTERFACE cusp::warnings ${ARG_PUBLIC})
    set_target_properties(cusp_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  endif()
  add_library(cusp::${name} ALIAS cusp_${name})
endfunction()

# cusp_binary(NAME SOURCES … DEPS …): an installed executable in build/bin.
function(cusp_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE cusp::warnings ${ARG_DEPS})
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# Builds what the tsan preset runs: the tests labelled tsan, which link no
# library that was built without ThreadSanitizer and shares data with threads.
add_custom_target(tsan_tests)

# What the sanitizers' run time is told in every test and its child processes,
# and how many times longer than elsewhere a test may take: its own code is
# several times slower, and the longest one came near its limit on a busy
# machine.
set(CUSP_SANITIZER_ENVIRONMENT)
set(CUSP_TIMEOUT_FACTOR 1)
if(CUSP_SANITIZE)
  set(CUSP_TIMEOUT_FACTOR 4)
endif()
if(CUSP_SANITIZE MATCHES "address|undefined")
  set(CUSP_SANITIZER_ENVIRONMENT
    ASAN_OPTIONS=detect_stack_use_after_return=1:check_initialization_order=1:strict_init_order=1:strict_string_checks=1
    UBSAN_OPTIONS=print_stacktrace=1)
elseif(CUSP_SANITIZE MATCHES "thread")
  set(CUSP_SANITIZER_ENVIRONMENT
    TSAN_OPTIONS=second_deadlock_stack=1:suppressions=${PROJECT_SOURCE_DIR}/cmake/tsan_suppressions.txt)
endif()

# cusp_test(NAME SOURCES … DEPS … [LABELS …] [TIMEOUT seconds])
# One GoogleTest executable, registered with CTest as one test: discovery of
# every case would start each binary once more per build.
function(cusp_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE cusp::warnings ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  # Half the time of a test's compilation is optimising what runs once and
  # describing each type of its headers to a debugger. Lines are kept.
  target_compile_options(${name} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O1> $<$<CONFIG:RelWithDebInfo>:-g1>)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  math(EXPR timeout "${ARG_TIMEOUT} * ${CUSP_TIMEOUT_FACTOR}")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout} LABELS "${ARG_LABELS}"
    ENVIRONMENT "${CUSP_SANITIZER_ENVIRONMENT}")
  if(tsan IN_LIST ARG_LABELS)
    add_dependencies(tsan_tests ${name})
  endif()
endfunction()
