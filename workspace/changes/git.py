"""Ask git: which paths differ from a revision, and what the files were there.

Paths are asked for in git's quoted form (`core.quotePath`), which is ASCII whatever their bytes are, and are given as
`os.fsdecode` would give them, relative to the repository's top folder, with `/`.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.envs.errors import ToolFailedError, UsageError
from atoll_host.envs.processes import Runner

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from atoll_host.envs.processes import Completed

_MISLEADING = frozenset({
    # What a hook or a caller set for a repository or an index of its own (`git rev-parse --local-env-vars`).
    "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_DIFF_OPTS", "GIT_DIR", "GIT_EXTERNAL_DIFF", "GIT_GLOB_PATHSPECS",
    "GIT_GRAFT_FILE", "GIT_ICASE_PATHSPECS", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE", "GIT_NOGLOB_PATHSPECS", "GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_TRACE", "GIT_WORK_TREE",
})  # fmt: skip
_SETTINGS = (
    "-c", "core.quotePath=true", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c",
    "color.ui=false", "-c", "advice.detachedHead=false",
)  # fmt: skip
_ESCAPES = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}
_ESCAPED = re.compile(rb'\\([0-7]{3}|[abtnvfr"\\])')
_WORKTREE = "atoll-revision-"
_WORKTREE_OWNER = re.compile(rf"{_WORKTREE}(\d+)-")


@dataclass(frozen=True)
class Revision:
    """A commit to compare with.

    Attributes:
        name: as it was asked for.
        commit: full id of the commit to compare with.
    """

    name: str
    commit: str


@dataclass(frozen=True)
class Changes:
    """The paths that differ between a revision and the files as they are now.

    Attributes:
        repository: in which.
        revision: since which.
        statuses: `A` (only now), `D` (only then) or `M` by path; a submodule or a repository inside is one path.
    """

    repository: Repository
    revision: Revision
    statuses: Mapping[str, str]

    @cached_property
    def folders_then(self) -> frozenset[str]:
        """The folders that had files at the revision."""
        return frozenset(
            self.repository.lines("ls-tree", "-r", "-d", "--name-only", "--full-tree", self.revision.commit)
        )

    @cached_property
    def folders_now(self) -> frozenset[str]:
        """The folders that have files now, without those that are ignored."""
        kept = (path for path in self.repository.lines("ls-files", "--cached") if self.statuses.get(path) != "D")
        added = (path for path, status in self.statuses.items() if status == "A")
        folders: set[str] = set()
        for path in (*kept, *added):
            folder = path.rpartition("/")[0]
            while folder and folder not in folders:
                folders.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(folders)


class Repository:
    """A git repository with files.

    Attributes:
        top: its top folder, as the path it was found by has it.
    """

    def __init__(self, runner: Runner, top: Path, variables: Mapping[str, str]) -> None:
        self.top = top
        self._runner = runner
        self._variables = variables

    @classmethod
    def find(cls, runner: Runner, folder: Path, variables: Mapping[str, str]) -> Repository:
        """Find the repository that a folder is in.

        Raises:
            UsageError: it is in none.
            ToolFailedError: there is no git, or it refuses.
        """
        there = cls(runner, folder, variables)
        done = there._git("rev-parse", "--show-cdup")
        if done.returncode:
            if "not a git repository" in done.stderr:
                raise UsageError(
                    f"{folder} is in no git repository, so there is nothing to compare it with",
                    hint="`git init` makes one; without it, leave the revision out",
                )
            raise _failed(done)
        return cls(runner, Path(os.path.normpath(folder / _unquote(done.stdout.removesuffix("\n")))), variables)

    def resolve(self, name: str, *, exact: bool = False) -> Revision:
        """Find what a revision means: the merge base with HEAD, as `git diff REF...` has it.

        Args:
            name: a branch, a tag, a commit, or any other words of git's.
            exact: the very commit, as `git diff REF` has it; unless the name ends with `...`.

        Raises:
            UsageError: there is no such revision.
        """
        exact, name = exact and not name.endswith("..."), name.removesuffix("...")
        done = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if done.returncode or not name:
            raise UsageError(f"There is no revision {name!r} in {self.top}", hint=self._propose(name))
        commit = done.stdout.strip()
        if exact:
            return Revision(name, commit)
        base = self._git("merge-base", commit, "HEAD")
        return Revision(name, base.stdout.split()[0] if base.returncode == 0 and base.stdout.strip() else commit)

    def _propose(self, name: str) -> str:
        known = self._git("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
        names = known.stdout.split()
        close = difflib.get_close_matches(name, names, n=1)
        if close:
            return f"did you mean {close[0]}?"
        if self._git("rev-parse", "--is-shallow-repository").stdout.strip() == "true":
            return "the clone is shallow: fetch the whole history (fetch-depth: 0 in GitHub Actions)"
        return "it is a branch, a tag or a commit" + (f", such as {names[0]}" if names else "")

    def changes(self, revision: Revision) -> Changes:
        """List what differs: committed, staged or not, and untracked files that are not ignored.

        A rename is a path that went and a path that came.

        Raises:
            ToolFailedError: git fails.
        """
        options = ("--name-status", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none")
        statuses: dict[str, str] = {}
        for line in self._output("diff", *options, revision.commit, "--"):
            letter, _, path = line.partition("\t")
            statuses[_unquote(path)] = letter if letter in {"A", "D"} else "M"
        for path in self.lines("ls-files", "--others", "--exclude-standard"):
            name = path.rstrip("/")
            statuses[name] = "M" if name in statuses else "A"
        return Changes(self, revision, statuses)

    def tree(self, commit: str) -> str:
        """Give the id of a commit's tree, which is the same for the same files."""
        return self._output("rev-parse", "--verify", f"{commit}^{{tree}}")[0]

    @contextlib.contextmanager
    def checked_out(self, commit: str) -> Iterator[Path]:
        """Give a temporary folder with the files of a commit, which is gone afterwards however this ends.

        Raises:
            ToolFailedError: git cannot make it.
        """
        self._remove_forgotten()
        above = Path(os.path.realpath(tempfile.mkdtemp(prefix=f"{_WORKTREE}{os.getpid()}-")))
        # A project without a name is called as its folder is.
        folder = above / (self.top.name or "tree")
        try:
            self._output("worktree", "add", "--quiet", "--detach", str(folder), commit)
            yield folder
        finally:
            self._remove(folder, above)

    def _remove(self, folder: Path, above: Path) -> None:
        # The command's own runner starts nothing any more when it was interrupted.
        with Runner() as runner:
            own = Repository(runner, self.top, self._variables)
            removed = own._git("worktree", "remove", "--force", "--force", str(folder))
            shutil.rmtree(above, ignore_errors=True)
            if removed.returncode:
                own._git("worktree", "prune")

    def _remove_forgotten(self) -> None:
        """Remove what earlier commands left when they were killed."""
        for line in self.lines("worktree", "list", "--porcelain"):
            above = Path(line.removeprefix("worktree ")).parent
            owner = _WORKTREE_OWNER.match(above.name) if line.startswith("worktree ") else None
            if owner is not None and not _is_running(int(owner[1])):
                self._remove(Path(line.removeprefix("worktree ")), above)

    def lines(self, *arguments: str) -> list[str]:
        """Run git and give the paths that it lists.

        Raises:
            ToolFailedError: git fails.
        """
        return [_unquote(line) for line in self._output(*arguments)]

    def _output(self, *arguments: str) -> list[str]:
        done = self._git(*arguments)
        if done.returncode:
            raise _failed(done)
        return [line for line in done.stdout.split("\n") if line]

    def _git(self, *arguments: str) -> Completed:
        environment = {name: value for name, value in self._variables.items() if name not in _MISLEADING}
        environment.update(LC_ALL="C", GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0")
        try:
            return self._runner.run(["git", *_SETTINGS, *arguments], directory=self.top, environment=environment)
        except ToolFailedError as error:
            raise ToolFailedError(
                error.problems[0].message, hint="install git, or leave the revision out", kind="not_started"
            ) from error


def _failed(done: Completed) -> ToolFailedError:
    lines = [line.removeprefix("fatal: ") for line in done.stderr.splitlines() if line.strip()]
    return ToolFailedError(
        f"git failed: {lines[0] if lines else f'it ended with {done.returncode}'}",
        detail="\n".join(lines[1:]) or None,
    )


def _unquote(path: str) -> str:
    """Read a path as git quotes it (quote.c: C escapes, three octal digits for a byte)."""
    if not (path.startswith('"') and path.endswith('"') and len(path) > 1):
        return path

    def byte(found: re.Match[bytes]) -> bytes:
        text = found[1].decode()
        return bytes([_ESCAPES[text] if text in _ESCAPES else int(text, 8) & 255])

    return os.fsdecode(_ESCAPED.sub(byte, path[1:-1].encode()))


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
