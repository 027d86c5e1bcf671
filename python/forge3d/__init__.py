# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""forge3d: everything a renderer keeps on the GPU under one hard byte budget."""

import logging

from forge3d import compressed, memory, streaming
from forge3d._budget import (
    budget_remaining,
    device_probe,
    memory_metrics,
    override_memory_limit,
    utilization_ratio,
)
from forge3d._core import (
    Buffer,
    Device,
    MemoryPool,
    MemorySystem,
    PoolAllocation,
    Readback,
    StagingRing,
    StagingTicket,
    StagingWrite,
    get_device,
)
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
from forge3d._images import load_image, save_png
from forge3d.compressed import (
    get_compressed_texture_support,
    load_compressed_texture,
    validate_ktx2_data,
    validate_ktx2_file,
)

# Without a handler of the program's own, lines go nowhere: the library does not print.
logging.getLogger("forge3d").addHandler(logging.NullHandler())

__version__ = "0.1.0"

__all__ = [
    "BudgetExceeded",
    "Buffer",
    "Cancelled",
    "Closed",
    "Device",
    "DeviceLost",
    "Error",
    "FileNotFound",
    "InvalidArgument",
    "InvalidFile",
    "Io",
    "MemoryPool",
    "MemorySystem",
    "NotSupported",
    "OutOfDeviceMemory",
    "OutOfHostMemory",
    "PoolAllocation",
    "Readback",
    "StagingRing",
    "StagingTicket",
    "StagingWrite",
    "StaleHandle",
    "Timeout",
    "budget_remaining",
    "compressed",
    "device_probe",
    "get_compressed_texture_support",
    "get_device",
    "load_compressed_texture",
    "load_image",
    "memory",
    "memory_metrics",
    "override_memory_limit",
    "save_png",
    "streaming",
    "utilization_ratio",
    "validate_ktx2_data",
    "validate_ktx2_file",
]
