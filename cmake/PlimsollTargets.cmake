# plimsoll_library(<folder> [RECURSE] [PUBLIC lib...] [PRIVATE lib...])
#   One static library `plimsoll_<folder>` (alias plimsoll::<folder>) of all sources in the calling folder.
#   The folder is the list: adding a source file needs no edit here.
function(plimsoll_library name)
  cmake_parse_arguments(ARG "RECURSE" "" "PUBLIC;PRIVATE;SOURCES" ${ARGN})
  if(ARG_RECURSE)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  else()
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  endif()
  add_library(plimsoll_${name} STATIC ${sources} ${ARG_SOURCES})
  add_library(plimsoll::${name} ALIAS plimsoll_${name})
  set_target_properties(plimsoll_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(plimsoll_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include/plimsoll>)
  target_link_libraries(plimsoll_${name}
    PUBLIC plimsoll_options ${ARG_PUBLIC}
    PRIVATE $<BUILD_INTERFACE:plimsoll_warnings> ${ARG_PRIVATE})
  set_property(GLOBAL APPEND PROPERTY PLIMSOLL_LIBRARIES plimsoll_${name})
endfunction()

# plimsoll_test(<folder> lib...)  One executable of all tests/unit/<folder>/*_test.cpp.
function(plimsoll_test name)
  string(REPLACE "/" "_" target unit_${name})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/unit/${name}/*_test.cpp)
  add_executable(${target} ${sources})
  target_link_libraries(${target} PRIVATE plimsoll_test_main plimsoll_warnings ${ARGN})
  add_test(NAME ${target} COMMAND ${target})
  set_tests_properties(${target} PROPERTIES
    ENVIRONMENT "PLIMSOLL_SOURCE_DIR=${PROJECT_SOURCE_DIR}")
endfunction()
