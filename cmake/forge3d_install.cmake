# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# What `find_package(forge3d CONFIG COMPONENTS ...)` and pkg-config need. Libraries are static, so whoever
# links them links their dependencies, too: the package finds those of the components asked for.
set(FORGE3D_ROOMS core texture tiles gpu memory streaming view system)
set(FORGE3D_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/forge3d)

foreach(room ${FORGE3D_ROOMS})
  set_target_properties(forge3d_${room} PROPERTIES EXPORT_NAME ${room})
  install(TARGETS forge3d_${room} EXPORT forge3d_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endforeach()
install(TARGETS forge3d EXPORT forge3d_targets)
install(EXPORT forge3d_targets NAMESPACE forge3d:: DESTINATION ${FORGE3D_CMAKE_DIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/forge3d DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp")
# For users' own shaders: glslc -I PREFIX/include/forge3d.
install(FILES ${PROJECT_SOURCE_DIR}/src/streaming/shaders/forge3d_vt.glsl
              ${PROJECT_SOURCE_DIR}/src/streaming/shaders/forge3d_vt_feedback.glsl
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/forge3d)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

get_property(optional_modules GLOBAL PROPERTY FORGE3D_OPTIONAL_MODULES)
foreach(module IN LISTS optional_modules)
  string(REPLACE "=" ";" module "${module}")
  list(GET module 0 name)
  list(GET module 1 package)
  string(APPEND FORGE3D_FIND_OPTIONAL "  pkg_check_modules(${name} REQUIRED QUIET IMPORTED_TARGET ${package})\n")
  string(APPEND FORGE3D_REQUIRES_OPTIONAL " ${package}")
endforeach()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/forge3d-config.cmake.in
  ${PROJECT_BINARY_DIR}/forge3d-config.cmake INSTALL_DESTINATION ${FORGE3D_CMAKE_DIR})
# Before 1.0 a minor version may change declarations.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/forge3d-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/forge3d-config.cmake ${PROJECT_BINARY_DIR}/forge3d-config-version.cmake
        DESTINATION ${FORGE3D_CMAKE_DIR})

configure_file(${CMAKE_CURRENT_LIST_DIR}/forge3d.pc.in ${PROJECT_BINARY_DIR}/forge3d.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/forge3d.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
