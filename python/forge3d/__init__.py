# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""forge3d: everything a renderer keeps on the GPU under one hard byte budget."""

from forge3d._core import Device, get_device
from forge3d._errors import (
    BudgetExceeded,
    Cancelled,
    Closed,
    DeviceLost,
    Error,
    FileNotFound,
    InvalidArgument,
    InvalidFile,
    Io,
    NotSupported,
    OutOfDeviceMemory,
    OutOfHostMemory,
    StaleHandle,
    Timeout,
)
from forge3d.compressed import (
    get_compressed_texture_support,
    load_compressed_texture,
    validate_ktx2_data,
    validate_ktx2_file,
)

__version__ = "0.1.0"

__all__ = [
    "BudgetExceeded",
    "Cancelled",
    "Closed",
    "Device",
    "DeviceLost",
    "Error",
    "FileNotFound",
    "InvalidArgument",
    "InvalidFile",
    "Io",
    "NotSupported",
    "OutOfDeviceMemory",
    "OutOfHostMemory",
    "StaleHandle",
    "Timeout",
    "get_compressed_texture_support",
    "get_device",
    "load_compressed_texture",
    "validate_ktx2_data",
    "validate_ktx2_file",
]
