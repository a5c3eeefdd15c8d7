"""Options and arguments that several commands have, each declared once."""

from __future__ import annotations

import functools
import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from atoll_host.workspace.sources import Sources

    _Returned = TypeVar("_Returned")


def complete_location(incomplete: str) -> list[str]:
    """Complete a location's name for the shell. Never fails: a broken workspace completes nothing."""
    import os  # noqa: PLC0415 — only while a shell completes

    from atoll_host.envs.errors import AtollError  # noqa: PLC0415 — as above

    try:
        from atoll_host.workspace.configuration import open_workspace  # noqa: PLC0415 — as above

        workspace = open_workspace(Path.cwd(), variables=dict(os.environ), tolerant=True)
    except (AtollError, OSError):
        return []
    return [location.name for location in workspace.locations if location.name.startswith(incomplete)]


LocationNames = Annotated[
    list[str] | None,
    typer.Argument(metavar="[LOCATION]...", help="Only these locations.", autocompletion=complete_location),
]
LocationOption = Annotated[
    list[str] | None,
    typer.Option(
        "--location", "-l", metavar="LOCATION", help="Only this one (repeatable).", autocompletion=complete_location
    ),
]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON (see docs/json.md) instead of text.")]
WorkspaceFile = Annotated[
    Path | None,
    typer.Option("--workspace", "-w", metavar="FILE", help="Use this workspace.yaml instead of the nearest one."),
]
if TYPE_CHECKING:
    WorkspaceSources = Sources | None
else:
    # Looked at by typer, for which there is no such option.
    WorkspaceSources = Any
"""The parameter `workspace` of a command that `opens_workspace` gives its options to."""
_SOURCE_OPTIONS = {
    "workspaces": Annotated[
        list[Path] | None,
        typer.Option(
            "--workspace", "-w", metavar="FILE", help="Use this workspace.yaml, not the nearest one (repeatable)."
        ),
    ],
    "modules": Annotated[
        list[str] | None,
        typer.Option(
            "--module", "-m", metavar="MODULE", help="Load this module, not a workspace's locations (repeatable)."
        ),
    ],
    "python_files": Annotated[
        list[Path] | None,
        typer.Option(
            "--python-file", "-f", metavar="FILE", help="Load this file, not a workspace's locations (repeatable)."
        ),
    ],
    "attribute": Annotated[
        str | None,
        typer.Option("--attribute", "-a", metavar="NAME", help="Which Definitions of --module or --python-file."),
    ],
    "working_directory": Annotated[
        Path | None,
        typer.Option(
            "--working-directory", "-d", metavar="FOLDER", help="Where --module or --python-file is imported from."
        ),
    ],
}


def opens_workspace(command: Callable[..., _Returned]) -> Callable[..., _Returned]:
    """Give a command the options that say which workspace it opens, in place of its parameter `workspace`."""
    signature = inspect.signature(command, eval_str=True)

    @functools.wraps(command)
    def with_sources(**given: Any) -> _Returned:
        from atoll_host.workspace.sources import Sources  # noqa: PLC0415 — `atoll --help` does without

        workspaces, modules, python_files, attribute, working_directory = (given.pop(name) for name in _SOURCE_OPTIONS)
        sources = Sources(
            files=tuple(workspaces or ()),
            modules=tuple(modules or ()),
            python_files=tuple(python_files or ()),
            attribute=attribute,
            working_directory=working_directory,
        )
        return command(**given, workspace=sources)

    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _SOURCE_OPTIONS.items()
    ]
    others = [parameter for name, parameter in signature.parameters.items() if name != "workspace"]
    with_sources.__signature__ = signature.replace(parameters=[*others, *options])  # type: ignore[attr-defined]  # inspect.signature reads it
    return with_sources
