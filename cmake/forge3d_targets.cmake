# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0

# Compile options every target of the project shares.
add_library(forge3d_options INTERFACE)
target_compile_features(forge3d_options INTERFACE cxx_std_20)
# Vulkan is called through volk's tables alone.
target_compile_definitions(forge3d_options INTERFACE VK_NO_PROTOTYPES)
if(MSVC)
  target_compile_options(forge3d_options INTERFACE /W4 /permissive- /utf-8)
else()
  target_compile_options(forge3d_options INTERFACE -Wall -Wextra -Wshadow $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
                         -Wno-missing-field-initializers
                         $<$<COMPILE_LANG_AND_ID:CXX,Clang,AppleClang>:-Wthread-safety>
                         # position-independent code, yet inlined within a file: nobody replaces our functions
                         $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-semantic-interposition>)
endif()
if(FORGE3D_WERROR)
  target_compile_options(forge3d_options INTERFACE $<IF:$<CXX_COMPILER_ID:MSVC>,/WX,-Werror>)
endif()
if(FORGE3D_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(FORGE3D_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(FORGE3D_SANITIZE STREQUAL "fuzzer")
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(FORGE3D_SANITIZE STREQUAL "coverage")
  add_compile_options(--coverage -O0)
  add_link_options(--coverage)
endif()

# forge3d_precompile(TARGET HEADER...): headers that take seconds to read, read once a target. ccache knows such files
# with the sloppiness that the presets set.
function(forge3d_precompile target)
  target_precompile_headers(${target} PRIVATE ${ARGN})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

# forge3d_room(NAME SOURCES ... PUBLIC ... PRIVATE ...): one room of src/ as the library forge3d::NAME.
# PUBLIC and PRIVATE list what it links. Sources include each other as "core/ring_allocator.hpp".
function(forge3d_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(forge3d_${name} ${ROOM_SOURCES})
  add_library(forge3d::${name} ALIAS forge3d_${name})
  target_include_directories(forge3d_${name}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
    PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_BINARY_DIR}/generated)
  # The public headers need C++20 of whoever includes them.
  target_compile_features(forge3d_${name} PUBLIC cxx_std_20)
  target_link_libraries(forge3d_${name}
    PUBLIC ${ROOM_PUBLIC} PRIVATE ${ROOM_PRIVATE} $<BUILD_INTERFACE:forge3d_options>)
endfunction()

# forge3d_test(NAME SOURCES ... LINK ...): one GoogleTest program; each of its cases is a ctest case.
function(forge3d_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${TEST_LINK} forge3d_options forge3d_test_support GTest::gmock)
  list(LENGTH TEST_SOURCES count)
  if(count GREATER 2)
    forge3d_precompile(${name} <gtest/gtest.h> <string> <vector>)
  endif()
  # scripts/check.sh names a driver to preload under the address sanitizer; nothing else may be preloaded.
  add_test(NAME ${name} COMMAND ${PROJECT_SOURCE_DIR}/scripts/run-test.sh $<TARGET_FILE:${name}>
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endfunction()
