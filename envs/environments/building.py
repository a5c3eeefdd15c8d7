"""Build an environment: choose the interpreter, lock, build aside, check, and make it current."""

from __future__ import annotations

import contextlib
import errno
import time
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from atoll_host.envs import sdk_copy
from atoll_host.envs.environments import dot_venv, fingerprint
from atoll_host.envs.environments.checking import check_interpreter
from atoll_host.envs.environments.damage import find_changed
from atoll_host.envs.environments.failures import disk_full, find_line
from atoll_host.envs.environments.generations import (
    IN_PROGRESS,
    Generation,
    Record,
    list_distributions,
    remove,
    write_json,
)
from atoll_host.envs.environments.inspecting import describe_changes, environment_of
from atoll_host.envs.environments.locks import hold_location, hold_lock_file
from atoll_host.envs.environments.results import (
    Locked,
    Progress,
    Synced,
    compare_distributions,
    compare_versions,
)
from atoll_host.envs.environments.settings import Settings
from atoll_host.envs.environments.uv_backend import UvBackend
from atoll_host.envs.errors import ConfigurationError, EnvironmentFailedError, Problem, ToolFailedError
from atoll_host.envs.uv import find_uv, variables_for_uv

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from atoll_host.envs.environments.backend import Backend, OnLine
    from atoll_host.envs.environments.generations import Generations
    from atoll_host.envs.environments.inspecting import Inspector
    from atoll_host.envs.environments.results import LockMode, OnProgress, Phase
    from atoll_host.envs.environments.spec import EnvironmentSpec
    from atoll_host.envs.interpreters.interpreter import Interpreter


class _Building:
    """One build of one environment, with all that its steps need."""

    def __init__(self, environments: Inspector, spec: EnvironmentSpec, on_progress: OnProgress) -> None:
        self.environments = environments
        self.spec = spec
        self.on_progress = on_progress
        self.settings = Settings.of(spec)
        self.backend = backend_for(environments, spec, self.settings)
        self.generations: Generations = environments.generations(spec)

    def say(self, phase: Phase, text: str = "") -> None:
        self.on_progress(Progress(self.spec.location, phase, text))

    def lines(self, phase: Phase) -> OnLine:
        return lambda line: self.say(phase, line)

    def choose(self, *, again: bool) -> tuple[Interpreter, str]:
        self.say("interpreter")
        interpreter, reason = choose_interpreter(self.environments, self.spec, again=again)
        if self.settings.backend == "virtualenv":
            from atoll_host.envs.environments.virtualenv_backend import refuse_old_python  # noqa: PLC0415 — rare

            refuse_old_python(self.spec.location, interpreter.version, interpreter.version_text)
        return interpreter, reason

    def lock(self, python: str, mode: LockMode, upgrade: Sequence[str] | bool) -> bool:
        self.say("locking")
        path = self.backend.find_lock(self.spec)
        if path is None:
            return False
        with hold_lock_file(
            self.environments.state, path, lambda: self.say("waiting", f"another process writes {path}")
        ):
            return self.backend.lock(self.spec, python, mode=mode, upgrade=upgrade, on_line=self.lines("locking"))

    def build(self, prefix: Path, python: str, upgrade: Sequence[str] | bool, fresh: set[str]) -> tuple[str, ...]:
        """Build into a folder and check what came out; give its folders of packages."""
        self.say("installing")
        lines = self.lines("installing")
        self.backend.build(
            self.spec, self.settings, python, prefix, upgrade=upgrade, fresh=sorted(fresh), on_line=lines
        )
        self.say("checking")
        variables = variables_for_uv(self.environments.variables)
        folders = check_interpreter(self.environments.runner, prefix, variables)
        sdk = sdk_copy.ensure_sdk(self.environments.state)
        source = self.spec.source
        ways = [source / ".venv" / folders[0]] if self.spec.kind == "project" and source is not None else []
        sdk_copy.write_path_file(prefix / folders[0], sdk, seen_from=ways)
        return folders


def choose_interpreter(
    environments: Inspector, spec: EnvironmentSpec, *, again: bool = False
) -> tuple[Interpreter, str]:
    """Choose the interpreter and say why, keeping the one in use as long as it is asked for in the same way.

    Args:
        environments: of the workspace.
        spec: of the location.
        again: whether to choose as if none were in use.

    Raises:
        NoInterpreterError: none fits.
    """
    from atoll_host.envs.interpreters.choosing import choose  # noqa: PLC0415 — often not needed
    from atoll_host.envs.interpreters.wanted import wanted  # noqa: PLC0415 — beside it

    asked = wanted(spec, boundary=environments.state.path.parent)
    current = environments.generations(spec).current()
    if current is not None and not again:
        record = current.record
        inputs = environments.collect_inputs(spec)
        same = record.inputs.get(fingerprint.PYTHON) == inputs[fingerprint.PYTHON] and asked.fits(record.interpreter)
        if same and fingerprint.stamp(record.interpreter.base_executable) == record.interpreter_stamp:
            return record.interpreter, record.reason
    choice = choose(
        environments.discovery,
        asked,
        runner=environments.runner,
        uv=_uv_for_downloads(environments),
        allow_download=environments.allow_download,
    )
    return choice.interpreter, choice.reason


