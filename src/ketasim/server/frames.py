"""Binary frames: a length, a small JSON header, then arrays, each aligned to eight bytes.

uint32 LE   bytes of the header (padded with spaces so that arrays start at a multiple of eight)
uint32 LE   0x4B455431, the mark of this format
JSON        {"type": …, "id": …, "arrays": [{"name", "dtype": "f4" | "f8", "shape", "at"}], …}
arrays      little-endian, `at` bytes after the header
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

MARK = 0x4B455431


def encode(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> bytes:
    """One frame; float64 arrays keep their precision, everything else becomes float32."""
    listed, blobs, at = [], [], 0
    for name, array in arrays.items():
        dtype = "<f8" if array.dtype == np.float64 and name == "times" else "<f4"
        blob = np.ascontiguousarray(array, dtype=dtype).tobytes()
        listed.append({"name": name, "dtype": dtype[1:], "shape": list(array.shape), "at": at})
        padding = -len(blob) % 8
        blobs.append(blob + b"\0" * padding)
        at += len(blob) + padding
    head = json.dumps({**header, "arrays": listed}, ensure_ascii=False, allow_nan=False).encode()
    head += b" " * (-len(head) % 8)
    return struct.pack("<II", len(head), MARK) + head + b"".join(blobs)


def decode(frame: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays of a frame; ValueError for anything else."""
    if len(frame) < 8:
        raise ValueError("a frame has at least eight bytes")
    size, mark = struct.unpack_from("<II", frame)
    if mark != MARK or 8 + size > len(frame):
        raise ValueError("not a frame of this server")
    header = json.loads(frame[8 : 8 + size])
    arrays = {
        a["name"]: np.frombuffer(frame, "<" + a["dtype"], int(np.prod(a["shape"])), 8 + size + a["at"]).reshape(
            a["shape"]
        )
        for a in header["arrays"]
    }
    return header, arrays
