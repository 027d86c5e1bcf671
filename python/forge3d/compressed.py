# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Compressed textures: KTX2 files in and out, encoding from arrays, and what was measured of it.

>>> texture = load_texture("asset.ktx2")
>>> f"{texture.compression_ratio:.1f}:1"
>>> packed = compress(array, use_case="albedo", target_psnr=40.0)
>>> packed.save("asset.ktx2"); packed.choice_reason
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from forge3d import _core
from forge3d._core import Device, Texture
from forge3d._errors import InvalidArgument, Io
from forge3d._types import LevelFigures, NormalDegrees, Trial

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "BlockFormats",
    "CompressedTexture",
    "Finding",
    "LevelFigures",
    "NormalDegrees",
    "QualitySettings",
    "Texture",
    "Trial",
    "ValidationReport",
    "alpha_weighted_psnr",
    "block_formats",
    "compare",
    "compress",
    "decode_blocks",
    "encode_blocks",
    "encoders",
    "get_compressed_texture_support",
    "get_quality_settings",
    "info",
    "load_compressed_texture",
    "load_texture",
    "log_psnr",
    "make_mips",
    "normal_degrees",
    "set_quality_settings",
    "ssim",
    "validate_ktx2_data",
    "validate_ktx2_file",
]

Speed = Literal["fast", "normal", "high"]
UseCase = Literal["albedo", "normal", "height", "hdr", "ui"]
Priority = Literal["memory", "balanced", "quality"]
MipFilter = Literal["box", "kaiser", "lanczos"]
Path = str | os.PathLike[str]

_SPEEDS: tuple[Speed, ...] = ("fast", "normal", "high")
_PRIORITIES: tuple[Priority, ...] = ("memory", "balanced", "quality")


@dataclass(frozen=True)
class QualitySettings:
    """What compress() does where its arguments say nothing; see set_quality_settings()."""

    compression_speed: Speed = "normal"
    target_psnr: float | None = None
    memory_priority: Priority = "balanced"


_settings = QualitySettings()


def _one_of(name: str, value: str, values: tuple[str, ...]) -> None:
    if value not in values:
        words = ", ".join(repr(word) for word in values)
        raise InvalidArgument(f"{name} must be one of {words}, not {value!r}", code="invalid_argument")


def _check_psnr(target_psnr: float | None) -> None:
    if target_psnr is not None and not 0 < float(target_psnr) <= 200:
        raise InvalidArgument(
            f"target_psnr must be in dB, above 0 and at most 200, not {target_psnr!r}",
            code="invalid_argument",
        )


def set_quality_settings(
    compression_speed: Speed = "normal",
    target_psnr: float | None = 40.0,
    memory_priority: Priority = "balanced",
) -> QualitySettings:
    """Sets what compress() does for the whole process where its arguments say nothing.

    compression_speed is the most effort: with a target_psnr (in dB, of each level) blocks get no
    more than it takes, and without one this very effort. memory_priority decides between formats:
    'memory' tries the smallest first (BC1 before BC7 for opaque albedo), 'balanced' takes one that
    holds what the use case is about, 'quality' goes on to plain texels where that misses the
    target. Returns the settings in force.
    """
    global _settings
    _one_of("compression_speed", compression_speed, _SPEEDS)
    _one_of("memory_priority", memory_priority, _PRIORITIES)
    _check_psnr(target_psnr)
    _settings = QualitySettings(compression_speed, target_psnr, memory_priority)
    return _settings


def get_quality_settings() -> QualitySettings:
    """The settings in force."""
    return _settings


def encoders() -> list[str]:
    """Names of the formats that compress() makes in this build: "BC7", "ETC2 RGB", "ASTC 4x4"."""
    return _core.encoders()


def load_texture(
    path: Path,
    quality: Speed = "high",
    preferred_format: str | None = None,
    *,
    on_device: bool | None = None,
) -> Texture:
    """A texture from a KTX2, PNG or JPEG file, told by its content.

    A KTX2 file keeps its format unless preferred_format names another or the device does not sample
    it: then Basis Universal (ETC1S, UASTC) is transcoded to the best format that the device samples,
    other blocks are encoded anew with `quality`, and plain texels converted; `reason` of the result
    says why. A picture is encoded with `quality` (BC7, with mipmaps) and its psnr_db measured. Where forge3d.memory.init_memory_system()
    holds compressed textures, the levels are put on its device, under its budget; else the texture
    is the file alone, on the CPU: on_device of the result says which. on_device=False keeps it on
    the CPU, True insists.

    Raises FileNotFound, InvalidFile, NotSupported (a format without decoder or encoder),
    BudgetExceeded.
    """
    return _core.load_texture(os.fspath(path), quality, preferred_format, on_device)


