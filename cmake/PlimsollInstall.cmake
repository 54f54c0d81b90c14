# What an installed Plimsoll is: the program, the libraries and headers of every folder, the catalogues and examples,
# and a CMake package that offers them as plimsoll::<folder> together with plimsoll_add_policy.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY PLIMSOLL_LIBRARIES)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/plimsoll)
set(data_dir ${CMAKE_INSTALL_DATADIR}/plimsoll)

# Public headers keep their folders: #include "policies/registry.hpp" is the same line inside and outside.
set(folders ${libraries})
list(TRANSFORM folders REPLACE "^plimsoll_" "")
list(TRANSFORM folders APPEND "/*.hpp" OUTPUT_VARIABLE patterns)
list(TRANSFORM patterns PREPEND "${PROJECT_SOURCE_DIR}/")
file(GLOB_RECURSE PLIMSOLL_HEADERS RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS ${patterns})
foreach(header IN LISTS PLIMSOLL_HEADERS)
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/plimsoll/${folder})
endforeach()

install(TARGETS ${libraries} plimsoll_options EXPORT plimsollTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT plimsollTargets NAMESPACE plimsoll:: DESTINATION ${package_dir})
if(TARGET plimsoll)
  install(TARGETS plimsoll RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

# Data keeps its folders too, below one share.
foreach(folder hardware/catalog workloads/catalog traces/quantiles traces/job_laws traces/synthetic
               planner/validation/expected planner/validation/recipes examples)
  if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/${folder})
    get_filename_component(parent ${folder} DIRECTORY)
    install(DIRECTORY ${folder} DESTINATION ${data_dir}/${parent})
  endif()
endforeach()
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/plimsollConfig.cmake.in ${PROJECT_BINARY_DIR}/plimsollConfig.cmake
  INSTALL_DESTINATION ${package_dir} PATH_VARS data_dir)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/plimsollConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/plimsollConfig.cmake ${PROJECT_BINARY_DIR}/plimsollConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/PlimsollPolicy.cmake
        DESTINATION ${package_dir})
