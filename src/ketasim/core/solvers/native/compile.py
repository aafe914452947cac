"""From IR text to callable machine code: optimise, emit an object, keep it on disk, load it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ketasim.core import disk
from ketasim.core.solvers.native.cpu import processor

_lock = threading.RLock()
_alive: list[Any] = []
"""Engines whose code is in use; a collected engine would unmap it."""


@dataclass(frozen=True)
class Loaded:
    """Addresses of the functions of one compiled module, and what its writer noted about it."""

    address: dict[str, int]
    notes: dict[str, Any]
    from_disk: bool


@cache
def source_fingerprint() -> str:
    """Digest of the code generator itself, so that a changed generator never meets old objects."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for path in [*sorted(here.glob("*.py")), here.parent / "elimination.py", here.parents[1] / "elimination.py",
                 here.parent / "tableau.py", here.parents[1] / "graph.py"]:  # fmt: skip
        if path.exists():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def object_key(*parts: object) -> str:
    """Key of an object file: what it computes, who wrote it, for which processor, with which LLVM."""
    import llvmlite

    cpu = processor()
    text = "\0".join(map(str, (*parts, source_fingerprint(), cpu.triple, cpu.name, cpu.features, llvmlite.__version__)))
    return hashlib.sha256(text.encode()).hexdigest()[:48]


@cache
def _machine(level: int) -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    cpu = processor()
    target = llvm.Target.from_triple(cpu.triple)
    return target.create_target_machine(
        cpu=cpu.name, features=cpu.features, opt=level, reloc="pic", codemodel="small", jit=True
    )


def _emit(text: str, passes: int, codegen: int) -> bytes:
    import llvmlite.binding as llvm

    machine = _machine(codegen)
    module = llvm.parse_assembly(text)
    if passes:
        options = llvm.create_pipeline_tuning_options(speed_level=passes)
        options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = False
        builder = llvm.create_pass_builder(machine, options)
        builder.getModulePassManager().run(module, builder)
    return machine.emit_object(module)


def _load(code: bytes, names: Sequence[str]) -> dict[str, int]:
    import llvmlite.binding as llvm

    engine = llvm.create_lljit_compiler(_machine(2))
    library = llvm.JITLibraryBuilder().add_object_img(code).add_current_process()
    for name in names:
        library.export_symbol(name)
    tracker = library.link(engine, "ketasim")
    _alive.append((engine, tracker))
    return {name: tracker[name] for name in names}


def build(key: str, write: Callable[[], tuple[str, dict[str, Any]]], *, passes: int, codegen: int) -> Loaded:
    """Load the object stored under `key`, or make it from the IR text that `write` returns with its notes.

    `notes["names"]` lists the functions to look up. Safe to call from several threads and processes at once.
    """
    with _lock:
        found = disk.read(key)
        if found is not None:
            notes, code = found
            try:
                return Loaded(_load(code, notes["names"]), notes, True)
            except (RuntimeError, KeyError):
                pass
        text, notes = write()
        code = _emit(text, passes, codegen)
        loaded = Loaded(_load(code, notes["names"]), notes, False)
        disk.write(key, notes, code)
        return loaded
