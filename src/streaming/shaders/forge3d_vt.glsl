// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
//
// Sampling a forge3d virtual texture from any shader stage:
//
//   #define FORGE3D_VT_SET 1                  // optional, default 0
//   #define FORGE3D_VT_PAGE_TABLE_BINDING 4   // optional, default 0
//   #define FORGE3D_VT_ATLAS_BINDING 5        // optional, default 1
//   #include "forge3d_vt.glsl"
//   ... forge3d_vt_sample_grad(texture, uv, dFdx(uv), dFdy(uv), 8.0, 0.0) ...
//
// Bind VirtualTextureBindings::page_table as a storage buffer, and atlas (layout GENERAL) with
// sampler as a combined image sampler; `texture` is VirtualTextureSystem::shader_index(). There is
// no loop over levels: every entry of the table names the finest resident page, the asked one or an
// ancestor of it.

#ifndef FORGE3D_VT_GLSL
#define FORGE3D_VT_GLSL

#ifndef FORGE3D_VT_SET
#define FORGE3D_VT_SET 0
#endif
#ifndef FORGE3D_VT_PAGE_TABLE_BINDING
#define FORGE3D_VT_PAGE_TABLE_BINDING 0
#endif
#ifndef FORGE3D_VT_ATLAS_BINDING
#define FORGE3D_VT_ATLAS_BINDING 1
#endif

// The layout of these words is src/streaming/page_table_layout.hpp; the two change together.
layout(std430, set = FORGE3D_VT_SET,
       binding = FORGE3D_VT_PAGE_TABLE_BINDING) readonly buffer Forge3dVtPageTable {
  uint forge3d_vt_words[];
};
layout(set = FORGE3D_VT_SET,
       binding = FORGE3D_VT_ATLAS_BINDING) uniform sampler2DArray forge3d_vt_atlas;

const uint kForge3dVtPageShift = 2u;  // Header words: log2 of the page's payload in texels,
const uint kForge3dVtBorder = 3u;     // border in texels,
const uint kForge3dVtTile = 4u;       // payload and two borders,
const uint kForge3dVtGrid = 5u;       // tiles a side in one atlas layer.
const uint kForge3dVtRecords = 8u;    // First texture record;
const uint kForge3dVtRecordWords =
    36u;  // width, height, levels, 0, then the directory offset of each of 32 levels.
const uint kForge3dVtDirectories = 4u;

const uint kForge3dVtIsBlock =
    0x80000000u;  // Directory entry: the rest is the offset of a block of 32 x 32 entries.
const uint kForge3dVtIsValid =
    0x40000000u;  // Page entry: level in bits 24..28, slot in bits 0..23.

// How a pixel looks at the texture; forge3d::texture_footprint is the same on the CPU.
struct Forge3dFootprint {
  float lod;     // Unclamped, without bias.
  int taps;      // Samples along the longer axis.
  vec2 step_uv;  // From one tap to the next.
};

// After EXT_texture_filter_anisotropic: the level is chosen by the shorter axis, but never finer
// than max_anisotropy taps along the longer axis can cover.
Forge3dFootprint forge3d_footprint(vec2 size_texels, vec2 duv_dx, vec2 duv_dy,
                                   float max_anisotropy) {
  float px = length(duv_dx * size_texels);
  float py = length(duv_dy * size_texels);
  float longer = max(max(px, py), 1e-20);
  float width = max(max(min(px, py), longer / max_anisotropy), 1e-20);
  Forge3dFootprint f;
  f.lod = log2(width);
  // Magnified, one bilinear sample is exact; taps inside one texel would add nothing.
  f.taps = longer <= 1.0 ? 1 : int(clamp(ceil(longer / width), 1.0, max_anisotropy));
  f.step_uv = (px >= py ? duv_dx : duv_dy) / float(f.taps);
  return f;
}

uvec2 forge3d_vt_size(uint texture_index) {
  uint record = kForge3dVtRecords + texture_index * kForge3dVtRecordWords;
  return uvec2(forge3d_vt_words[record], forge3d_vt_words[record + 1u]);
}

uint forge3d_vt_levels(uint texture_index) {
  return forge3d_vt_words[kForge3dVtRecords + texture_index * kForge3dVtRecordWords + 2u];
}

