# cmake -DBINARY=PATH -DFORBIDDEN=REGEX -P linked_libraries.cmake
# Fails where BINARY loads, itself or through another library, one whose file
# name matches REGEX. The LibTorch behind the runner is found through its RPATH.
file(GET_RUNTIME_DEPENDENCIES
  EXECUTABLES ${BINARY}
  RESOLVED_DEPENDENCIES_VAR resolved
  UNRESOLVED_DEPENDENCIES_VAR unresolved)
if(NOT resolved)
  message(FATAL_ERROR "${BINARY}: no libraries found, so nothing was checked")
endif()
if(unresolved)
  message(FATAL_ERROR "${BINARY}: cannot find ${unresolved}")
endif()
foreach(library ${resolved})
  get_filename_component(name ${library} NAME)
  if(name MATCHES "${FORBIDDEN}")
    message(SEND_ERROR "${BINARY} loads ${name}")
  endif()
endforeach()
