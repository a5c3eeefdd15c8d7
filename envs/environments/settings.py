"""Settings of an environment that the workspace gives beside what the project says itself."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from atoll_host.envs.errors import EnvironmentFailedError

if TYPE_CHECKING:
    from atoll_host.envs.environments.spec import EnvironmentSpec

_NAMES = ("backend", "extras", "groups", "package")


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings, checked.

    Attributes:
        backend: what builds the environment.
        extras: optional dependencies of a project that are installed too.
        groups: dependency groups of a project that are installed too.
        package: the member of a uv workspace that is meant, where the project folder is the workspace's root.
    """

    backend: Literal["uv", "virtualenv"] = "uv"
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    package: str | None = None

    @classmethod
    def of(cls, spec: EnvironmentSpec) -> Self:
        """Read the settings of a location.

        Raises:
            EnvironmentFailedError: one is unknown, of the wrong type, or makes no sense for the kind.
        """
        given: dict[str, Any] = dict(spec.settings)
        for name in given:
            if name not in _NAMES:
                close = difflib.get_close_matches(name, _NAMES, 1)
                raise EnvironmentFailedError(
                    f"{spec.location} has an unknown setting {name}",
                    kind="configuration",
                    hint=f"did you mean {close[0]}?" if close else f"there are: {', '.join(_NAMES)}",
                )
        if spec.kind != "project" and (given.keys() - {"backend"}):
            raise EnvironmentFailedError(
                f"{spec.location} is a {spec.kind} environment, which has no {min(given.keys() - {'backend'})}",
                kind="configuration",
                hint="extras, groups and package belong to projects",
            )
        backend = given.get("backend", "uv")
        if backend not in {"uv", "virtualenv"}:
            raise EnvironmentFailedError(
                f"{spec.location} asks for the backend {backend}",
                kind="configuration",
                hint="there are: uv, virtualenv",
            )
        package = given.get("package")
        return cls(backend, _names(spec, "extras", given), _names(spec, "groups", given), package)


def _names(spec: EnvironmentSpec, key: str, given: dict[str, Any]) -> tuple[str, ...]:
    value = given.get(key, ())
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
        raise EnvironmentFailedError(
            f"the setting {key} of {spec.location} is no list of names",
            kind="configuration",
            hint=f'write {key}: ["name"]',
        )
    return tuple(value)