def info(path: Path) -> dict[str, Any]:
    """Header, level index and key/values of a KTX2 file. Raises FileNotFound, InvalidFile."""
    return _core.ktx2_info(os.fspath(path))


def load_compressed_texture(path: Path) -> dict[str, Any]:
    """What load_texture() finds in a file, as a dict; nothing is kept on the device."""
    with load_texture(path, on_device=False) as texture:
        return {
            "width": texture.width,
            "height": texture.height,
            "format": texture.format,
            "vulkan_format": texture.vulkan_format,
            "srgb": texture.srgb,
            "mip_levels": texture.mip_levels,
            "layers": texture.layers,
            "compression_ratio": texture.compression_ratio,
            "stored_bytes": texture.stored_bytes,
            "level_bytes": texture.level_bytes_total,
            "uncompressed_bytes": texture.uncompressed_bytes,
            "psnr_db": texture.psnr_db,
            "decode_ms": texture.decode_ms,
        }


def get_compressed_texture_support(device: Device | None = None) -> list[str]:
    """Names of the compressed formats that the device (None: the default one) samples."""
    return _core.texture_support(device)


@dataclass(frozen=True)
class Finding:
    """One broken rule; ids are those of the Khronos validator, as far as it has one."""

    id: int
    severity: str
    offset: int
    text: str

    def __str__(self) -> str:
        return f"{self.severity} {self.id} at byte {self.offset}: {self.text}"


@dataclass(frozen=True)
class ValidationReport:
    """What is wrong with a file; truthy when nothing is worse than a warning."""

    name: str
    valid: bool
    findings: tuple[Finding, ...]

    def __bool__(self) -> bool:
        return self.valid

    def __str__(self) -> str:
        verdict = "valid" if self.valid else "not valid"
        return "\n".join([f"{self.name}: {verdict}", *(f"  {finding}" for finding in self.findings)])


def validate_ktx2_data(data: Any, gltf_basisu: bool = False) -> bool:
    """True when the bytes are a KTX2 file that breaks no rule (warnings may be there).

    gltf_basisu: also the rules of glTF's KHR_texture_basisu.
    """
    return _core.validate_ktx2_data(data, gltf_basisu)[0]


def validate_ktx2_file(path: Path, gltf_basisu: bool = False) -> ValidationReport:
    """Checks container, index, descriptor, key/values and level data. Raises FileNotFound, Io.

    gltf_basisu: also the rules of glTF's KHR_texture_basisu.
    """
    name = os.fspath(path)
    valid, findings = _core.validate_ktx2_file(name, gltf_basisu)
    return ValidationReport(name, valid, tuple(Finding(*finding) for finding in findings))


def compare(a: NDArray[Any], b: NDArray[Any]) -> dict[str, float]:
    """PSNR in dB of two images of one shape and dtype, and their largest difference.

    psnr_db (RGB), psnr_rgba_db, psnr_r_db, psnr_g_db, psnr_b_db, psnr_a_db: of codes as they are
    stored, against full scale (1.0 for floats); infinite when equal. max_error: a share of full
    scale. Grey counts as RGB, missing alpha as opaque. Raises InvalidArgument, TypeError.
    """
    return _core.compare_images(a, b)


def ssim(reference: NDArray[Any], array: NDArray[Any]) -> float:
    """Structural similarity of luma (Wang et al. 2004, 11 x 11 Gaussian windows); 1 when equal.

    Raises InvalidArgument (another shape or dtype), TypeError.
    """
    return _core.ssim(reference, array)


def log_psnr(reference: NDArray[Any], array: NDArray[Any]) -> float:
    """PSNR in dB over RGB of log2(1 + x), for float16 and float32: the measure of HDR.

    The peak is the largest of the reference. Raises InvalidArgument (another shape or dtype,
    integers), TypeError.
    """
    return _core.log_psnr(reference, array)


def alpha_weighted_psnr(reference: NDArray[Any], array: NDArray[Any]) -> float:
    """PSNR in dB over RGB where each texel counts as much as the reference's alpha says.

    Infinite when nothing is visible. Raises InvalidArgument (another shape or dtype), TypeError.
    """
    return _core.alpha_weighted_psnr(reference, array)


