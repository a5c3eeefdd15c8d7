"""What was asked for, by a form or as JSON: read, held against what would run, and carried out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import AtollError, Problem, UsageError
from atoll_host.runs.planning.planner import Wanted
from atoll_host.server.web.launching.fields import check, prune, read_values, write_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.runs.launching.launcher import Launched
    from atoll_host.runs.storage.automation_records import Backfill
    from atoll_host.server.operations.operations import Operations
    from atoll_host.server.web.launching.prospects import Prospect, Target

PARTS = ("ops", "resources", "loggers", "execution")
"""Of a run's configuration."""


WAYS = ("run", "backfill", "missing")
"""How partitions are made: all in one run; by a backfill; or only those of them that are missing, by a backfill."""


class OrderError(AtollError):
    """What was asked for can't be done as it is."""

    kind = "usage"


@dataclass(slots=True)
class Order:
    """How something is to run.

    Attributes:
        partition: key of one partition, or the first of several.
        partition_end: the last of several.
        tags: of the run.
        config: of the run.
        way: one of `WAYS`.
    """

    partition: str | None = None
    partition_end: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    way: str = WAYS[0]

    def launch(self, operations: Operations, target: Target) -> Launched:
        """Start it.

        Raises:
            AtollError: it can't be done.
        """
        several = self.partition is not None and self.partition_end not in (None, self.partition)
        ends = (str(self.partition), str(self.partition_end)) if several else None
        wanted = Wanted(None if several else self.partition, ends, self.config or None)
        return target.launch(operations, wanted, self.tags)

    def backfill(self, operations: Operations, target: Target) -> Backfill | None:
        """Remember a backfill, whose runs begin by themselves; None where there is nothing to make.

        Raises:
            AtollError: it can't be done.
        """
        from atoll_host.runs.backfilling.asking import BackfillWish  # noqa: PLC0415 — imports what plans runs

        ends = None if self.partition is None else (self.partition, self.partition_end or self.partition)
        wish = BackfillWish(
            target.selection,
            None if target.job is None else f"{target.location}:{target.job}",
            partition_range=ends,
            every=ends is None,
            missing=self.way == "missing",
            max_runs=operations.instance.concurrency.runs,
            config=self.config or None,
            tags=self.tags,
        )
        new = operations.plan_backfill(wish)
        return operations.open().backfills.create(new) if new.partitions else None


@dataclass(slots=True)
class Form:
    """A form as it is shown.

    Attributes:
        values: of its inputs, by name; those of the configuration are named by their paths.
        problems: by name of the input; what has none is under an empty name.
        hints: what to do, by name of the input.
    """

    values: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)

    def complain(self, name: str, text: str, hint: str | None = None) -> None:
        """Say what is wrong with an input."""
        self.problems.setdefault(name, text)
        if hint:
            self.hints.setdefault(name, hint)


def make_form(prospect: Prospect, given: Mapping[str, str]) -> Form:
    """Make the form that is shown first.

    Args:
        prospect: what would run.
        given: values that the address has.
    """
    values, rest = write_values(prospect.sections, prospect.config)
    values["rest"] = json.dumps(rest, indent=2, ensure_ascii=False) if rest else ""
    values["partition"] = prospect.proposed
    values.update({name: text for name, text in given.items() if name in ("partition", "partition_end", "way", "tags")})
    return Form(values)


