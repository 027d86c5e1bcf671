# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
find_program(FORGE3D_GLSLC glslc REQUIRED)

# forge3d_embed_shader(TARGET SOURCE): compiles a GLSL file to SPIR-V for Vulkan 1.2 and leaves
# <binary dir>/generated/shaders/<file name>.inc, an initialiser list of 32-bit words:
#   constexpr std::uint32_t kCode[] =
#   #include "shaders/map_view.comp.inc"
#   ;
function(forge3d_embed_shader target source)
  get_filename_component(name ${source} NAME)
  set(output ${PROJECT_BINARY_DIR}/generated/shaders/${name}.inc)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/generated/shaders
    COMMAND ${FORGE3D_GLSLC} --target-env=vulkan1.2 -O -Werror -mfmt=c
            -I ${PROJECT_SOURCE_DIR}/src/streaming/shaders -I ${PROJECT_SOURCE_DIR}/src/view/shaders
            -MD -MF ${output}.d -o ${output} ${CMAKE_CURRENT_SOURCE_DIR}/${source}
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${source}
    DEPFILE ${output}.d
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
