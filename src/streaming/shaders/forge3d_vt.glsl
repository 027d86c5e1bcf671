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
//
// Textures of several layers (VirtualTextureSystemDesc::layer_formats):
//
//   #define FORGE3D_VT_LAYERS 3               // default 1, at most 4
//   #include "forge3d_vt.glsl"
//   ... forge3d_vt_sample_layers(texture, uv, dFdx(uv), dFdy(uv), 8.0, 0.0).layers[2] ...
//
// Bind layer_atlas[n] at FORGE3D_VT_ATLAS_BINDING + n. One look at the table serves all layers.

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
#ifndef FORGE3D_VT_LAYERS
#define FORGE3D_VT_LAYERS 1
#endif

// The layout of these words is src/streaming/page_table_layout.hpp; the two change together.
layout(std430, set = FORGE3D_VT_SET,
       binding = FORGE3D_VT_PAGE_TABLE_BINDING) readonly buffer Forge3dVtPageTable {
  uint forge3d_vt_words[];
};
layout(set = FORGE3D_VT_SET,
       binding = FORGE3D_VT_ATLAS_BINDING) uniform sampler2DArray forge3d_vt_atlas;
// No array of samplers: its index would have to be a constant, or needs a feature of the device.
#if FORGE3D_VT_LAYERS > 1
layout(set = FORGE3D_VT_SET,
       binding = FORGE3D_VT_ATLAS_BINDING + 1) uniform sampler2DArray forge3d_vt_atlas_1;
#endif
#if FORGE3D_VT_LAYERS > 2
layout(set = FORGE3D_VT_SET,
       binding = FORGE3D_VT_ATLAS_BINDING + 2) uniform sampler2DArray forge3d_vt_atlas_2;
#endif
#if FORGE3D_VT_LAYERS > 3
layout(set = FORGE3D_VT_SET,
       binding = FORGE3D_VT_ATLAS_BINDING + 3) uniform sampler2DArray forge3d_vt_atlas_3;
#endif

const uint kForge3dVtPageShift = 2u;  // Header words: log2 of the page's payload in texels,
const uint kForge3dVtBorder = 3u;     // border in texels,
const uint kForge3dVtTile = 4u;       // payload and two borders,
const uint kForge3dVtGrid = 5u;       // tiles a side in one atlas layer.
const uint kForge3dVtRecords = 8u;    // First texture record;
const uint kForge3dVtRecordWords =
    36u;  // width, height, levels, generation, then the directory offset of each of 32 levels.
const uint kForge3dVtDirectories = 4u;

const uint kForge3dVtIsFlat =
    0x80000000u;  // Directory offset: the rest is where the level has an entry for each page.
const uint kForge3dVtIsBlock =
    0x80000000u;  // Directory entry: the rest is the offset of a block of 32 x 32 entries.
const uint kForge3dVtIsValid =
    0x40000000u;  // Page entry: level in bits 25..29, fade in 20..24, slot in 0..19.

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

// What one sample needs of header and texture record, read once.
struct Forge3dVtTexture {
  uvec2 size;
  uint levels;
  uint directories;  // Where the directory offsets of its levels begin.
  uint shift, border, tile, grid;
};

Forge3dVtTexture forge3d_vt_texture(uint texture_index) {
  uint record = kForge3dVtRecords + texture_index * kForge3dVtRecordWords;
  Forge3dVtTexture t;
  t.size = uvec2(forge3d_vt_words[record], forge3d_vt_words[record + 1u]);
  t.levels = forge3d_vt_words[record + 2u];
  t.directories = record + kForge3dVtDirectories;
  t.shift = forge3d_vt_words[kForge3dVtPageShift];
  t.border = forge3d_vt_words[kForge3dVtBorder];
  t.tile = forge3d_vt_words[kForge3dVtTile];
  t.grid = forge3d_vt_words[kForge3dVtGrid];
  return t;
}

uvec2 forge3d_vt_size(uint texture_index) { return forge3d_vt_texture(texture_index).size; }

uint forge3d_vt_levels(uint texture_index) { return forge3d_vt_texture(texture_index).levels; }

// The table's entry for `page` of `level`.
uint forge3d_vt_entry(Forge3dVtTexture t, uvec2 page, uint level) {
  uint pages_x = ((max(t.size.x >> level, 1u) - 1u) >> t.shift) + 1u;
  uint directory = forge3d_vt_words[t.directories + level];
  if ((directory & kForge3dVtIsFlat) != 0u)
    return forge3d_vt_words[(directory & ~kForge3dVtIsFlat) + page.y * pages_x + page.x];
  uint blocks_x = (pages_x + 31u) >> 5u;
  uvec2 block = page >> 5u;
  uint entry = forge3d_vt_words[directory + block.y * blocks_x + block.x];
  if ((entry & kForge3dVtIsBlock) != 0u) {
    uvec2 inside = page & 31u;
    entry = forge3d_vt_words[(entry & ~kForge3dVtIsBlock) + inside.y * 32u + inside.x];
  }
  return entry;
}

