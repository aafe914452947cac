"""The regimen as a sentence: the one way of writing each object. Reading it back gives an equal object."""

from __future__ import annotations

from collections.abc import Sequence

from ketasim.dosing.catalogue import default_product, products
from ketasim.dosing.course import Block, Strand, at_text
from ketasim.dosing.quantities import Span, number_text
from ketasim.dosing.steps import Give, Pause, Step, Target


def strands_text(strands: Sequence[Strand]) -> str:
    """All strands, joined by `also`."""
    return " also ".join(strand_text(s, name_drug=i > 0) for i, s in enumerate(strands))


def strand_text(strand: Strand, name_drug: bool = False) -> str:
    """The blocks of a strand joined by `then`; the drug is named where it changes (first of all if not ketamine)."""
    parts, drug = [], "" if name_drug else "ketamine"
    for block, following in zip(strand.blocks, (*strand.blocks[1:], None), strict=True):
        text, drug = _block_text(block, drug, closed=following is not None and not following.at)
        parts.append(text)
    return " then ".join(parts)


def _block_text(block: Block, drug: str, closed: bool) -> tuple[str, str]:
    parts = []
    for number, step in enumerate(block.steps):
        text = step_text(step, drug)
        drug = drug if isinstance(step, Pause) else step.drug
        if number == 0 and block.at:
            text += f" at {at_text(block.at)}"
        parts.append(text)
    whole = " then ".join(parts)
    if block.repeat is not None:
        whole += f", {block.repeat}"
    elif closed and not block.is_pause:
        whole += ", x1"
    return whole, drug


def step_text(step: Step, drug: str = "") -> str:
    """One step; the drug is named unless it is `drug`."""
    if isinstance(step, Pause):
        return f"pause {step.duration}"
    words = [] if step.drug == drug else [step.drug]
    if isinstance(step, Target):
        words.append(f"tci {step.site} {target_text(step)} for {step.duration}")
        return " ".join(words)
    if amount := amount_text(step):
        words.append(amount)
    if step.concentration is not None:
        words.append(f"of {concentration_text(step)}")
    words += ["hcl"] * step.hcl + ["ibw"] * step.ibw + [step.route]
    if step.duration is not None:
        words.append(f"{'for' if step.is_rate else 'over'} {step.duration}")
    if step.product != default_product(step.drug, step.route):
        words.append(f"as {step.product}")
    if step.apart is not None and not usual_apart(step):
        words.append(f"sprays {step.apart} apart")
    return " ".join(words)


def amount_text(step: Give) -> str:
    """0.5 mg/kg; "" for a placebo without an amount."""
    return "" if step.unit is None else f"{number_text(step.value)} {step.unit}"


def concentration_text(step: Give) -> str:
    """1 mg/mL."""
    assert step.concentration is not None
    return f"{number_text(step.concentration[0])} {step.concentration[1]}/mL"


def target_text(step: Target) -> str:
    """100 ng/mL."""
    return f"{number_text(step.value)} {step.unit}"


def usual_apart(step: Give) -> bool:
    """True if the devices are as far apart as the product says."""
    return step.apart == Span(products()[step.product].interval_min, "min")