def _uv_for_downloads(environments: Inspector) -> Path | None:
    try:
        return find_uv(environments.runner, environments.variables).executable
    except EnvironmentFailedError:
        return None


def build(
    environments: Inspector,
    spec: EnvironmentSpec,
    lock_mode: LockMode,
    *,
    rebuild: bool,
    upgrade: Sequence[str] | bool,
    on_progress: OnProgress,
    started: float,
) -> Synced:
    """Do what `Environments.sync` says when it has something to do."""
    waited: list[bool] = []

    def on_wait() -> None:
        waited.append(True)
        on_progress(Progress(spec.location, "waiting", "another process is building this environment"))

    seen = environments.generations(spec).named()
    with _explained(spec), hold_location(environments.state, spec.location, on_wait):
        if waited and not upgrade:
            # Whoever held the lock has most likely done our work; a rebuild too, if what is current is another now.
            done = environments.find_in_step(spec, lock_mode, started)
            if done is not None and (not rebuild or environments.generations(spec).named() != seen):
                return done
        building = _Building(environments, spec, on_progress)
        before = building.generations.current()
        interpreter, reason = building.choose(again=rebuild)
        python = interpreter.base_executable
        lock_changed = building.lock(python, lock_mode, upgrade)
        inputs = environments.collect_inputs(spec)
        digest = fingerprint.fingerprint(inputs, interpreter)
        stamp = fingerprint.stamp(python)
        if stamp is None:
            raise EnvironmentFailedError(f"the interpreter {python} is gone", hint="run the command again")
        fresh = rebuild or (bool(upgrade) and building.backend.find_lock(spec) is None)
        record = Record(
            fingerprint=digest,
            inputs=inputs,
            interpreter=interpreter,
            interpreter_stamp=stamp,
            reason=reason,
            backend=building.settings.backend,
            prefix="",
            site_packages=(),
            distributions=(),
            lock_checked=lock_mode != "frozen",
        )
        generation = None if fresh else _reuse(building, before, record)
        if generation is None:
            generation = _build_aside(building, record, upgrade)
            changed = True
        else:
            changed = before is None or before.prefix != generation.prefix
        by_hand = before.installed() if before is not None and changed and not rebuild else ()
        problems = _publish(building, generation, changed=changed) + _left_behind(spec, before, by_hand, generation)
        if not changed:
            problems += environments.inspect(spec).problems  # drift, which only a rebuild takes away
        before_it = before.record.distributions if before else ()
        return Synced(
            environment_of(spec, generation),
            changed=changed,
            seconds=time.perf_counter() - started,
            lock_changed=lock_changed,
            changes=compare_distributions(before_it, generation.record.distributions),
            problems=problems,
        )


def _reuse(building: _Building, before: Generation | None, record: Record) -> Generation | None:
    """Take a complete generation of the same fingerprint instead of building one."""
    found = building.generations.find(record.fingerprint)
    if found is None and before is not None and before.record.fingerprint == record.fingerprint:
        # Changed by hand: only a rebuild may take that away.
        found = before if not describe_changes(before, record.inputs) and before.executable.exists() else None
    if found is not None and record.lock_checked and not found.record.lock_checked:
        found = building.generations.finish(found.prefix, replace(found.record, lock_checked=True))
    return found


def _build_aside(building: _Building, record: Record, upgrade: Sequence[str] | bool) -> Generation:
    generations = building.generations
    generations.folder.mkdir(parents=True, exist_ok=True)
    project = building.spec.source if building.spec.kind == "project" else None
    in_place = (
        project is not None and not dot_venv.can_link(project) and _may_build_in_place(generations, project / ".venv")
    )
    python = record.interpreter.base_executable
    began = time.perf_counter()
    damaged = _damaged_packages(generations.current())
    if in_place and project is not None:
        prefix = project / ".venv"
        write_json(generations.folder / IN_PROGRESS, {"in_place": str(prefix)})
        remove(prefix)
    else:
        prefix = generations.free_path(record.fingerprint)
    generations.remove_wreckage()
    try:
        folders = building.build(prefix, python, upgrade, damaged)
        changed = find_changed([prefix / folder for folder in folders])
        if changed:
            # uv's cache was written to by way of another environment.
            remove(prefix)
            damaged |= {file.distribution for file in changed}
            folders = building.build(prefix, python, upgrade, damaged)
    except BaseException:
        remove(prefix)
        raise
    complete = replace(
        record,
        prefix=str(prefix),
        site_packages=folders,
        distributions=list_distributions([prefix / folder for folder in folders]),
        seconds=time.perf_counter() - began,
        built=time.time(),
    )
    return generations.finish(prefix, complete)


def _damaged_packages(before: Generation | None) -> set[str]:
    """Name the packages whose installed files were written to, and with them what uv's cache has."""
    if before is None:
        return set()
    return {file.distribution for file in find_changed(before.site_packages(), built=before.record.built)}


