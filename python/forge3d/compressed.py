# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Compressed textures: KTX2 files in and out, encoding from arrays, and what was measured of it.

>>> texture = load_texture("asset.ktx2")
>>> f"{texture.compression_ratio:.1f}:1"
>>> packed = compress(array, use_case="albedo", target_psnr=40.0)
>>> packed.save("asset.ktx2"); packed.choice_reason
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from forge3d import _core
from forge3d._core import Device, Texture
from forge3d._errors import InvalidArgument, Io, NotSupported

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "BlockFormats",
    "CompressedTexture",
    "Finding",
    "QualitySettings",
    "Texture",
    "ValidationReport",
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
    "set_quality_settings",
    "validate_ktx2_data",
    "validate_ktx2_file",
]

Speed = Literal["fast", "normal", "high"]
UseCase = Literal["albedo", "normal", "height", "hdr", "ui"]
Priority = Literal["memory", "balanced", "quality"]
Path = str | os.PathLike[str]

_SPEEDS: tuple[Speed, ...] = ("fast", "normal", "high")
_PRIORITIES: tuple[Priority, ...] = ("memory", "balanced", "quality")
_PREFERRED: dict[str, tuple[str, ...]] = {
    "normal": ("BC5", "EAC RG11"),
    "height": ("BC4", "EAC R11"),
    "hdr": ("BC6H",),
}


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

    compression_speed is the most effort: with a target_psnr (in dB, over RGB of level 0) the
    cheapest that reaches it is taken, and without one this very effort. memory_priority says what
    albedo textures may be: 'memory' tries BC1 before BC7 (opaque images), 'balanced' takes BC7,
    'quality' goes on to plain RGBA8 where BC7 misses the target. Returns the settings in force.
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
    """Names of the formats that this build encodes."""
    return _core.encoders()


