"""Look at the environments of a workspace: what is there, and whether it is in step with what is declared."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.envs import sdk_copy
from atoll_host.envs.environments import dot_venv, fingerprint
from atoll_host.envs.environments.generations import Generation, Generations
from atoll_host.envs.environments.results import Inspection, Synced, compare_distributions
from atoll_host.envs.environments.settings import Settings
from atoll_host.envs.environments.spec import Environment, EnvironmentSpec
from atoll_host.envs.errors import EnvironmentFailedError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from atoll_host.envs.environments.results import LockMode
    from atoll_host.envs.interpreters.discovery import Discovery
    from atoll_host.envs.layout import StateFolder
    from atoll_host.envs.processes import Runner


@dataclass(frozen=True, slots=True)
class Inspector:
    """Looks at the environments of one workspace, and builds nothing.

    Every method concerns one location and may be called for several of them from several threads at once; how many is
    the caller's choice.

    Attributes:
        runner: starts the processes.
        state: the workspace's `.atoll` folder.
        discovery: finds interpreters.
        variables: the caller's environment variables.
        allow_download: whether uv may be asked to download an interpreter where none fits.
        now: gives the time, in seconds since the epoch.
    """

    runner: Runner
    state: StateFolder
    discovery: Discovery
    variables: Mapping[str, str]
    allow_download: bool = True
    now: Callable[[], float] = field(default=time.time)

    def inspect(self, spec: EnvironmentSpec) -> Inspection:
        """Look at a location's environment, building nothing. Starts no process where it is in step."""
        if spec.kind == "interpreter":
            try:
                return Inspection("as_is", self._as_is(spec), reason=spec.why or "")
            except EnvironmentFailedError as error:
                return Inspection("broken", None, error.problems, str(error))
        generations = self.generations(spec)
        generation = generations.current()
        if generation is None:
            return _not_there(spec, generations)
        broken = _find_damage(spec, generation)
        if broken is not None:
            return Inspection("broken", None, (broken,), broken.message)
        try:
            inputs = self.collect_inputs(spec)
        except EnvironmentFailedError as error:
            return Inspection("broken", None, error.problems, str(error))
        environment = environment_of(spec, generation)
        changes = describe_changes(generation, inputs)
        if changes:
            return Inspection("stale", environment, reason=f"changed since: {', '.join(changes)}")
        drift = compare_distributions(generation.record.distributions, generation.installed())
        if drift:
            what = ", ".join(change.name for change in drift)
            problem = Problem(
                "drifted",
                f"the environment of {spec.location} was changed by hand: {what}",
                f"declare what it needs, or run: atoll sync {spec.location} --rebuild",
                file=str(generation.prefix),
                severity="warning",
            )
            return Inspection("drifted", environment, (problem,), f"changed by hand: {what}")
        with contextlib.suppress(OSError):
            self.show_sdk(spec, generation)
        return Inspection("current", environment)

    def generations(self, spec: EnvironmentSpec) -> Generations:
        """Give the generations of a location."""
        return Generations(self.state.environments(spec.location), self.now)

    def collect_inputs(self, spec: EnvironmentSpec) -> dict[str, str]:
        """Give the digests of what shapes a location's environment.

        Raises:
            EnvironmentFailedError: a file that is needed is not there or malformed, or a setting is wrong.
        """
        backend = Settings.of(spec).backend
        return fingerprint.collect_inputs(
            spec, backend=backend, variables=self.variables, boundary=self.state.path.parent
        )

    def find_in_step(self, spec: EnvironmentSpec, lock_mode: LockMode, started: float) -> Synced | None:
        """Give the result of a sync that has nothing to do (or must not do it, where there is drift)."""
        inspection = self.inspect(spec)
        if inspection.state not in {"current", "drifted"} or inspection.environment is None:
            return None
        generation = self.generations(spec).current()
        if generation is None or not (lock_mode == "frozen" or generation.record.lock_checked):
            return None
        problems = list(inspection.problems)
        if spec.kind == "project" and spec.source is not None and generation.prefix.parent != spec.source:
            with contextlib.suppress(OSError):
                warning = dot_venv.link(spec.source, generation.prefix)
                problems += [warning] if warning else []
        return Synced(
            inspection.environment, changed=False, seconds=time.perf_counter() - started, problems=tuple(problems)
        )

    def show_sdk(self, spec: EnvironmentSpec, generation: Generation) -> None:
        """Make `import atoll` work in an environment of ours.

        Raises:
            OSError: the workspace is not writable.
        """
        sdk = sdk_copy.ensure_sdk(self.state)
        for relative in generation.record.site_packages[:1]:
            ways = [spec.source / ".venv" / relative] if spec.kind == "project" and spec.source is not None else []
            sdk_copy.write_path_file(generation.prefix / relative, sdk, seen_from=ways)

    def _as_is(self, spec: EnvironmentSpec) -> Environment:
        """Describe an interpreter that is taken as it is: the one that is named, else the active one."""
        if spec.executable is not None:
            interpreter = self.discovery.probe(spec.executable, spec.why or "executable_path")
            executable, reason = spec.executable, spec.why or "it is named by executable_path"
        else:
            from atoll_host.envs.interpreters.choosing import active  # noqa: PLC0415 — rarely needed

            choice = active(self.discovery)
            interpreter, executable, reason = choice.interpreter, Path(choice.interpreter.executable), choice.reason
        return Environment(
            kind="interpreter",
            prefix=Path(interpreter.prefix) if interpreter.in_virtual_environment else None,
            executable=executable,
            interpreter=interpreter,
            reason=reason,
        )


