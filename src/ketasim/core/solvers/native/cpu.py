"""What this processor can do: the LLVM target, a fused multiply-add, and how many subjects fit in a vector."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import cache

WIDTHS = (1, 2, 4, 8, 16)
HALF_WIDTH = frozenset({"znver4"})
"""Processors that take two turns for a 512-bit instruction: measured, 4 lanes are as fast there as 8, and one subject
alone is twice as fast."""


@dataclass(frozen=True)
class Processor:
    """LLVM's name of this processor, its features, and the lane count that suits it."""

    triple: str
    name: str
    features: str
    fma: bool
    lanes: int

    @property
    def usable(self) -> bool:
        """Without a hardware fused multiply-add the generated code would call libm for each lane."""
        return self.fma


@cache
def processor() -> Processor:
    """The processor this process runs on. Raises ImportError where llvmlite is not installed."""
    import llvmlite.binding as llvm

    features = dict(llvm.get_host_cpu_features())
    on = {name for name, present in features.items() if present}
    arm = platform.machine().lower() in ("arm64", "aarch64")
    flat = ",".join(("+" if present else "-") + name for name, present in sorted(features.items()))
    name = llvm.get_host_cpu_name()
    wide = "avx512f" in on and name not in HALF_WIDTH
    lanes = 8 if wide else 4 if "avx2" in on else 2
    return Processor(llvm.get_process_triple(), name, flat, arm or "fma" in on, lanes)