def normal_degrees(
    reference: NDArray[Any], array: NDArray[Any], encoding: Literal["xyz", "xy"] = "xyz"
) -> NormalDegrees:
    """Angles between the directions of two normal maps: their mean, 99th percentile and maximum.

    Codes 0..full scale are -1..1. 'xyz': red, green and blue, normalised first; 'xy': z is rebuilt
    from red and green, as shaders do for BC5 and EAC RG11. Raises InvalidArgument, TypeError.
    """
    return cast("NormalDegrees", _core.normal_degrees(reference, array, encoding))


def make_mips(
    array: NDArray[Any],
    levels: int = 0,
    *,
    mip_filter: MipFilter = "box",
    srgb: bool | None = None,
    normals: bool = False,
    alpha_cutoff: float | None = None,
) -> list[NDArray[Any]]:
    """Levels 1 and on of an array (height, width[, 1..4]), each in its dtype (float16: float32).

    levels: how many with level 0, which is the array itself; 0: down to 1 x 1. srgb: filtered in
    linear light; None: for integers. normals: directions, normalised again in every level.
    alpha_cutoff: what a shader tests alpha against; as large a part of each level passes as of
    level 0. Colours are weighted with alpha; odd extents lose nothing.

    Raises InvalidArgument (shape, words, a cutoff outside 0..1 or without alpha), TypeError (dtype).
    """
    return _core.make_mips(array, levels, mip_filter, srgb, normals, alpha_cutoff)


class CompressedTexture(Mapping[str, Any]):
    """A KTX2 file in memory and what was measured when it was made.

    The figures are attributes and, as a read-only mapping, keys. PSNR and SSIM are those of decoded
    blocks, infinite where nothing is lost. metric: what metric_db and target_psnr are about
    ("psnr_rgb", "psnr_rgba" for translucent images, "psnr_rg", "psnr_r", "log_psnr_rgb" for HDR);
    psnr_db leaves alpha out. quality_score: metric_db / 50, from 0 to 1. quality: the most effort
    that was used. trials: the formats that were tried, the last one taken. level_figures: the same
    for each level. bytes_in: all levels as RGBA8 (RGBA16F, R16). device: the name of the one whose
    formats were chosen from.
    """

    format: str
    vulkan_format: str
    choice_reason: str
    use_case: UseCase
    device: str | None
    width: int
    height: int
    mip_levels: int
    bytes_in: int
    bytes_out: int
    compression_ratio: float
    metric: str
    metric_db: float
    psnr_db: float
    psnr_rgba_db: float
    alpha_weighted_psnr_db: float
    ssim: float | None
    normal_degrees: NormalDegrees | None
    quality_score: float
    quality: Speed
    target_psnr: float | None
    target_reached: bool
    encode_ms: float
    mpixels_per_s: float
    threads: int
    trials: list[Trial]
    level_figures: list[LevelFigures]

    def __init__(self, figures: dict[str, Any], data: NDArray[np.uint8]) -> None:
        self._figures = figures
        self._data = data

    @property
    def data(self) -> NDArray[np.uint8]:
        """The KTX2 file: read-only, one dimension, over the library's memory."""
        return self._data

    @property
    def statistics(self) -> dict[str, Any]:
        """The figures as a dict of one's own."""
        return copy.deepcopy(self._figures)

    def save(self, path: Path) -> None:
        """Writes the file beside and renames it, so that it appears when it is whole."""
        target = os.fspath(path)
        part = f"{target}.{os.getpid()}.part"
        try:
            with open(part, "wb") as file:
                file.write(self._data.data)
            os.replace(part, target)
        except OSError as error:
            if os.path.exists(part):
                os.unlink(part)
            raise Io(f"cannot write {target}: {error}", code="io") from error

    def __bytes__(self) -> bytes:
        return self._data.tobytes()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._figures:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return self._figures[name]

    def __getitem__(self, key: str) -> Any:
        return self._figures[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._figures)

    def __len__(self) -> int:
        return len(self._figures)

    def __repr__(self) -> str:
        f = self._figures
        return (
            f"<forge3d.compressed.CompressedTexture {f['width']} x {f['height']} {f['format']}, "
            f"{f['compression_ratio']:.1f}:1, {f['psnr_db']:.1f} dB>"
        )


