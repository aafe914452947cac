"""What else a person takes: names and the pharmacological classes that other parts look for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from ketasim.core import parsed


@dataclass(frozen=True)
class Catalogue:
    """Known drugs (name -> classes), other spellings, what each class is listed for, drugs with an own covariate."""

    drugs: dict[str, tuple[str, ...]]
    aliases: dict[str, str]
    classes: dict[str, dict[str, str]]
    named: tuple[str, ...]

    def normal(self, name: str) -> str:
        """The catalogue's spelling of a name; an unknown name in lower case with single spaces."""
        key = " ".join(name.lower().replace("\u2019", "'").split())
        return self.aliases.get(key, key)

    def known(self, name: str) -> bool:
        """Whether the name is listed, so that some part may model an effect."""
        return self.normal(name) in self.drugs

    def classes_of(self, names: Iterable[str]) -> frozenset[str]:
        """All classes of a list of drugs; unknown names add none."""
        return frozenset(c for n in names for c in self.drugs.get(self.normal(n), ()))


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The catalogue in data/patients/comedication.toml."""
    raw = parsed.load("patients/comedication.toml")
    return Catalogue(
        drugs={name: tuple(classes) for name, classes in raw["drug"].items()},
        aliases=dict(raw["alias"]),
        classes=raw["class"],
        named=tuple(raw["named"]["drugs"]),
    )
