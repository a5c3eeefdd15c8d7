"""Where a finding is, as CI systems want it: relative to the repository; and what it is known by from run to run."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.workspace.describing.frames import is_library

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from atoll_host.workspace.findings.finding import Finding
    from atoll_host.workspace.validation import Validation

_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Variables in which CI systems say where the checkout is."""
_LINE_NUMBERS = re.compile(r"(?<=\bline )\d+|(?<=\blines )\d+|(?<=:)\d+(?::\d+)?\b")


@dataclass(frozen=True, slots=True)
class RepositoryPlace:
    """A place in a file of the repository.

    Attributes:
        path: relative to the repository, with slashes.
        line: from 1; None for the whole file.
        column: from 1; None for the whole line.
    """

    path: str
    line: int | None = None
    column: int | None = None


def find_repository(directory: Path, variables: Mapping[str, str]) -> Path:
    """Find the folder that CI systems take paths to be relative to.

    It is what GITHUB_WORKSPACE or CI_PROJECT_DIR name, when the directory lies in it, else the checkout that the
    directory lies in, else the directory itself.
    """
    for name in _ROOTS:
        named = variables.get(name)
        if named and Path(named).is_absolute() and directory.resolve().is_relative_to(Path(named).resolve()):
            return Path(named)
    for folder in (directory, *directory.parents):
        # In a worktree and in a submodule, `.git` is a file.
        if (folder / ".git").exists():
            return folder
    return directory


def place_of(finding: Finding, validation: Validation, root: Path) -> RepositoryPlace | None:
    """Give the place in the repository that a finding is shown at.

    A problem in a library is shown at the nearest of the user's frames, one without any place where the workspace names
    the location. None where the repository has no such place.
    """
    problem = finding.problem
    candidates = [(problem.file, problem.line, problem.column)]
    candidates += [(frame.file, frame.line, None) for frame in reversed(problem.frames)]
    for file, line, column in candidates:
        path = None if file is None or is_library(file) else repository_path(file, root)
        if path is not None:
            return RepositoryPlace(path, line, column)
    for report in validation.reports:
        declared = report.location.declared_at
        if report.location.name == finding.location:
            path = repository_path(str(declared.file), root)
            return None if path is None else RepositoryPlace(path, declared.line, declared.column)
    return None


def repository_path(file: str, root: Path) -> str | None:
    """Give a file's path in the repository, with slashes; None where it lies outside."""
    try:
        path = Path(file)
        if not path.is_absolute():
            return None
        if not path.is_relative_to(root):
            path, root = path.resolve(), root.resolve()
        return path.relative_to(root).as_posix()
    except (ValueError, OSError):
        return None


def fingerprints(validation: Validation, root: Path) -> Iterator[tuple[Finding, str]]:
    """Give each finding with what it is known by: the same in every run, and wherever its lines move to.

    It is a hash of code, location, file and sentence, without the numbers of lines and the path of the checkout; equal
    ones are told apart by their order.
    """
    seen: dict[str, int] = {}
    for finding in validation.findings:
        place = place_of(finding, validation, root)
        sentence = _LINE_NUMBERS.sub("", finding.problem.message.replace(f"{root}/", ""))
        parts = (finding.code.number, finding.location or "", "" if place is None else place.path, sentence)
        text = "\0".join(parts)
        number = seen[text] = seen.get(text, -1) + 1
        whole = text if number == 0 else f"{text}\0{number}"
        yield finding, hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()


def sentence_of(finding: Finding) -> str:
    """Give what a finding says, with the location that has it and what to do, in a few lines."""
    problem = finding.problem
    head = problem.message.strip() if finding.location is None else f"{finding.location}: {problem.message.strip()}"
    return head if not problem.hint else f"{head}\nhint: {problem.hint.strip()}"
