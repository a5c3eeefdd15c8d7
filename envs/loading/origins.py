"""Where each variable of a location's processes comes from, and why others of the caller's are left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from atoll_host.envs.loading import temporary
from atoll_host.envs.loading.variables import activated, read_env_file
from atoll_host.envs.loading.worker import LOADING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

Origin = Literal["caller", "workspace_env_file", "location_env_file", "activation", "tool", "dropped"]

_SECRET = re.compile(
    r"SECRET|TOKEN|PASSW|PASSPHRASE|CREDENTIAL|PRIVATE|(^|_)(PASS|PWD|AUTH|KEYS?|DSN|SAS|CERT|COOKIE|SESSION|SALT)(_|$)|(API|ACCESS)KEY"
)
_NO_SECRETS = frozenset({"PWD", "OLDPWD"})
_ACTIVATION = frozenset({"PATH", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"})
_WITH_PASSWORD = re.compile(r"://[^/@\s]*:[^/@\s]+@")
_REASONS = (
    ("PYTHON", "it would change how every Python of a location starts or what it imports"),
    ("CONDA_", "it describes the caller's environment, not the location's"),
    ("UV_", "it steers uv, which works for all locations alike"),
    ("ATOLL_", "it steers atoll itself"),
    ("VIRTUAL_ENV", "it names the caller's environment, not the location's"),
    ("_OLD_VIRTUAL", "it names the caller's environment, not the location's"),
    ("PYENV_", "the location's interpreter is chosen already"),
)


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable, or one of the caller's that is dropped.

    Attributes:
        name: its name.
        origin: who says what it is; `dropped` for what the caller has and the location's processes have not.
        value: what it is; None where it is dropped, and where each load has another.
        file: the `.env` file that says so.
        overrides: who says it too, without being heard: origins, the nearest one last.
        reason: why it is dropped, or what the tool has it for.
    """

    name: str
    origin: Origin
    value: str | None = None
    file: Path | None = None
    overrides: tuple[Origin, ...] = ()
    reason: str | None = None

    @property
    def secret(self) -> bool:
        """Whether its value must not be shown: by its name, or because there is a password in it."""
        return looks_secret(self.name) or (self.value is not None and bool(_WITH_PASSWORD.search(self.value)))


def looks_secret(name: str) -> bool:
    """Tell whether a variable of such a name may hold a secret. Rather too often than too rarely."""
    upper = name.upper()
    return upper not in _NO_SECRETS and bool(_SECRET.search(upper))


def explain_variables(
    caller: Mapping[str, str],
    *,
    prefix: Path | None,
    executable: Path,
    workspace_files: Sequence[Path] = (),
    location_files: Sequence[Path] = (),
) -> list[Variable]:
    """Say of every variable that a load of a location has, or does not get, where it comes from; by name.

    Args:
        caller: the host's own variables.
        prefix: folder of the virtual environment; None when the interpreter is in none.
        executable: the interpreter.
        workspace_files: `.env` files of the workspace, later ones win.
        location_files: `.env` files of the location, which win over those.

    Raises:
        ConfigurationError: a `.env` file is not there or cannot be read.
    """
    found: dict[str, Variable] = {}
    for variable in _layers(caller, prefix, executable, workspace_files, location_files):
        below = found.get(variable.name)
        overrides = () if below is None else (*below.overrides, below.origin)
        found[variable.name] = Variable(
            variable.name, variable.origin, variable.value, variable.file, overrides, variable.reason
        )
    dropped = [Variable(name, "dropped", reason=_why(name)) for name in caller if name not in found]
    return sorted([*found.values(), *dropped], key=lambda variable: variable.name)


def _layers(
    caller: Mapping[str, str],
    prefix: Path | None,
    executable: Path,
    workspace_files: Sequence[Path],
    location_files: Sequence[Path],
) -> Iterator[Variable]:
    """Give what each layer says, the one that wins last."""
    kept = temporary.without_temporary(caller)
    for name, value in activated(kept, prefix=prefix, executable=executable).items():
        if name in kept:
            yield Variable(name, "caller", kept[name])
        if name in _ACTIVATION or kept.get(name) != value:
            yield Variable(name, "activation", value)
    for name in temporary.VARIABLES:
        if name in caller:
            yield Variable(name, "caller", caller[name])
        yield Variable(name, "tool", None, reason="a temporary folder of each load's own")
    layers: tuple[tuple[Sequence[Path], Origin], ...] = (
        (workspace_files, "workspace_env_file"),
        (location_files, "location_env_file"),
    )
    for files, origin in layers:
        for file in files:
            for name, value in read_env_file(file).items():
                yield Variable(name, origin, value, file)
    yield Variable(LOADING, "tool", "1", reason="set during loads, so that code can tell")


def _why(name: str) -> str:
    upper = name.upper()
    return next((reason for prefix, reason in _REASONS if upper.startswith(prefix)), "it belongs to the caller's shell")
