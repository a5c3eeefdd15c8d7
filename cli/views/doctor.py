"""How the explanation of environments looks: a block a location, what is wrong below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atoll_host.cli.result import Result
from atoll_host.cli.views.problems import short_path
from atoll_host.cli.views.sizes import size
from atoll_host.workspace.describing.text import clean
from atoll_host.workspace.findings.located import LocatedProblem
from atoll_host.workspace.loading import notice_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from atoll_host.envs.environments.results import Description
    from atoll_host.workspace.location import Location

_STATES = {
    "current": ("●", "green", "in step"),
    "as_is": ("●", "green", "taken as it is"),
    "missing": ("○", "yellow", "not built yet"),
    "stale": ("▲", "yellow", "out of step"),
    "drifted": ("▲", "yellow", "changed by hand"),
    "broken": ("✕", "red", "broken"),
}
_PACKAGES = 12
"""How many packages are named; `--json` names all."""


def doctor_result(locations: Sequence[Location], descriptions: Sequence[Description]) -> Result:
    """Make the result of `atoll doctor`: one description for each location."""
    problems = []
    for location, description in zip(locations, descriptions, strict=True):
        noticed = (*location.problems, *notice_environment(location.name, description.inspection))
        found = dict.fromkeys((*noticed, *description.problems))
        problems += [LocatedProblem(location.name, problem) for problem in found]

    def view(console: Console) -> None:
        for number, description in enumerate(descriptions):
            if number:
                console.print()
            _draw(console, description)

    return Result("doctor", [description.to_json() for description in descriptions], view, tuple(problems))


def _draw(console: Console, description: Description) -> None:
    from rich.table import Table  # noqa: PLC0415 — rich is for terminals
    from rich.text import Text  # noqa: PLC0415 — as above

    sign, colour, word = _STATES[description.inspection.state]
    reason = f": {description.inspection.reason}" if description.inspection.reason and word != "in step" else ""
    console.print(
        Text.assemble((sign, colour), " ", (clean(description.location), "bold"), f"  {word}{clean(reason)}"),
        soft_wrap=True,
    )
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in _facts(description):
        grid.add_row(f"  {name}", Text(clean(value)))
    console.print(grid)


def _facts(description: Description) -> Iterator[tuple[str, str]]:
    environment = description.inspection.environment
    built_by = f", built by {description.tool or description.backend}" if description.backend else ""
    yield "Kind", f"{description.kind}{built_by}"
    if environment is not None:
        interpreter = environment.interpreter
        yield "Python", f"{interpreter.version_text} ({interpreter.implementation}), because {environment.reason}"
        yield "From", f"{short_path(interpreter.base_executable)} (found: {interpreter.source})"
        yield "Folder", "none" if environment.prefix is None else short_path(str(environment.prefix))
    if description.lock != "none":
        path = "" if description.lock_path is None else f" ({short_path(description.lock_path)})"
        yield "Lock", f"{description.lock}{path}"
    if description.drift:
        changes = ", ".join(
            f"{item.name} {item.before or 'new'} → {item.after or 'gone'}" for item in description.drift
        )
        yield "Drift", changes
    if description.packages:
        names = [f"{package.name} {package.version}" for package in description.packages[:_PACKAGES]]
        more = len(description.packages) - len(names)
        yield "Packages", f"{len(description.packages)}: {', '.join(names)}{f' and {more} more' if more else ''}"
    if description.size is not None:
        others = sum(not generation.current for generation in description.generations)
        earlier = f", and {others} earlier generation{'' if others == 1 else 's'}" if others else ""
        yield "Size", f"{size(description.size)}{earlier}"
