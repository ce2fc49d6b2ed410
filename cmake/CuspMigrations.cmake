# cusp_embed_migrations(OUTPUT FILES…): writes a source file with the content of
# each migrations/NNNN_name.sql as one row of the table behind Migrations().
# Also run as a script by the build: cmake -DOUTPUT=… -DFILES=… -P this file.
set(CUSP_MIGRATIONS_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(cusp_embed_migrations output)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} "-DFILES=${ARGN}" -P ${CUSP_MIGRATIONS_SCRIPT}
    DEPENDS ${ARGN} ${CUSP_MIGRATIONS_SCRIPT}
    VERBATIM)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  set(rows)
  foreach(file ${FILES})
    get_filename_component(name ${file} NAME_WE)
    string(REGEX MATCH "^[0-9]+" number ${name})
    math(EXPR version "1${number} - 10000")
    file(READ ${file} sql)
    string(APPEND rows "    {${version}, \"${name}\", R\"SQL(${sql})SQL\"},\n")
  endforeach()
  file(WRITE ${OUTPUT} "// Generated from migrations/.
#include \"server/store/migrator.h\"

namespace cusp::server {
namespace {

constexpr Migration kMigrations[] = {
${rows}};

}  // namespace

std::span<const Migration> Migrations() { return kMigrations; }

}  // namespace cusp::server
")
endif()
