"""The typer application, with only the called verb loaded."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

import ketasim
from ketasim.cli.verbs import VERBS
from ketasim.core.errors import InputError, KetasimError


def build(arguments: Sequence[str]) -> typer.Typer:
    """The application for these arguments: every verb is listed, the one that is called is loaded."""
    app = typer.Typer(
        help="Ketamine from dose to brain and body. Data on standard output, words on standard error.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    called = next((word for word in arguments if not word.startswith("-")), "")
    for name, verb in VERBS.items():
        if name != called:
            app.command(name, help=verb.help)(_not_loaded)
            continue
        module = import_module(verb.module)
        if hasattr(module, "app"):
            _guard_all(module.app)
            app.add_typer(module.app, name=name, help=verb.help)
        else:
            app.command(name, help=module.command.__doc__)(guarded(module.command))
    return app


def _options(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.", is_eager=True)] = False,
) -> None:
    if version:
        print(ketasim.__version__)
        raise typer.Exit


def _not_loaded() -> None:
    raise AssertionError("a verb that was not called has been run")


def _guard_all(app: typer.Typer) -> None:
    for entry in app.registered_commands:
        if entry.callback is not None:
            entry.callback = guarded(entry.callback)


def guarded(function: Callable[..., Any]) -> Callable[..., None]:
    """The function with our own errors told in one sentence on standard error and turned into an exit status."""

    @functools.wraps(function)
    def run(*args: Any, **options: Any) -> None:
        try:
            status = function(*args, **options)
        except InputError as error:
            fail(str(error), 2)
        except KetasimError as error:
            fail(str(error), 1)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] == "ketasim":
                raise
            fail(f"this needs the package {error.name}, which is not installed; see the extras in the README", 1)
        except BrokenPipeError:
            sys.stderr.close()
            raise typer.Exit(1) from None
        except OSError as error:
            if error.filename is None:
                raise
            fail(f"{error.filename}: {error.strerror}", 2)
        except KeyboardInterrupt:
            exec("")  # else an interrupt that met an exec (an import) makes Python die by the signal, not exit with 130
            fail("interrupted; nothing was written", 130)
        else:
            if status:
                raise typer.Exit(int(status))

    return run


def fail(sentence: str, status: int) -> None:
    """Say the sentence on standard error and stop with the status."""
    print(f"ketasim: {sentence}", file=sys.stderr)
    raise typer.Exit(status)
