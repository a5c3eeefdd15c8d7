"""What is to be run, as a host says it in JSON."""

from __future__ import annotations

from .._arguments import check_mapping, show, suggest
from .._errors import DefinitionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping

_KINDS: dict[str, tuple[Any, str]] = {
    "run_id": (str, "a string"),
    "job": (str, "the name of a job"),
    "assets": (list, "a list of asset keys"),
    "checks": (list, "a list of [asset key, check name]"),
    "steps": (list, "a list of step names"),
    "partition_keys": (list, "a list of partition keys"),
    "tags": (dict, "an object"),
    "config": (dict, "an object"),
    "directory": (str, "a folder"),
    "dynamic_partitions": (dict, "an object of lists of keys"),
    "external_assets": (dict, "an object of assets"),
    "values_from": (dict, "an object of run ids"),
    "attempts": (dict, "an object of numbers"),
    "earlier": (dict, "an object of steps"),
}

_STATES = ("succeeded", "failed", "skipped")


class Plan:
    """A run as it is asked for. Everything may be left out.

    - `run_id`: made up where it is None
    - `job`: the name of a job of the location; else `assets` (keys) and `checks` (`[key, name]`) are to be made, or all
      where neither is given. With a job they are a part of it
    - `steps`: only these steps of what would be executed (to retry, or for one process of several)
    - `partition_keys`: of the partitions to make, none for a run without partitions
    - `tags`, `config`: of the run, `config` as `RunConfig.to_config_dict` writes it
    - `directory`: where the default IO manager stores values; in memory where it is None
    - `dynamic_partitions`: the keys there are, by the name of their definition
    - `external_assets`: what is known of assets of other locations: `{key: {"partitions": description or null}}`
    - `values_from`: the run that made the values of steps which this run does not execute, by step
    - `attempts`: how many attempts were made before at steps that are tried again, by step
    - `earlier`: what became of steps that another process of the same run has executed:
      `{step: {"state": "succeeded", "failed" or "skipped", "outputs": [names of what it made]}}`
    """

    def __init__(self, **values: Any) -> None:
        self.run_id: str = values.get("run_id") or make_run_id()
        self.job: str | None = values.get("job")
        self.assets: list[str] | None = values.get("assets")
        self.checks: list[tuple[str, str]] | None = values.get("checks")
        self.steps: list[str] | None = values.get("steps")
        self.partition_keys: list[str] = list(values.get("partition_keys") or [])
        self.tags: dict[str, str] = dict(values.get("tags") or {})
        self.config: dict[str, Any] | None = values.get("config")
        self.directory: str | None = values.get("directory")
        self.dynamic_partitions: dict[str, list[str]] = dict(values.get("dynamic_partitions") or {})
        self.external_assets: dict[str, Any] = dict(values.get("external_assets") or {})
        self.values_from: dict[str, str] = dict(values.get("values_from") or {})
        self.attempts: dict[str, int] = dict(values.get("attempts") or {})
        self.earlier: dict[str, Any] = dict(values.get("earlier") or {})


def read_plan(values: Mapping[str, Any]) -> Plan:
    """A plan from JSON.

    Raises:
        DefinitionError: an entry is unknown or has the wrong shape.
    """
    for name, value in check_mapping(values, "plan").items():
        if name not in _KINDS:
            suggestion = suggest(name, _KINDS)
            raise DefinitionError(
                f"plan has no entry {name!r}", f"did you mean {suggestion!r}?" if suggestion else None
            )
        kind, expected = _KINDS[name]
        if value is not None and not isinstance(value, kind):
            raise DefinitionError(f"plan: {name} must be {expected}, not {show(value)}")
    checks = values.get("checks")
    if checks is not None and not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in checks):  # noqa: PLR2004 -- a pair
        raise DefinitionError(f"plan: checks must be {_KINDS['checks'][1]}, not {show(checks)}")
    _check_earlier(values.get("earlier") or {})
    return Plan(**{**values, "checks": None if checks is None else [(pair[0], pair[1]) for pair in checks]})


def _check_earlier(steps: Mapping[str, Any]) -> None:
    for step, what in steps.items():
        known = isinstance(what, dict) and what.get("state") in _STATES and isinstance(what.get("outputs", []), list)
        if not known:
            raise DefinitionError(f"plan: earlier: {step} must have a state and outputs, not {show(what)}")


def make_run_id() -> str:
    """A random UUID; the module `uuid` takes longer to import than all of the SDK."""
    import os

    digits = bytearray(os.urandom(16))
    digits[6] = digits[6] & 0x0F | 0x40
    digits[8] = digits[8] & 0x3F | 0x80
    text = digits.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
