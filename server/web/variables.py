"""Which variables the processes of a location have, and from where: names and origins, never values."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atoll_host.envs.errors import AtollError
from atoll_host.envs.loading.origins import explain_variables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from atoll_host.envs.environments.spec import Environment
    from atoll_host.envs.errors import Problem
    from atoll_host.server.live.states import LiveWorkspace, LocationState

_WORDS = {
    "location_env_file": "the location's .env file",
    "workspace_env_file": "the workspace's .env file",
    "activation": "activating the environment",
    "tool": "Atoll",
    "caller": "the shell that started Atoll",
    "dropped": "",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A variable without its value.

    Attributes:
        name: its name.
        origin: who says what it is, in words; empty where it is left out.
        file: the `.env` file that says so.
        note: why it is left out, or what it is for.
        overrides: who says it too, without being heard, in words.
    """

    name: str
    origin: str
    file: Path | None
    note: str
    overrides: str


@dataclass(frozen=True, slots=True)
class Variables:
    """The variables of a location.

    Attributes:
        needed: those that its definitions ask for: name, who needs it, and whether it is set.
        given: those that somebody gives to it beside the caller.
        passed: names of those that the caller has and it gets as they are.
        dropped: those that the caller has and it does not get.
        problems: why nothing can be said.
    """

    needed: Sequence[tuple[str, Sequence[str], bool]]
    given: Sequence[Named]
    passed: Sequence[str]
    dropped: Sequence[Named]
    problems: Sequence[Problem] = ()


def describe_variables(
    live: LiveWorkspace,
    state: LocationState,
    environment: Environment | None,
    caller: Mapping[str, str] | None = None,
) -> Variables:
    """Say where the variables of a location come from.

    Args:
        live: what is known of the workspace.
        state: of the location.
        environment: what loads it; None where there is none that could.
        caller: the host's own variables; None for those of this process.
    """
    needed = state.shown.definitions.get("environment_variables") or ()
    if environment is None or live.workspace is None:
        return Variables([(one["name"], one.get("required_by") or (), False) for one in needed], (), (), ())
    try:
        found = explain_variables(
            dict(os.environ) if caller is None else caller,
            prefix=environment.prefix,
            executable=environment.executable,
            workspace_files=live.workspace.env_files,
            location_files=state.location.env_files,
        )
    except AtollError as error:
        return Variables((), (), (), (), error.problems)
    named = {
        one.name: Named(
            one.name,
            _WORDS[one.origin],
            one.file,
            one.reason or "",
            ", ".join(_WORDS[origin] for origin in one.overrides if _WORDS[origin] != _WORDS[one.origin]),
        )
        for one in found
    }
    origins = {one.name: one.origin for one in found}
    there = {name for name, origin in origins.items() if origin != "dropped"}
    return Variables(
        needed=[(one["name"], one.get("required_by") or (), one["name"] in there) for one in needed],
        given=[one for name, one in named.items() if origins[name] not in {"caller", "dropped"}],
        passed=[name for name, origin in origins.items() if origin == "caller"],
        dropped=[one for name, one in named.items() if origins[name] == "dropped"],
    )