def load_texture(
    path: Path,
    quality: Speed = "high",
    preferred_format: str | None = None,
    *,
    on_device: bool | None = None,
) -> Texture:
    """A texture from a KTX2, PNG or JPEG file, told by its content.

    A KTX2 file keeps its format unless preferred_format names another; a picture is encoded with
    `quality` (BC7, with mipmaps) and its psnr_db measured. Where forge3d.memory.init_memory_system()
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
    """psnr_db (RGB), psnr_rgba_db and max_error of two images of one shape and dtype."""
    return _core.compare_images(a, b)


@dataclass(frozen=True)
class _Choice:
    """Formats and efforts to try, cheapest first, and why."""

    trials: tuple[tuple[str, Speed], ...]
    reason: str
    srgb: bool


class CompressedTexture(Mapping[str, Any]):
    """A KTX2 file in memory and what was measured when it was made.

    The figures are attributes and, as a read-only mapping, keys: format, vulkan_format, width,
    height, mip_levels, bytes_in, bytes_out, compression_ratio, psnr_db, psnr_rgba_db,
    quality_score (psnr_db / 50, at most 1), quality, use_case, choice_reason, target_psnr, target_reached, trials,
    encode_ms, mpixels_per_s, threads.
    """

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
        return dict(self._figures)

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


def _is_opaque(given: NDArray[Any]) -> bool:
    array = np.asarray(given)  # no copy, of other libraries' arrays either
    if array.ndim == 2 or array.shape[2] in (1, 3):
        return True
    full = 1.0 if array.dtype.kind == "f" else 255 if array.dtype.itemsize == 1 else 65535
    return bool((array[..., -1] >= full).all())


def _without_encoder(use_case: str, fallback: str) -> str:
    wished = " or ".join(_PREFERRED[use_case])
    return (
        f"{use_case} prefers {wished}; this build has no encoder for it (it encodes "
        f"{', '.join(encoders())}), so {fallback}"
    )


def _formats_for(use_case: str, opaque: bool, priority: Priority) -> tuple[list[str], str]:
    """Formats to try, cheapest first, with the reason."""
    if use_case == "ui":
        return ["RGBA8"], "ui stays uncompressed: sharp edges and text show block artefacts"
    if use_case == "albedo":
        if priority == "memory" and opaque:
            return ["BC1", "BC7"], "albedo, memory first: BC1 is half of BC7, opaque images only"
        if priority == "quality":
            return ["BC7", "RGBA8"], "albedo, quality first: BC7, plain where that misses the target"
        return ["BC7"], "albedo: BC7 holds colour and alpha best at 8 bits a texel"
    for wished in _PREFERRED[use_case]:
        if wished in encoders():
            return [wished], f"{use_case} prefers {wished}"
    if use_case == "hdr":
        raise NotSupported(
            _without_encoder("hdr", "high dynamic range cannot be encoded (clip to 0..1 and use albedo)"),
            code="not_supported",
        )
    kept = "x and y" if use_case == "normal" else "the height in all three colours"
    return ["BC7"], _without_encoder(use_case, f"BC7 without sRGB keeps {kept} at 8 bits a texel")


def _choose(
    array: NDArray[Any],
    quality: Speed | None,
    use_case: UseCase,
    format: str | None,
    target_psnr: float | None,
    srgb: bool | None,
) -> _Choice:
    if format is None:
        formats, reason = _formats_for(use_case, _is_opaque(array), _settings.memory_priority)
    else:
        formats, reason = [_core.format_name(format)], f"{format} was asked for"
    efforts: tuple[Speed, ...]
    if target_psnr is None:
        efforts = (quality or _settings.compression_speed,)
        formats = formats[:1]
    else:
        efforts = _SPEEDS[: _SPEEDS.index(quality or _settings.compression_speed) + 1]
    trials = tuple(
        (name, effort)
        for name in formats
        for effort in (efforts if name != "RGBA8" else efforts[:1])
    )
    return _Choice(trials, reason, use_case in ("albedo", "ui") if srgb is None else srgb)


def compress(
    array: NDArray[Any],
    quality: Speed | None = None,
    use_case: UseCase = "albedo",
    generate_mipmaps: bool = True,
    format: str | None = None,
    target_psnr: float | None = None,
    *,
    srgb: bool | None = None,
    zstd_level: int = 0,
    threads: int = 0,
) -> CompressedTexture:
    """Encodes an array (height, width[, 1..4]) of uint8, uint16 or float32 (0..1) to a KTX2 file.

    quality None and target_psnr None: as set_quality_settings() says. With a target_psnr the
    efforts up to `quality` are tried, cheapest first, until the measured PSNR (RGB of level 0)
    reaches it; target_reached and psnr_db say what came of it, trials what each gave. format None:
    what the use case wants and this build encodes; choice_reason says why it is this one. srgb
    None: for albedo and ui. zstd_level 0: no supercompression.

    Raises InvalidArgument, NotSupported (a format without an encoder, hdr), TypeError (dtype).
    """
    _one_of("use_case", use_case, ("albedo", "normal", "height", "hdr", "ui"))
    if quality is not None:
        _one_of("quality", quality, _SPEEDS)
    elif target_psnr is None:
        target_psnr = _settings.target_psnr
    _check_psnr(target_psnr)
    if not hasattr(array, "ndim") or array.ndim not in (2, 3):
        raise InvalidArgument("array must have two or three dimensions", code="invalid_argument")
    choice = _choose(array, quality, use_case, format, target_psnr, srgb)
    trials: list[dict[str, Any]] = []
    result: dict[str, Any] = {}
    reached = target_psnr is None
    for name, effort in choice.trials:
        result = _core.compress(
            array, name, effort, generate_mipmaps, choice.srgb, zstd_level, threads
        )
        result["quality"] = effort
        trials.append({key: result[key] for key in ("format", "quality", "psnr_db", "encode_ms", "bytes_out")})
        if target_psnr is not None and result["psnr_db"] >= target_psnr:
            reached = True
            break
    data = result.pop("data")
    reason = choice.reason
    if not reached:
        reason += f"; {result['psnr_db']:.2f} dB is what it reaches of {target_psnr:g} dB"
    result.update(
        use_case=use_case,
        choice_reason=reason,
        target_psnr=target_psnr,
        target_reached=reached,
        trials=trials,
        quality_score=min(1.0, result["psnr_db"] / 50.0),
    )
    return CompressedTexture(result, cast("NDArray[np.uint8]", data))


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

    format: a short name ("bc7", "bc1", "etc2-rgb", "astc-4x4") or a Vulkan name without the prefix
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