// Where in the atlas one page of a level is found: in its own slot, or inside its finest resident
// ancestor's.
struct Forge3dVtPage {
  uvec2 page;      // In the level asked for.
  vec2 extent;     // Of the resident level, in texels.
  vec2 to_atlas;   // From texels of the resident level to texels of the atlas layer.
  float layer;     // Below zero: nothing is resident, the texture was removed.
  float least_lod; // The resident level; above it while the page, just come, is fading in.
};

uvec2 forge3d_vt_page(Forge3dVtTexture t, vec2 uv, uint level) {
  uvec2 extent = max(t.size >> level, uvec2(1u));
  return min(uvec2(uv * vec2(extent)), extent - 1u) >> t.shift;
}

Forge3dVtPage forge3d_vt_find(Forge3dVtTexture t, uvec2 page, uint level) {
  uint entry = forge3d_vt_entry(t, page, level);
  uint resident = (entry >> 25u) & 31u;
  uvec2 extent = max(t.size >> resident, uvec2(1u));
  uvec2 ancestor = min(page >> (resident - level), (extent - 1u) >> t.shift);
  // Exact in single precision, and far cheaper than integer division on most devices.
  float slot = float(entry & 0xfffffu);
  float grid = float(t.grid);
  float layer = floor((slot + 0.5) / (grid * grid));
  float cell = slot - layer * grid * grid;
  float row = floor((cell + 0.5) / grid);
  Forge3dVtPage found;
  found.page = page;
  found.extent = vec2(extent);
  found.to_atlas = vec2(cell - row * grid, row) * float(t.tile) + float(t.border) -
                   vec2(ancestor << t.shift);
  found.layer = (entry & kForge3dVtIsValid) != 0u ? layer : -1.0;
  found.least_lod = float(resident) + float((entry >> 20u) & 31u) / 8.0;
  return found;
}

// What one place of a texture holds, in each layer.
struct Forge3dVtTexels {
  vec4 layers[FORGE3D_VT_LAYERS];
};

// Unrolled by hand: not every compiler takes a loop over the layers apart, and then the texels live
// in memory.
#if FORGE3D_VT_LAYERS == 1
#define FORGE3D_VT_EACH_LAYER(apply) apply(0)
#elif FORGE3D_VT_LAYERS == 2
#define FORGE3D_VT_EACH_LAYER(apply) apply(0) apply(1)
#elif FORGE3D_VT_LAYERS == 3
#define FORGE3D_VT_EACH_LAYER(apply) apply(0) apply(1) apply(2)
#else
#define FORGE3D_VT_EACH_LAYER(apply) apply(0) apply(1) apply(2) apply(3)
#endif

Forge3dVtTexels forge3d_vt_nothing() {
  Forge3dVtTexels none;
#define FORGE3D_VT_CLEAR(i) none.layers[i] = vec4(0.0);
  FORGE3D_VT_EACH_LAYER(FORGE3D_VT_CLEAR)
#undef FORGE3D_VT_CLEAR
  return none;
}

// One bilinear sample of a page, or of the finest resident level above it. Transparent black for a
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
Forge3dVtTexels forge3d_vt_bilinear(Forge3dVtTexture t, Forge3dVtPage page, vec2 uv) {
  if (page.layer < 0.0) return forge3d_vt_nothing();
  // Clamped to the edge texels' centres: what tiles store beyond the texture's edge was compressed
  // apart from it, so it is near those texels but not them.
  vec2 texel = clamp(uv * page.extent, vec2(0.5), page.extent - 0.5);
  vec2 local = texel + page.to_atlas;
  vec3 at = vec3(local / float(t.grid * t.tile), page.layer);
  Forge3dVtTexels texels;
  texels.layers[0] = textureLod(forge3d_vt_atlas, at, 0.0);
#if FORGE3D_VT_LAYERS > 1
  texels.layers[1] = textureLod(forge3d_vt_atlas_1, at, 0.0);
#endif
#if FORGE3D_VT_LAYERS > 2
  texels.layers[2] = textureLod(forge3d_vt_atlas_2, at, 0.0);
#endif
#if FORGE3D_VT_LAYERS > 3
  texels.layers[3] = textureLod(forge3d_vt_atlas_3, at, 0.0);
#endif
  return texels;
}

// Trilinear samples of one level of detail. Neighbouring samples mostly fall into the same pages,
// so the two last ones are remembered and the table is only read when a sample leaves them.
struct Forge3dVtSampler {
  Forge3dVtTexture texture;
  uint level;
  float coarse_weight;  // Share of level + 1; 0: one fetch does.
  Forge3dVtPage fine, coarse;
};

