"""Plan an example workspace: which of its locations this machine's Pythons can run, and what each is written with.

An example is a folder of `scaffold_templates/examples` with an `example.toml`, whose comment says what it may contain.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Self

from packaging.version import Version

from atoll_host.envs.errors import UsageError
from atoll_host.workspace.scaffolding.rendering import RenderedFile, render_tree, templates_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from atoll_host.envs.interpreters.interpreter import Interpreter

_DESCRIPTION = "example.toml"
_SEVERAL = 2
"""Minor versions of Python from which on the locations with large packages join."""
_SPREAD = 3
"""Minor versions that an example shows where the machine has them."""

Minor = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ExamplePlan:
    """A workspace that is to be written.

    Attributes:
        files: all of them, relative to the workspace's root.
        notes: what this machine made different from the whole example, a line each.
        pythons: the minor version of each location that asks for one, such as `{"registry": "3.8"}`.
    """

    files: tuple[RenderedFile, ...]
    notes: tuple[str, ...] = ()
    pythons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Template:
    """A location of an example as its `example.toml` describes it."""

    name: str
    trees: tuple[str, ...]
    to: PurePosixPath
    packages: str
    about: str
    teaches: str
    oldest: Minor
    newest: Minor | None = None
    python: Minor | None = None
    requires: str = ""
    heavy: bool = False
    lighter: Mapping[str, Any] | None = None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read an entry of `location`."""
        versions = {name: _read_minor(data[name]) for name in ("python", "oldest", "newest") if name in data}
        return cls(**{**data, **versions, "trees": tuple(data["trees"]), "to": PurePosixPath(data["to"])})

    def lighten(self) -> _Template | None:
        """Give what takes its place where its packages would be too large, if anything does."""
        if self.lighter is None:
            return None
        changes = {**self.lighter, "trees": tuple(self.lighter["trees"])}
        names = [name for name in self.__slots__ if name not in {"heavy", "lighter"}]
        return type(self)(**{**{name: getattr(self, name) for name in names}, **changes})

    def fits(self, minor: Minor) -> bool:
        """Tell whether it runs on a version of Python."""
        return self.oldest <= minor and (self.newest is None or minor <= self.newest)

    @property
    def span(self) -> str:
        """The versions that it runs on, in words."""
        return f"{_text(self.oldest)} {'or newer' if self.newest is None else f'to {_text(self.newest)}'}"

    def choose(self, available: Sequence[Minor]) -> Minor | None:
        """Choose a version: the wanted one, else the nearest that fits; for one that wants none, none."""
        if self.python is None:
            return None
        wanted = self.python
        fitting = [minor for minor in available if self.fits(minor)]
        if fitting:
            return min(fitting, key=lambda minor: (abs(minor[1] - wanted[1]), minor))
        too_new = bool(available) and self.newest is not None and min(available) > self.newest
        return self.newest if too_new else wanted


def list_examples() -> tuple[str, ...]:
    """Give the names of the examples, in alphabetical order."""
    return tuple(sorted(path.parent.name for path in _examples_folder().glob(f"*/{_DESCRIPTION}")))


def plan_example(name: str, interpreters: Sequence[Interpreter]) -> ExamplePlan:
    """Plan an example for the Pythons of this machine.

    The small locations are always there, on the nearest version that there is. Those with large packages join where
    there are several versions, each if one of them suits it.

    Args:
        name: which example.
        interpreters: what was found; only CPython's finished releases count.

    Raises:
        UsageError: there is no example of this name.
    """
    names = list_examples()
    if name not in names:
        raise UsageError(f"There is no example {name!r}", hint=f"the examples are: {', '.join(names)}")
    folder = _examples_folder() / name
    description = tomllib.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
    available = _available(interpreters)
    whole = [_Template.read(entry) for entry in description["location"]]
    chosen = _choose(whole, available)
    pythons = _spread(chosen, available)
    notes = tuple(_note(whole, chosen, pythons, available))
    files = list(render_tree(folder / "workspace", _describe(chosen, pythons, description["conflict"], notes)))
    for template in chosen:
        files += _render(folder, template, pythons.get(template.name))
    return ExamplePlan(
        tuple(sorted(files, key=lambda file: file.path)), notes, {name: _text(minor) for name, minor in pythons.items()}
    )


def _examples_folder() -> Path:
    return templates_folder() / "examples"


