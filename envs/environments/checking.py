"""Look at an environment that has just been built before anybody uses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.envs.environments.generations import executable_of
from atoll_host.envs.errors import EnvironmentFailedError, ToolFailedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atoll_host.envs.processes import Runner

_MARK = "atoll-environment:"
_QUESTION = (
    "import sys, json, sysconfig; p = sysconfig.get_paths(); "
    f"sys.stdout.write('\\n{_MARK}' + json.dumps([sys.prefix, p['purelib'], p['platlib']]) + '\\n')"
)
_PATIENCE = 60
"""Seconds that an interpreter may take to start, on a machine that is busy building other environments."""


def check_interpreter(runner: Runner, prefix: Path, variables: Mapping[str, str]) -> tuple[str, ...]:
    """Start the environment's interpreter and ask it where its packages are.

    Args:
        runner: starts the process.
        prefix: folder of the virtual environment.
        variables: to start it with.

    Returns:
        The folders of packages, relative to the prefix.

    Raises:
        EnvironmentFailedError: it does not start, or is not at home in that folder.
    """
    executable = executable_of(prefix)
    try:
        # Isolated, as workers are: nothing of the caller's shell or the user's site folder counts.
        done = runner.run([executable, "-I", "-X", "utf8", "-c", _QUESTION], environment=variables, timeout=_PATIENCE)
    except ToolFailedError as error:
        raise EnvironmentFailedError(str(error), hint="sync again, with --rebuild if that does not help") from error
    answers = [line for line in done.stdout.splitlines() if line.startswith(_MARK)]
    if done.returncode != 0 or not answers:
        raise EnvironmentFailedError(
            f"the interpreter of the new environment does not start: {executable}",
            hint="look at the path files (*.pth) and sitecustomize of its packages",
            detail="\n".join(done.stderr.splitlines()[-20:]) or None,
        )
    home, *folders = (Path(path).resolve() for path in json.loads(answers[-1].removeprefix(_MARK)))
    real = prefix.resolve()
    if home != real or not all(folder.is_relative_to(real) for folder in folders):
        raise EnvironmentFailedError(
            f"the new environment {prefix} takes itself for {home}", hint="sync again with --rebuild"
        )
    return tuple(dict.fromkeys(folder.relative_to(real).as_posix() for folder in folders))