def _may_build_in_place(generations: Generations, place: Path) -> bool:
    """Say whether `.venv` is not there, or is one that we built."""
    return not place.exists() or str(place) == generations.named() or generations.in_progress()


def _publish(building: _Building, generation: Generation, *, changed: bool) -> tuple[Problem, ...]:
    """Make a complete generation the current one, lead `.venv` to it, and tidy up; give warnings."""
    generations, spec = building.generations, building.spec
    if changed:
        generations.make_current(generation)
    warning: Problem | None = None
    if spec.source is not None and generation.prefix == spec.source / ".venv":
        (generations.folder / IN_PROGRESS).unlink(missing_ok=True)
    elif spec.kind == "project" and spec.source is not None:
        try:
            warning = dot_venv.link(spec.source, generation.prefix)
        except OSError as error:
            warning = Problem(
                "no_link",
                f"{spec.source / '.venv'} cannot be made a link to the environment: {error.strerror or error}",
                f"point the editor at {generation.executable}",
                severity="warning",
            )
    generations.remove_unused()
    return () if warning is None else (warning,)


def _left_behind(
    spec: EnvironmentSpec, before: Generation | None, found: tuple[str, ...], now: Generation
) -> tuple[Problem, ...]:
    """Warn of what was installed by hand into the environment before and is not in the new one."""
    if before is None:
        return ()
    known = {*before.record.distributions, *now.record.distributions}
    names = [name.rsplit(".", 1)[0].split("-")[0] for name in found if name not in known]
    if not names:
        return ()
    return (
        Problem(
            "drifted",
            f"what was installed by hand is not in the new environment of {spec.location}: {', '.join(names)}",
            f"declare it; what it was is still in {before.prefix}",
            file=str(before.prefix),
            severity="warning",
        ),
    )


def lock(
    environments: Inspector,
    spec: EnvironmentSpec,
    mode: LockMode,
    upgrade: Sequence[str] | bool,
    on_progress: OnProgress,
) -> Locked:
    """Do what `Environments.lock` says."""
    if spec.kind == "interpreter":
        return Locked(None, changed=False)
    with _explained(spec):
        building = _Building(environments, spec, on_progress)
        path = building.backend.find_lock(spec)
        if path is None:
            return Locked(None, changed=False)
        before = _locked_versions(path)
        interpreter, _ = building.choose(again=False)
        changed = building.lock(interpreter.base_executable, mode, upgrade)
        return Locked(path, changed, compare_versions(before, _locked_versions(path)) if changed else ())


def backend_for(environments: Inspector, spec: EnvironmentSpec, settings: Settings) -> Backend:
    """Give what builds a location's environment.

    Raises:
        EnvironmentFailedError: there is no uv that fits, or the other backend cannot build this location.
    """
    if settings.backend == "virtualenv":
        from atoll_host.envs.environments.virtualenv_backend import VirtualenvBackend  # noqa: PLC0415 — rarely chosen

        return VirtualenvBackend(environments.runner, variables_for_uv(environments.variables))
    required = required_uv(spec)
    try:
        uv = find_uv(environments.runner, environments.variables, required=required)
    except EnvironmentFailedError as error:
        if required is None or spec.source is None:
            raise
        file = spec.source / "pyproject.toml"
        line = find_line(file, "required-version")
        placed = (problem.replaced(file=str(file), line=line) for problem in error.problems)
        raise EnvironmentFailedError.of(tuple(placed)) from error
    return UvBackend(environments.runner, uv)


def required_uv(spec: EnvironmentSpec) -> str | None:
    """Read `[tool.uv] required-version` of a project."""
    if spec.kind != "project" or spec.source is None:
        return None
    path = spec.source / "pyproject.toml"
    try:
        data = path.read_bytes()
    except OSError:
        return None  # said elsewhere, with all that belongs to it
    tool: Any = fingerprint.parse_toml(data, path).get("tool")
    table = tool.get("uv") if isinstance(tool, dict) else None
    required = table.get("required-version") if isinstance(table, dict) else None
    return required if isinstance(required, str) else None


def _locked_versions(path: Path) -> dict[str, str]:
    versions: dict[str, set[str]] = {}
    with contextlib.suppress(OSError, ValueError, AttributeError, TypeError, KeyError):
        for package in tomllib.loads(path.read_text(encoding="utf-8")).get("package", ()):
            versions.setdefault(package["name"], set()).add(package.get("version", "dynamic"))
    return {name: " and ".join(sorted(found)) for name, found in versions.items()}


@contextlib.contextmanager
def _explained(spec: EnvironmentSpec) -> Iterator[None]:
    """Turn errors of the file system and of what the user wrote into the location's own."""
    try:
        yield
    except (ConfigurationError, ToolFailedError) as error:
        raise EnvironmentFailedError.of(error.problems) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise EnvironmentFailedError.of((disk_full(spec.location, str(error)),)) from error
        where = f": {error.filename}" if error.filename else ""
        raise EnvironmentFailedError(
            f"the environment of {spec.location} could not be written{where}: {error.strerror or error}",
            hint="see that the workspace's .atoll folder is writable",
        ) from error