def read_form(prospect: Prospect, given: Mapping[str, str]) -> tuple[Form, Order]:
    """Read a form; what is wrong is said at each input, and nothing is started then.

    Args:
        prospect: what would run.
        given: values of the inputs.
    """
    form = Form(dict(given))
    order = Order()
    for line in given.get("tags", "").splitlines():
        name, mark, value = line.strip().partition("=")
        if line.strip() and (not mark or not name.strip()):
            form.complain("tags", f"{line.strip()!r} is not NAME=VALUE", "such as team=sales")
        elif line.strip():
            order.tags = {**order.tags, name.strip(): value.strip()}
    if prospect.partitions is not None:
        _read_partitions(prospect, given, form, order)
    rest: Any = {}
    try:
        rest = json.loads(given.get("rest", "").strip() or "{}")
        _check_parts(rest)
    except (ValueError, RecursionError) as error:
        form.complain("rest", f"must be JSON: {error}")
        rest = {}
    except UsageError as error:
        form.complain("rest", error.problems[0].message, error.problems[0].hint)
        rest = {}
    filled = read_values(prospect.sections, given, rest)
    inputs = _name_inputs(prospect)
    for path, text in filled.problems.items():
        named = next((inputs[path[:size]] for size in range(len(path), 0, -1) if path[:size] in inputs), "rest")
        exact = named != "rest" and inputs.get(path) == named
        form.complain(named, text if exact else f"{_join(path)} {text}")
    order.config = prune(filled.config)
    return form, order


def _read_partitions(prospect: Prospect, given: Mapping[str, str], form: Form, order: Order) -> None:
    from atoll_host.runs.planning.partition_keys import choose_range  # noqa: PLC0415 — only for what has partitions

    order.partition = given.get("partition", "").strip() or None
    order.partition_end = given.get("partition_end", "").strip() or None
    order.way = given.get("way", "").strip() or WAYS[0]
    if order.way not in WAYS:
        form.complain("way", f"there is no {order.way!r}", f"there are: {', '.join(WAYS)}")
    if order.partition is None and order.partition_end is not None:
        form.complain("partition", "needs a value: the first of several")
    elif order.partition is None and order.way == WAYS[0]:
        form.complain("partition", "needs a value: one partition, or the first of several")
    if order.partition is None:
        return
    for name, key in (("partition", order.partition), ("partition_end", order.partition_end)):
        if prospect.keys and key is not None and key not in prospect.keys:
            try:
                choose_range(prospect.keys, key, key)
            except UsageError as error:
                form.complain(name, error.problems[0].message, error.problems[0].hint)
    if prospect.keys and order.partition_end is not None and not form.problems:
        try:
            choose_range(prospect.keys, order.partition, order.partition_end)
        except UsageError as error:
            form.complain("partition_end", error.problems[0].message, error.problems[0].hint)


def _name_inputs(prospect: Prospect) -> dict[tuple[str | int, ...], str]:
    from atoll_host.server.web.launching.fields import iterate_inputs  # noqa: PLC0415 — beside its only use

    return {one.path: one.name for section in prospect.sections for one in iterate_inputs(section.fields)}


def _join(path: Sequence[str | int]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def _check_parts(config: Any) -> None:
    if not isinstance(config, dict):
        raise UsageError("must be an object", hint='such as {"resources": {}}')
    for name, part in config.items():
        if name not in PARTS:
            raise UsageError(f"there is no part {name!r} of a configuration", hint=f"there are: {', '.join(PARTS)}")
        if not isinstance(part, dict):
            raise UsageError(f"{name} must be an object", hint=f'such as {{"{name}": {{}}}}')


def check_order(prospect: Prospect, order: Order) -> None:
    """Hold what was asked for as JSON against what would run.

    Raises:
        AtollError: it doesn't fit, each problem with the path to what is wrong.
    """
    if prospect.problems:
        raise OrderError.of(tuple(prospect.problems))
    try:
        _check_parts(order.config)
    except UsageError as error:
        problem = error.problems[0]
        raise UsageError(f"The configuration can't be used: {problem.message}", hint=problem.hint) from None
    if prospect.partitions is not None:
        form = Form()
        ends = {"partition": order.partition or "", "partition_end": order.partition_end or ""}
        _read_partitions(prospect, ends, form, Order())
        if form.problems:
            name, text = next(iter(form.problems.items()))
            raise UsageError(f"{name} {text}" if text.startswith("needs") else text, hint=form.hints.get(name))
    found = [Problem("usage", f"{_join(path)} {text}") for path, text in check(prospect.sections, order.config)]
    if found:
        raise OrderError.of(tuple(found))
