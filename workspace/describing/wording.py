"""Words for what snapshots describe: durations, partitions, targets, retries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atoll_host.workspace.describing.text import count, listed, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def duration(seconds: float) -> str:
    """Give a time in the unit that fits it."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def interval(seconds: float) -> str:
    """Give a whole number of seconds in the largest unit that it is a multiple of."""
    for size, unit in _UNITS:
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:g} s"


def watched_runs(sensor: Mapping[str, Any]) -> str:
    """Say which runs a sensor of runs is told of; nothing for other sensors."""
    status = sensor.get("run_status")
    if status is None:
        return ""
    jobs = sensor.get("monitored_jobs")
    of_jobs = "" if jobs is None else f" of {', '.join(jobs) or 'no job'}"
    return f"{status} runs{of_jobs}{' in all locations' if sensor.get('monitor_all_locations') else ''}"


def age(seconds: float) -> str:
    """Say how long ago something was, roughly."""
    for size, unit in _UNITS[:-1]:
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"


def moment(when: datetime) -> str:
    """Give a moment with its weekday and its time zone."""
    return f"{when:%a %Y-%m-%d %H:%M} {when.tzname() or ''}".rstrip()


def partitions(described: Mapping[str, Any] | None) -> str:
    """Say in a few words how something is divided; empty when it is not."""
    if not described:
        return ""
    kind = str(described.get("type", "partitioned"))
    if isinstance(keys := described.get("keys"), list):
        return f"{kind}: {count(len(keys), 'key')}"
    if isinstance(dimensions := described.get("dimensions"), dict):
        inner = " × ".join(f"{name} ({partitions(part)})" for name, part in dimensions.items())
        return one_line(f"{kind}: {inner}")
    words = [kind]
    if described.get("name") is not None:
        words.append(str(described["name"]))
    if described.get("start") is not None:
        words.append(f"from {_day(described['start'])}")
    if described.get("end") is not None:
        words.append(f"to {_day(described['end'])}")
    if described.get("timezone") not in (None, "UTC"):
        words.append(str(described["timezone"]))
    return one_line(" ".join(words))


def partitions_in_brief(described: Mapping[str, Any] | None) -> str:
    """Say in a word or two how something is divided; empty when it is not."""
    if not described:
        return ""
    if isinstance(keys := described.get("keys"), list):
        return count(len(keys), "key")
    if isinstance(dimensions := described.get("dimensions"), dict):
        return one_line(" × ".join(dimensions))
    return one_line(str(described.get("type", "partitioned")).replace("_", " "))


def target(described: Mapping[str, Any] | None) -> str:
    """Say what a schedule or sensor starts."""
    if not described:
        return ""
    if described.get("job") is not None:
        return one_line(str(described["job"]))
    assets = described.get("assets") or []
    return one_line(assets[0]) if len(assets) == 1 else count(len(assets), "asset")


def targets(described: list[Mapping[str, Any]]) -> str:
    """Say what a sensor starts."""
    return listed([target(item) for item in described], 2)


def retry(policy: Mapping[str, Any] | None) -> str:
    """Say how often and when a computation is tried again; empty when it is not."""
    if not policy:
        return ""
    words = [f"at most {count(int(policy.get('max_retries') or 0), 'time')}"]
    if policy.get("delay") is not None:
        words.append(f"{interval(policy['delay'])} apart")
    words += [str(policy[name]).lower().replace("_", " ") for name in ("backoff", "jitter") if policy.get(name)]
    return ", ".join(words)


def _day(text: object) -> str:
    return str(text).removesuffix("T00:00:00").removesuffix("+00:00").removesuffix("T00:00:00")
