"""Tells a command or a webhook that a run has failed."""

from __future__ import annotations

import json
import tempfile
import time
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import AtollError
from atoll_host.envs.processes import RunnerClosedError
from atoll_host.runs.describing import describe_whole_run
from atoll_host.workspace.describing.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from atoll_host.envs.processes import Runner
    from atoll_host.runs.storage.store import Storage

_COMMAND_TIMEOUT = 30.0
_WEBHOOK_TIMEOUT = 10.0
_PAUSES = (1.0, 4.0)
"""Seconds before each further try."""
_AGAIN = frozenset({429, *range(500, 600)})
"""Statuses after which it is tried again."""
_LONGEST_COMPLAINT = 300


def tell_of_failure(
    runner: Runner, storage: Storage, run: str, alerts: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Tell everybody who is to know of a failed run.

    Args:
        runner: starts the command.
        storage: where the run is remembered.
        run: its id.
        alerts: as `Alerts.to_json` gives them.

    Returns:
        For each, kind and payload of the event that says what became of it.
    """
    if not alerts:
        return
    try:
        body = json.dumps(_describe(storage, run)).encode()
    except AtollError as error:
        yield "alert_failed", {"by": "", "attempts": 0, "reason": error.problems[0].message}
        return
    if alerts.get("command"):
        reason = _call(runner, alerts["command"], body)
        yield _report("command", 1, reason)
    if alerts.get("webhook"):
        attempts, reason = _post(alerts["webhook"], body)
        yield _report("webhook", attempts, reason)


def _report(by: str, attempts: int, reason: str | None) -> tuple[str, dict[str, Any]]:
    kind = "alert_sent" if reason is None else "alert_failed"
    return kind, {"by": by, "attempts": attempts, "reason": reason}


def _describe(storage: Storage, run: str) -> dict[str, Any]:
    failed = storage.runs.get(run)
    events = storage.events.read(run, kinds=("run_failed",), newest_first=True, limit=1)
    problems = [problem for event in events for problem in event.payload.get("problems", ())]
    if not problems and failed.problem is not None:
        problems = [dict(failed.problem)]  # it never began
    described = describe_whole_run(failed, storage.steps.list(run))
    return {"event": "run_failed", "run": described, "problems": problems}


def _call(runner: Runner, command: Sequence[str], body: bytes) -> str | None:
    """Have a command read it; give why that came to nothing."""
    try:
        with tempfile.TemporaryFile() as file:
            file.write(body)
            file.seek(0)
            done = runner.run(command, timeout=_COMMAND_TIMEOUT, stdin=file)
    except AtollError as error:
        return error.problems[0].message
    except (OSError, RunnerClosedError) as error:
        return f"it could not be told: {error!r}"
    if done.timed_out:
        return f"it took more than {_COMMAND_TIMEOUT:g} s and was stopped"
    if done.returncode:
        said = one_line(done.stderr.strip().rpartition("\n")[2])[:_LONGEST_COMPLAINT]
        return f"it ended with status {done.returncode}{f': {said}' if said else ''}"
    return None


def _post(url: str, body: bytes) -> tuple[int, str | None]:
    """Post it; give how often that was tried, and why it came to nothing. The URL is in no message: it is a secret."""
    reason: str | None = None
    for attempt, pause in enumerate((0.0, *_PAUSES), start=1):
        time.sleep(pause)
        status, reason = _post_once(url, body)
        if reason is None or (status is not None and status not in _AGAIN):
            return attempt, reason
    return 1 + len(_PAUSES), reason


def _post_once(url: str, body: bytes) -> tuple[int | None, str | None]:
    import http.client  # noqa: PLC0415 — few runs fail
    import urllib.error  # noqa: PLC0415 — as above
    import urllib.request  # noqa: PLC0415 — as above

    headers = {"Content-Type": "application/json", "User-Agent": "atoll"}
    # Only http and https: the instance's file is read with that in mind.
    asked = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 — the instance's configuration names it, and checks its scheme
    try:
        with urllib.request.urlopen(asked, timeout=_WEBHOOK_TIMEOUT) as answer:  # noqa: S310 — as above
            return answer.status, None
    except urllib.error.HTTPError as error:
        error.close()
        return error.code, f"it answered with status {error.code}"
    except urllib.error.URLError as error:
        inner = error.reason
        said = inner.strerror if isinstance(inner, OSError) and inner.strerror else type(inner).__name__
        return None, f"it could not be reached: {said}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        return None, f"it could not be reached: {type(error).__name__}"
