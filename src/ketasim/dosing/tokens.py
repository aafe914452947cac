"""Words of a regimen sentence with their place in it, and the error that points at one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ketasim.core.errors import InputError

END = "(end of sentence)"
_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<count>[xX×][ \t]*\d+(?:\.\d+)?(?![\w.]))"
    r"|(?P<number>[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<word>[^\W\d_]\w*(?:-[^\W\d_]\w*)*)"
    r"|(?P<sign>[,;/])"
)


class RegimenError(InputError):
    """A sentence that cannot be read. `text[start:stop]` is the word at fault; `caret()` draws a mark under it."""

    def __init__(
        self, field: str, value: object, allowed: str, hint: str = "", *, text: str, start: int, stop: int
    ) -> None:
        self.text, self.start, self.stop = text, start, stop
        super().__init__(field, value, allowed, hint)

    def __str__(self) -> str:
        return f"{super().__str__()} (at character {self.start + 1})"

    def caret(self) -> str:
        """The line of the sentence with the word marked beneath: two lines."""
        begin = self.text.rfind("\n", 0, self.start) + 1
        end = self.text.find("\n", self.start)
        line = self.text[begin : len(self.text) if end < 0 else end]
        lead = "".join("\t" if c == "\t" else " " for c in line[: self.start - begin])
        width = max(1, min(self.stop, begin + len(line)) - self.start)
        return f"{line}\n{lead}{'^' * width}"

    def __reduce__(self) -> tuple[Any, ...]:
        state = (self.field, self.value, self.allowed, self.hint, self.text, self.start, self.stop)
        return _rebuild, state


def _rebuild(field: str, value: object, allowed: str, hint: str, text: str, start: int, stop: int) -> RegimenError:
    return RegimenError(field, value, allowed, hint, text=text, start=start, stop=stop)


@dataclass(frozen=True)
class Token:
    """A word (lower case in `low`), number, count (x6) or sign, and where it stands."""

    kind: str
    text: str
    start: int
    stop: int

    @property
    def low(self) -> str:
        return self.text.lower()

    @property
    def number(self) -> float:
        """The value of a number or a count."""
        return float(self.text.lstrip("xX× \t") if self.kind == "count" else self.text)


def tokenize(text: str) -> list[Token]:
    """The tokens of a sentence, ended by one of kind "end". A full stop that ends the sentence is dropped."""
    if not isinstance(text, str):
        raise InputError("regimen", text, 'a sentence such as "0.5 mg/kg iv over 40 min"')
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            if text[at] == "." and not text[at + 1 :].strip():
                break
            allowed = "letters, numbers, commas and slashes"
            raise RegimenError("character", text[at], allowed, text=text, start=at, stop=at + 1)
        if match.lastgroup != "space":
            assert match.lastgroup is not None
            tokens.append(Token(match.lastgroup, match.group(), at, match.end()))
        at = match.end()
    _refuse_decimal_comma(tokens, text)
    _refuse_range(tokens, text)
    end = len(text.rstrip())
    tokens.append(Token("end", END, end, end + 1))
    return tokens


def _refuse_decimal_comma(tokens: list[Token], text: str) -> None:
    for a, b, c in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if a.kind == c.kind == "number" and b.text == "," and a.stop == b.start and b.stop == c.start:
            raise RegimenError(
                "number", text[a.start : c.stop], "a decimal point and no thousands sign, as in 0.5 or 1000",
                text=text, start=a.start, stop=c.stop,
            )  # fmt: skip


def _refuse_range(tokens: list[Token], text: str) -> None:
    for a, b in pairwise(tokens):
        if a.kind == b.kind == "number" and a.stop == b.start:
            raise RegimenError(
                "number", text[a.start : b.stop], "one number, as in 56 mg", "A range is not a dose.",
                text=text, start=a.start, stop=b.stop,
            )  # fmt: skip