// The table's entry for the page of `level` that holds uv.
uint forge3d_vt_entry(uint texture_index, vec2 uv, uint level) {
  uint record = kForge3dVtRecords + texture_index * kForge3dVtRecordWords;
  uint shift = forge3d_vt_words[kForge3dVtPageShift];
  uvec2 extent = max(forge3d_vt_size(texture_index) >> level, uvec2(1u));
  uvec2 pages = ((extent - 1u) >> shift) + 1u;
  uvec2 page = min(uvec2(uv * vec2(extent)) >> shift, pages - 1u);
  uvec2 block = page >> 5u;
  uint blocks_x = (pages.x + 31u) >> 5u;
  uint entry = forge3d_vt_words[forge3d_vt_words[record + kForge3dVtDirectories + level] +
                                block.y * blocks_x + block.x];
  if ((entry & kForge3dVtIsBlock) != 0u) {
    uvec2 inside = page & 31u;
    entry = forge3d_vt_words[(entry & ~kForge3dVtIsBlock) + inside.y * 32u + inside.x];
  }
  return entry;
}

// One bilinear sample of `level`, or of the finest resident level above it. Transparent black for a
// removed texture.
//
// Why the local coordinate may be taken in the resident level r although the page was found in
// level m = r - k: let t be the texel coordinate in level m, e_m and e_r the extents, P the
// payload. The ancestor is page a = floor(t / P) >> k, clamped. In level r the coordinate is t *
// e_r / e_m. As e_r = floor(e_m / 2^k) <= e_m / 2^k, it is at most t / 2^k < (a + 1) * P; and as
// e_m / 2^k - e_r < 1, it falls short of t / 2^k >= a * P by less than t / e_m <= 1 texel. So it
// leaves the payload by less than one texel, on the low side only; bilinear filtering reaches half
// a texel further: a border of 2 would do, tiles have at least 4. Where the clamp bites (a is then
// less than floor(t / P) >> k), e_r is the payload's end and the coordinate lies within it.
vec4 forge3d_vt_bilinear(uint texture_index, vec2 uv, uint level) {
  uint entry = forge3d_vt_entry(texture_index, uv, level);
  if ((entry & kForge3dVtIsValid) == 0u) return vec4(0.0);
  uint resident = (entry >> 24u) & 31u;
  uint slot = entry & 0xffffffu;
  uint shift = forge3d_vt_words[kForge3dVtPageShift];
  uint tile = forge3d_vt_words[kForge3dVtTile];
  uint grid = forge3d_vt_words[kForge3dVtGrid];

  uvec2 size = forge3d_vt_size(texture_index);
  uvec2 extent = max(size >> level, uvec2(1u));
  uvec2 page = min(uvec2(uv * vec2(extent)) >> shift, (extent - 1u) >> shift);
  uvec2 resident_extent = max(size >> resident, uvec2(1u));
  uvec2 ancestor = min(page >> (resident - level), (resident_extent - 1u) >> shift);
  vec2 local = uv * vec2(resident_extent) - vec2(ancestor << shift) +
               float(forge3d_vt_words[kForge3dVtBorder]);

  uint cells = grid * grid;
  uint cell = slot % cells;
  vec2 corner = vec2(uvec2(cell % grid, cell / grid) * tile);
  return textureLod(forge3d_vt_atlas,
                    vec3((corner + local) / float(grid * tile), float(slot / cells)), 0.0);
}

// Trilinear: the two nearest levels of the clamped lod, each page filtered on its own; one fetch
// when lod is a whole number.
vec4 forge3d_vt_trilinear(uint texture_index, vec2 uv, float lod) {
  uint levels = forge3d_vt_levels(texture_index);
  if (levels == 0u) return vec4(0.0);
  vec2 inside = clamp(uv, vec2(0.0), vec2(1.0));
  float clamped = clamp(lod, 0.0, float(levels - 1u));
  float level = floor(clamped);
  vec4 fine = forge3d_vt_bilinear(texture_index, inside, uint(level));
  if (clamped == level) return fine;
  return mix(fine, forge3d_vt_bilinear(texture_index, inside, uint(level) + 1u), clamped - level);
}

// What textureGrad is for ordinary textures: `taps` trilinear samples spread evenly along the
// longer axis, centred on uv.
vec4 forge3d_vt_sample_grad(uint texture_index, vec2 uv, vec2 duv_dx, vec2 duv_dy,
                            float max_anisotropy, float lod_bias) {
  Forge3dFootprint f =
      forge3d_footprint(vec2(forge3d_vt_size(texture_index)), duv_dx, duv_dy, max_anisotropy);
  vec4 sum = vec4(0.0);
  for (int i = 0; i < f.taps; ++i) {
    float offset = float(i) + 0.5 - 0.5 * float(f.taps);
    sum += forge3d_vt_trilinear(texture_index, uv + offset * f.step_uv, f.lod + lod_bias);
  }
  return sum / float(f.taps);
}

#endif  // FORGE3D_VT_GLSL
