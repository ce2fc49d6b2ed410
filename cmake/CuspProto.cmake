# cusp_proto_library(NAME PROTOS … [GRPC] DEPS …)
# Generates from .proto files below proto/. Generated code is compiled without
# our warnings; its include folder is SYSTEM for everybody else.
set(CUSP_PROTO_OUT ${CMAKE_BINARY_DIR}/proto_gen)
file(MAKE_DIRECTORY ${CUSP_PROTO_OUT})

function(cusp_proto_library name)
  cmake_parse_arguments(ARG "GRPC" "" "PROTOS;DEPS" ${ARGN})
  set(outputs)
  foreach(proto ${ARG_PROTOS})
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(cc ${CUSP_PROTO_OUT}/${stem}.pb.cc)
    set(plugin_args)
    set(out ${cc} ${CUSP_PROTO_OUT}/${stem}.pb.h)
    if(ARG_GRPC)
      set(plugin_args --grpc_out=${CUSP_PROTO_OUT} --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>)
      list(APPEND out ${CUSP_PROTO_OUT}/${stem}.grpc.pb.cc ${CUSP_PROTO_OUT}/${stem}.grpc.pb.h)
    endif()
    add_custom_command(
      OUTPUT ${out}
      COMMAND protobuf::protoc -I ${PROJECT_SOURCE_DIR}/proto --cpp_out=${CUSP_PROTO_OUT} ${plugin_args}
              ${PROJECT_SOURCE_DIR}/proto/${proto}
      DEPENDS ${PROJECT_SOURCE_DIR}/proto/${proto} protobuf::protoc
      VERBATIM)
    list(APPEND outputs ${out})
  endforeach()
  add_library(cusp_${name} STATIC ${outputs})
  add_library(cusp::${name} ALIAS cusp_${name})
  target_include_directories(cusp_${name} SYSTEM PUBLIC ${CUSP_PROTO_OUT})
  target_compile_options(cusp_${name} PRIVATE -w)
  target_link_libraries(cusp_${name} PUBLIC protobuf::libprotobuf ${ARG_DEPS})
  if(ARG_GRPC)
    target_link_libraries(cusp_${name} PUBLIC gRPC::grpc++)
  endif()
endfunction()