def environment_of(spec: EnvironmentSpec, generation: Generation) -> Environment:
    """Describe a generation as what loads a location."""
    record = generation.record
    return Environment(
        kind=spec.kind,
        prefix=generation.prefix,
        executable=generation.executable,
        interpreter=record.interpreter,
        reason=record.reason,
        fingerprint=record.fingerprint,
        backend=record.backend,
    )


def describe_changes(generation: Generation, inputs: Mapping[str, str]) -> list[str]:
    """Name what is other than when the generation was built."""
    record = generation.record
    changes = fingerprint.list_changes(record.inputs, inputs)
    if record.prefix != str(generation.prefix):
        changes.append(f"the folder of the workspace (it was built as {record.prefix})")
    if fingerprint.stamp(record.interpreter.base_executable) != record.interpreter_stamp:
        changes.append(f"the interpreter {record.interpreter.base_executable}")
    return changes


def _not_there(spec: EnvironmentSpec, generations: Generations) -> Inspection:
    """Tell an environment that was never built from one that is damaged."""
    named = generations.named()
    if named is None and not generations.in_progress():
        return Inspection("missing", None, reason="it was never built")
    interrupted = generations.in_progress()
    why = "a build of it was interrupted" if interrupted else f"its folder {named} is gone or not complete"
    problem = Problem(
        "environment",
        f"the environment of {spec.location} cannot be used: {why}",
        f"run: atoll sync {spec.location}",
        file=str(generations.folder),
    )
    return Inspection("broken", None, (problem,), why)


def _find_damage(spec: EnvironmentSpec, generation: Generation) -> Problem | None:
    """Find out why an environment cannot be started at all."""
    base = generation.record.interpreter.base_executable
    if os.path.exists(generation.executable) and os.path.exists(base):  # noqa: PTH110 — it is called very often
        return None
    gone = base if not os.path.exists(base) else str(generation.executable)  # noqa: PTH110 — beside the above
    return Problem(
        "interpreter_gone",
        f"the interpreter of {spec.location} is gone: {gone}",
        f"run: atoll sync {spec.location} (it takes another one that fits, or says which are there)",
        file=str(generation.prefix),
    )