Forge3dVtSampler forge3d_vt_sampler(Forge3dVtTexture t, vec2 uv, float lod) {
  float clamped = clamp(lod, 0.0, float(t.levels - 1u));
  Forge3dVtSampler s;
  s.texture = t;
  s.level = uint(clamped);
  s.coarse_weight = clamped - floor(clamped);
  s.fine = forge3d_vt_find(t, forge3d_vt_page(t, uv, s.level), s.level);
  // Nothing finer than this is resident, or a page that has come fades in: its least level of
  // detail falls to its own, and trilinear filtering does the blending.
  if (s.fine.least_lod > clamped) {
    float shown = min(s.fine.least_lod, float(t.levels - 1u));
    s.level = uint(shown);
    s.coarse_weight = shown - floor(shown);
    s.fine = forge3d_vt_find(t, forge3d_vt_page(t, uv, s.level), s.level);
  }
  s.coarse = s.fine;
  if (s.coarse_weight > 0.0)
    s.coarse = forge3d_vt_find(t, forge3d_vt_page(t, uv, s.level + 1u), s.level + 1u);
  return s;
}

// The two nearest levels of the clamped lod, each page filtered on its own; one fetch when lod is a
// whole number. REQUIRES: uv in 0..1.
Forge3dVtTexels forge3d_vt_fetch(inout Forge3dVtSampler s, vec2 uv) {
  uvec2 page = forge3d_vt_page(s.texture, uv, s.level);
  if (page != s.fine.page) s.fine = forge3d_vt_find(s.texture, page, s.level);
  Forge3dVtTexels fine = forge3d_vt_bilinear(s.texture, s.fine, uv);
  if (s.coarse_weight == 0.0) return fine;
  page = forge3d_vt_page(s.texture, uv, s.level + 1u);
  if (page != s.coarse.page) s.coarse = forge3d_vt_find(s.texture, page, s.level + 1u);
  Forge3dVtTexels coarse = forge3d_vt_bilinear(s.texture, s.coarse, uv);
#define FORGE3D_VT_MIX(i) fine.layers[i] = mix(fine.layers[i], coarse.layers[i], s.coarse_weight);
  FORGE3D_VT_EACH_LAYER(FORGE3D_VT_MIX)
#undef FORGE3D_VT_MIX
  return fine;
}

// What textureLod is for ordinary textures.
Forge3dVtTexels forge3d_vt_trilinear_layers(uint texture_index, vec2 uv, float lod) {
  Forge3dVtTexture t = forge3d_vt_texture(texture_index);
  if (t.levels == 0u) return forge3d_vt_nothing();
  vec2 inside = clamp(uv, vec2(0.0), vec2(1.0));
  Forge3dVtSampler s = forge3d_vt_sampler(t, inside, lod);
  return forge3d_vt_fetch(s, inside);
}

vec4 forge3d_vt_trilinear(uint texture_index, vec2 uv, float lod) {
  return forge3d_vt_trilinear_layers(texture_index, uv, lod).layers[0];
}

// What textureGrad is for ordinary textures: `taps` trilinear samples spread evenly along the
// longer axis, centred on uv.
Forge3dVtTexels forge3d_vt_sample_layers(uint texture_index, vec2 uv, vec2 duv_dx, vec2 duv_dy,
                                         float max_anisotropy, float lod_bias) {
  Forge3dVtTexture t = forge3d_vt_texture(texture_index);
  if (t.levels == 0u) return forge3d_vt_nothing();
  Forge3dFootprint f = forge3d_footprint(vec2(t.size), duv_dx, duv_dy, max_anisotropy);
  Forge3dVtSampler s =
      forge3d_vt_sampler(t, clamp(uv, vec2(0.0), vec2(1.0)), f.lod + lod_bias);
  Forge3dVtTexels sum = forge3d_vt_nothing();
  for (int i = 0; i < f.taps; ++i) {
    float offset = float(i) + 0.5 - 0.5 * float(f.taps);
    Forge3dVtTexels tap =
        forge3d_vt_fetch(s, clamp(uv + offset * f.step_uv, vec2(0.0), vec2(1.0)));
#define FORGE3D_VT_ADD(i) sum.layers[i] += tap.layers[i];
    FORGE3D_VT_EACH_LAYER(FORGE3D_VT_ADD)
#undef FORGE3D_VT_ADD
  }
#define FORGE3D_VT_DIVIDE(i) sum.layers[i] /= float(f.taps);
  FORGE3D_VT_EACH_LAYER(FORGE3D_VT_DIVIDE)
#undef FORGE3D_VT_DIVIDE
  return sum;
}

// The first layer alone.
vec4 forge3d_vt_sample_grad(uint texture_index, vec2 uv, vec2 duv_dx, vec2 duv_dy,
                            float max_anisotropy, float lod_bias) {
  return forge3d_vt_sample_layers(texture_index, uv, duv_dx, duv_dy, max_anisotropy, lod_bias)
      .layers[0];
}

#endif  // FORGE3D_VT_GLSL
