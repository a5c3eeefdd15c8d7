"""What locations define on another revision: as it was kept, else loaded in a temporary worktree.

What was loaded once is kept in `.atoll/revisions`, one file for a tree of files (and a version of this tool, which
decides how definitions are described).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atoll_host.envs.layout import StateFolder
from atoll_host.envs.sdk_copy import ensure_sdk
from atoll_host.workspace.changes.comparison import Described, without_folder
from atoll_host.workspace.syncing import sync_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.envs.environments.results import LockMode
    from atoll_host.envs.errors import Problem
    from atoll_host.workspace.changes.affected import OpenThere
    from atoll_host.workspace.changes.git import Repository
    from atoll_host.workspace.loading import Loader, LoadReport
    from atoll_host.workspace.location import Location, Workspace

_FORMAT = 1
_KEPT = 20
"""How many trees are kept: the newest ones."""


@dataclass(frozen=True)
class Revisions:
    """Gives what locations define on other revisions.

    Attributes:
        repository: whose revisions.
        workspace: as it is now.
        loader: of the workspace as it is now.
        open_there: opens the workspace as it is in another folder with the repository's files.
        sources: tells this workspace from others in the same folder.
    """

    repository: Repository
    workspace: Workspace
    loader: Loader
    open_there: OpenThere
    sources: str = ""

    def describe(self, commit: str, unchanged: Mapping[str, LoadReport]) -> dict[str, Described]:
        """Give the locations of a commit by name.

        Args:
            commit: full id.
            unchanged: what is known of locations that are the same there as now.

        Raises:
            AtollError: the workspace was not there, or was wrong; git fails.
            RunnerClosedError: the command was interrupted.
        """
        file = self._file(commit)
        kept = _read(file)
        if kept is not None and all(one.definitions is not None for one in kept.values()):
            return kept
        with self.repository.checked_out(commit) as folder:
            workspace = self.open_there(folder)
            known = {name: one for name, one in (kept or {}).items() if one.definitions is not None}
            known |= {name: self.describe_now(report) for name, report in unchanged.items()}
            needed = [location for location in workspace.locations if location.name not in known]
            reports = {report.location.name: report for report in self._load(workspace, needed)}
            described = {
                location.name: known.get(location.name) or _describe(reports[location.name], folder)
                for location in workspace.locations
            }
        with contextlib.suppress(OSError):
            self.keep(commit, described)
        return described

    def describe_now(self, report: LoadReport) -> Described:
        """Give what was loaded in the folder that the repository lies in."""
        return _describe(report, self.repository.top)

    def keep(self, commit: str, described: Mapping[str, Described]) -> None:
        """Keep what the locations of a commit define.

        Raises:
            OSError: it can't be written.
        """
        self.loader.state.make()
        file = self._file(commit)
        file.parent.mkdir(exist_ok=True)
        locations = {
            name: {"identity": one.identity, "definitions": one.definitions} for name, one in described.items()
        }
        descriptor, temporary = tempfile.mkstemp(prefix=".revision-", dir=file.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                json.dump({"format": _FORMAT, "locations": locations}, stream)
            Path(temporary).replace(file)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise
        files = sorted(file.parent.glob("*.json"), key=lambda one: one.stat().st_mtime_ns, reverse=True)
        for old in files[_KEPT:]:
            old.unlink(missing_ok=True)

    def _file(self, commit: str) -> Path:
        named = self.workspace.file or self.workspace.root
        parts = (
            self.repository.tree(commit),
            os.path.relpath(named, self.repository.top),
            version("atoll"),
            self.sources,
        )
        return self.loader.state.path / "revisions" / f"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}.json"

    def _load(self, workspace: Workspace, locations: Sequence[Location]) -> list[LoadReport]:
        """Load locations in a folder of their own, with environments that are built there from their locks."""
        loader = self.loader
        state = StateFolder(workspace.root / ".atoll")
        environments = replace(loader.environments, state=state)
        built = [one for one in locations if one.environment.kind != "interpreter"]
        failed: dict[str, tuple[Problem, ...]] = {}
        modes: tuple[tuple[LockMode, bool], ...] = (("frozen", True), ("update", False))
        for mode, locked in modes:
            group = [one for one in built if _has_lock(one) is locked]
            for synced in sync_all(environments, loader.runner, group, lock_mode=mode):
                if synced.status == "failed":
                    failed[synced.location.name] = synced.problems
        earlier = replace(loader, environments=environments, state=state, sdk=ensure_sdk(state))
        reports = earlier.load_all(workspace, locations)
        return [
            replace(report, problems=failed[report.location.name]) if report.location.name in failed else report
            for report in reports
        ]


def _has_lock(location: Location) -> bool:
    from atoll_host.envs.interpreters.wanted import uv_workspace_root  # noqa: PLC0415 — beside its only use

    source = location.environment.source
    if source is None:
        return False
    if location.environment.kind == "project":
        return (uv_workspace_root(source) / "uv.lock").is_file()
    return source.with_name(f"{source.name}.lock").is_file()


def _describe(report: LoadReport, top: Path) -> Described:
    folders = tuple(dict.fromkeys((str(top), os.path.realpath(top))))
    location = report.location
    target = location.target
    identity = f"{location.root} {target.file or target.module} {target.attribute or ''}"
    definitions = report.definitions if report.status == "loaded" else None
    plain: Any = without_folder(definitions, folders)
    return Described(without_folder(identity, folders), plain, report.problems if definitions is None else ())


def _read(file: Path) -> dict[str, Described] | None:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["format"] != _FORMAT:
            return None
        return {name: Described(one["identity"], one["definitions"]) for name, one in data["locations"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
