# A policy is one file in policies/<kind>/; the folder is the list. Each file ends in
# PLIMSOLL_<KIND>_POLICY(<file name>, <class>), which defines plimsoll_register_<kind>_<file name>;
# the table written here calls it by that name, so that a forgotten line is a link error that says which.

# plimsoll_policy_table(<function> <output.cpp> <file>...)
function(plimsoll_policy_table function output)
  set(declarations "")
  set(calls "")
  foreach(file IN LISTS ARGN)
    get_filename_component(policy ${file} NAME_WE)
    get_filename_component(folder ${file} DIRECTORY)
    get_filename_component(kind ${folder} NAME)
    set(symbol plimsoll_register_${kind}_${policy})
    string(APPEND declarations "void ${symbol}(plimsoll::PolicyRegistry& registry);\n")
    string(APPEND calls "  ${symbol}(registry);\n")
  endforeach()
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT
"// Written by cmake/PlimsollPolicy.cmake from the folder's listing; do not edit.
#include \"policies/registry.hpp\"

@declarations@
void @function@(plimsoll::PolicyRegistry& registry);
void @function@(plimsoll::PolicyRegistry& registry) {
@calls@}
")
endfunction()

# plimsoll_add_policy(<target> <kind>/<name>.cpp...)
#   Adds policies that live outside our tree to <target> and defines
#   void plimsoll_register_policies_of_<target>(plimsoll::PolicyRegistry&) for it to call.
function(plimsoll_add_policy target)
  set(files "")
  foreach(file IN LISTS ARGN)
    get_filename_component(absolute ${file} ABSOLUTE)
    list(APPEND files ${absolute})
  endforeach()
  set(table ${CMAKE_CURRENT_BINARY_DIR}/${target}_policies.cpp)
  plimsoll_policy_table(plimsoll_register_policies_of_${target} ${table} ${files})
  target_sources(${target} PRIVATE ${files} ${table})
endfunction()