def compress(
    array: NDArray[Any],
    quality: Speed | None = None,
    use_case: UseCase = "albedo",
    generate_mipmaps: bool = True,
    format: str | None = None,
    target_psnr: float | None = None,
    *,
    memory_priority: Priority | None = None,
    srgb: bool | None = None,
    mip_filter: MipFilter = "box",
    alpha_cutoff: float | None = None,
    rdo_lambda: float = 0.0,
    zstd_level: int = 0,
    threads: int = 0,
    device: Device | Literal["any"] | None = None,
    measure_ssim: bool = True,
) -> CompressedTexture:
    """Encodes an array (height, width[, 1..4]) to a KTX2 file, without the GIL.

    array: uint8, uint16, float16 or float32; floats are 0..1, in HDR formats light of any height
    (NaN becomes 0, infinity the largest half). C-contiguous.
    quality, target_psnr, memory_priority: None is what set_quality_settings() says, a quality
    without a target_psnr none. With a target every level is to land in [target, target + 0.05] dB
    of its metric: blocks that need it get more effort, up to `quality`, and what is above the target
    is spent on repeats, which zstd packs. Where that does not suffice the result is the best there
    is: see target_reached and metric_db.
    use_case: 'albedo' (colour), 'normal' (directions: two channels, angles measured), 'height' (one
    channel), 'hdr' (half floats), 'ui' (uncompressed).
    format: None is what use case, memory_priority and device suggest, choice_reason says why; else a
    name of encoders() or Vulkan's, or "UASTC". sRGB variants are srgb's matter.
    srgb: None is for albedo and ui, without floats in HDR formats.
    mip_filter: 'box', 'kaiser' (sharp) or 'lanczos' (sharper, rings). alpha_cutoff: what a shader
    tests alpha against; mips keep the part that passes.
    rdo_lambda: squared error that a bit less is worth to zstd; 0: none, 1..50 are usual.
    zstd_level: 1..22; 0: no supercompression. threads: 0 is one a core; the bytes are the same.
    device: formats are chosen among those that it samples; None: the device of
    forge3d.memory.init_memory_system(), where one is open; 'any': every format.
    measure_ssim: costs about 20 ms a megatexel of level 0.

    Raises InvalidArgument (shape, not contiguous, a word or number that cannot be), NotSupported (a
    format without an encoder, a device without a format that suits), TypeError (dtype).
    """
    if quality is None and target_psnr is None:
        target_psnr = _settings.target_psnr
    figures, data = _core.compress(
        array,
        _settings.compression_speed if quality is None else quality,
        use_case,
        _settings.memory_priority if memory_priority is None else memory_priority,
        format,
        target_psnr,
        srgb,
        generate_mipmaps,
        mip_filter,
        alpha_cutoff,
        rdo_lambda,
        zstd_level,
        threads,
        device,
        measure_ssim,
    )
    return CompressedTexture({**figures, "use_case": use_case, "target_psnr": target_psnr}, data)


@dataclass(frozen=True)
class BlockFormats:
    """Vulkan names of the formats ("BC7_UNORM_BLOCK") that blocks are made of and read from."""

    encoded: tuple[str, ...]
    decoded: tuple[str, ...]


def block_formats() -> BlockFormats:
    """The formats that encode_blocks() and decode_blocks() take."""
    encoded, decoded = _core.codecs()
    return BlockFormats(tuple(encoded), tuple(decoded))


def encode_blocks(
    array: NDArray[Any], format: str, quality: Speed = "normal", *, threads: int = 1
) -> NDArray[np.uint8]:
    """The bare blocks of an array (height, width[, 1..4]), without a file around them.

    format: a short name ("BC7", "bc1", "ETC2 RGB", "astc-4x4") or a Vulkan name without the prefix
    ("BC5_SNORM_BLOCK"); block_formats() lists them. The array holds uint8, int8 for SNORM formats,
    float16 for HDR ones (BC6H, ASTC SFLOAT); channels that it lacks are 0, alpha full. Sizes that
    are no multiple of a block repeat the last row and column. The bytes are the same for every
    number of threads (0: one a core) and every machine.

    Raises InvalidArgument, NotSupported (no encoder), TypeError (dtype).
    """
    return _core.encode_blocks(array, format, quality, threads)


def decode_blocks(
    blocks: Any, format: str, width: int, height: int, *, threads: int = 1
) -> NDArray[Any]:
    """The texels of bare blocks: an array (height, width, 4) of uint8, int8 or float16.

    blocks: bytes or an array, row by row of blocks. Every bit pattern decodes. Channels that the
    format lacks are 0, alpha full. sRGB formats give the codes as they are.

    Raises InvalidArgument (no such format, a number of bytes that does not fit), NotSupported.
    """
    return _core.decode_blocks(blocks, format, width, height, threads)
