"""Review an environment for `validate`: what its team should know, though a location may load with it.

A review of an environment that is in step starts no process, and no review uses the network.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from atoll_host.envs.environments.building import backend_for, choose_interpreter
from atoll_host.envs.environments.conflicts import find_conflicts, package_folders
from atoll_host.envs.environments.damage import describe_damage, find_changed
from atoll_host.envs.environments.describing import list_copies
from atoll_host.envs.environments.settings import Settings
from atoll_host.envs.environments.spec import EnvironmentSpec
from atoll_host.envs.environments.uv_backend import find_lock
from atoll_host.envs.errors import AtollError, Problem
from atoll_host.envs.interpreters.wanted import wanted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from atoll_host.envs.environments.inspecting import Inspector
    from atoll_host.envs.interpreters.interpreter import Interpreter


def review(environments: Inspector, spec: EnvironmentSpec, home: Path) -> tuple[Problem, ...]:
    """Find what is wrong with an environment beside what `Environments.inspect` says.

    Args:
        environments: of the workspace.
        spec: of the location.
        home: what says which Python the location is for: the folder of its pyproject.toml, or its script.
    """
    return tuple(dict.fromkeys(_iterate(environments, spec, home)))


def _iterate(environments: Inspector, spec: EnvironmentSpec, home: Path) -> Iterator[Problem]:
    try:
        inspection = environments.inspect(spec)
    except AtollError:
        return  # loading says it
    environment = inspection.environment
    interpreter = None if environment is None else environment.interpreter
    try:
        if interpreter is not None:
            yield from _find_outside(environments, spec, home, interpreter)
        if spec.kind != "interpreter":
            yield from _review_lock(environments, spec, needs_check=inspection.state not in {"current", "drifted"})
    except AtollError as error:
        yield from error.problems
    yield from list_copies(spec)
    yield from _find_damage(environments, spec)
    if environment is not None and interpreter is not None and inspection.state in {"drifted", "as_is"}:
        current = environments.generations(spec).current() if spec.kind != "interpreter" else None
        folders = current.site_packages() if current is not None else package_folders(environment)
        yield from find_conflicts(spec.location, folders, interpreter)


def _find_damage(environments: Inspector, spec: EnvironmentSpec) -> Iterator[Problem]:
    current = None if spec.kind == "interpreter" else environments.generations(spec).current()
    if current is not None:
        changed = find_changed(current.site_packages(), built=current.record.built)
        yield from describe_damage(spec.location, changed)


def _find_outside(
    environments: Inspector, spec: EnvironmentSpec, home: Path, interpreter: Interpreter
) -> Iterator[Problem]:
    """Compare the Python with what `requires-python` says now."""
    asking = spec
    if spec.kind == "interpreter":
        if home.is_file():
            asking = EnvironmentSpec(spec.location, "script", home)
        elif (home / "pyproject.toml").is_file():
            asking = EnvironmentSpec(spec.location, "project", home)
        else:
            return
    for bound in wanted(asking, boundary=environments.state.path.parent).bounds:
        if not bound.request.fits(interpreter):
            hint = f"run: atoll sync {spec.location}" if spec.kind != "interpreter" else "name another interpreter"
            yield Problem(
                "python_outside",
                f"{spec.location} is loaded with Python {interpreter.version_text}, and {bound.origin} rules that out",
                f"{hint}, or change requires-python",
                file=None if bound.file is None else str(bound.file),
                line=bound.line,
            )


def _review_lock(environments: Inspector, spec: EnvironmentSpec, *, needs_check: bool) -> Iterator[Problem]:
    settings = Settings.of(spec)
    if settings.backend != "uv" or spec.kind not in {"project", "script"}:
        return
    lock = find_lock(spec)
    if lock is None:
        return
    hint = f"run: atoll lock {spec.location}"
    if not lock.exists():
        yield Problem("lock_missing", f"{lock.name} of {spec.location} is not there", hint, file=str(lock))
        return
    current = environments.generations(spec).current()
    if not needs_check and current is not None and current.record.lock_checked:
        return
    # A review downloads nothing.
    interpreter, _ = choose_interpreter(replace(environments, allow_download=False), spec)
    if backend_for(environments, spec, settings).check_lock(spec, interpreter.base_executable, offline=True) == "stale":
        source = "its metadata" if spec.kind == "script" else "pyproject.toml"
        message = f"{lock.name} of {spec.location} does not fit {source} any more"
        yield Problem("lock_stale", message, hint, file=str(lock))