def _available(interpreters: Iterable[Interpreter]) -> list[Minor]:
    finished = (
        interpreter
        for interpreter in interpreters
        if interpreter.implementation.lower() == "cpython" and not Version(interpreter.version_text).is_prerelease
    )
    return sorted({interpreter.version[:2] for interpreter in finished})


def _choose(whole: Sequence[_Template], available: Sequence[Minor]) -> list[_Template]:
    chosen = []
    for template in whole:
        joins = len(available) >= _SEVERAL and any(map(template.fits, available))
        kept = template if joins or not template.heavy else template.lighten()
        if kept is not None:
            chosen.append(kept)
    return chosen


def _spread(chosen: Sequence[_Template], available: Sequence[Minor]) -> dict[str, Minor]:
    """Choose a version for each location; those that can't have the one they want make up for versions not shown."""
    pythons = {template.name: minor for template in chosen if (minor := template.choose(available)) is not None}
    for unused in [minor for minor in available if minor not in pythons.values()]:
        used = list(pythons.values())
        movable = (
            template.name
            for template in chosen
            if template.name in pythons
            and pythons[template.name] != template.python
            and used.count(pythons[template.name]) > 1
            and template.fits(unused)
        )
        name = next(movable, None)
        if name is not None and len(set(used)) < _SPREAD:
            pythons[name] = unused
    return pythons


def _render(folder: Path, template: _Template, python: Minor | None) -> list[RenderedFile]:
    values = {} if python is None else {"PYTHON": _text(python)}
    rendered = [file for tree in template.trees for file in render_tree(folder / tree, values)]
    return [RenderedFile(template.to / file.path, file.text, file.mode) for file in rendered]


def _describe(
    chosen: Sequence[_Template],
    pythons: Mapping[str, Minor],
    conflicts: Sequence[Mapping[str, Any]],
    notes: Sequence[str],
) -> dict[str, str]:
    """Give what the README says that depends on the choice."""
    names = {template.name for template in chosen}
    rows = []
    for template in chosen:
        python = _text(pythons[template.name]) if template.name in pythons else template.requires
        cells = (f"`{template.name}`", python, template.packages, template.about, template.teaches)
        rows.append(f"| {' | '.join(cells)} |")
    reasons = [f"- {conflict['why']}" for conflict in conflicts if names.issuperset(conflict["between"])]
    here = "".join(f"- {note}\n" for note in notes)
    return {
        "LOCATIONS": "\n".join(rows),
        "CONFLICTS": "\n".join(reasons),
        "NOTES": f"\n## On this machine\n\n{here}" if notes else "",
    }


def _note(
    whole: Sequence[_Template], chosen: Sequence[_Template], pythons: Mapping[str, Minor], available: Sequence[Minor]
) -> Iterable[str]:
    present = {template.name: template for template in chosen}
    gone = [template for template in whole if template.name not in present]
    lightened = [template for template in whole if template.name in present and template not in chosen]
    if len(available) >= _SEVERAL:
        for template in gone:
            yield f"{template.name} is left out: it needs Python {template.span}, of which none is here"
        yield from _note_moves(present, pythons, available)
    else:
        if available:
            yield f"the only Python here is {_text(available[0])}, so that every location that can runs on it"
        names = _join([template.name for template in gone])
        left = [f"{names} {'is' if len(gone) == 1 else 'are'} left out"] if gone else []
        without = [f"{template.name} does without {template.packages}" for template in lightened]
        if left or without:
            yield f"{_join([*left, *without])}: large packages join where there are several Pythons"
    for name, minor in pythons.items():
        if minor not in available:
            span = present[name].span
            yield f"{name} needs Python {span}, of which none is here: uv will be asked to download {_text(minor)}"


def _note_moves(
    present: Mapping[str, _Template], pythons: Mapping[str, Minor], available: Sequence[Minor]
) -> Iterable[str]:
    moved = [
        f"{name} on {_text(minor)} instead of {_text(wanted)}"
        for name, minor in pythons.items()
        if (wanted := present[name].python) is not None and minor != wanted and minor in available
    ]
    if moved:
        yield f"not every Python is here, so that these run on others: {', '.join(moved)}"


def _join(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _read_minor(text: str) -> Minor:
    major, minor = text.split(".")
    return int(major), int(minor)


def _text(minor: Minor) -> str:
    return f"{minor[0]}.{minor[1]}"
