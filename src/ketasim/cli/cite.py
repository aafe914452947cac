"""cite: the papers behind a model, or behind the numbers of some tables."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    names: Annotated[
        list[str] | None, typer.Argument(help="Models, parameter tables or keys of papers (default: ketamine).")
    ] = None,
    dose: Annotated[str, typer.Option(help="Only what this regimen needs (default: every drug and route).")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print a list of papers as JSON.")] = False,
) -> None:
    """Print BibTeX of exactly the papers a model uses."""
    from ketasim.core import citations

    keys = [key for name in names or ["ketamine"] for key in sources(name, dose)]
    if json:
        import json as encoder

        papers = [{"key": r.key, "kind": r.kind, "link": r.link, **r.fields} for r in citations.cite(keys)]
        print(encoder.dumps(papers, ensure_ascii=False))
    else:
        print(citations.bibtex(keys), end="")


def sources(name: str, dose: str = "") -> list[str]:
    """Keys of the papers behind a model, a parameter table or a paper's own key, in the order they are met."""
    from ketasim.cli import composition
    from ketasim.core import citations
    from ketasim.core.errors import InputError

    if name in composition.models():
        found = [p.source for p in composition.parameters(name, dose).values()]
        return [composition.models()[name].source, *found]
    if name in composition.tables():
        return [p.source for p in composition.tables()[name]]
    if name in citations.references():
        return [name]
    raise InputError(
        "name", name, f"a model ({', '.join(composition.models())}), a parameter table or the key of a paper"
    )
