"""How a plan looks: what would be executed where, in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atoll_host.cli.result import Result
from atoll_host.cli.views.text import room, wrap
from atoll_host.workspace.describing.text import clean, count

if TYPE_CHECKING:
    from rich.console import Console

    from atoll_host.runs.planning.plan import RunPlan, Stage


def plan_result(command: str, plan: RunPlan) -> Result:
    """Make the result of a command with `--dry-run`."""
    return Result(command, describe_plan(plan), lambda console: draw_plan(console, plan))


def describe_plan(plan: RunPlan) -> dict[str, Any]:
    """Give a plan as JSON."""
    return {
        "stages": [
            {
                "number": stage.number,
                "location": stage.location,
                "after": list(stage.after),
                "job": stage.job,
                "assets": list(stage.assets),
                "steps": None if stage.steps is None else list(stage.steps),
                "partitioned": stage.is_partitioned,
            }
            for stage in plan.stages
        ],
        "partition": plan.partition,
        "partition_range": None if plan.partition_range is None else list(plan.partition_range),
        "stored": list(plan.stored),
    }


def draw_plan(console: Console, plan: RunPlan) -> None:
    """Draw a plan, a stage after the other."""
    from rich.text import Text  # noqa: PLC0415 — rich is for terminals

    for stage in plan.stages:
        head = Text.assemble((f"{stage.number}. ", "dim"), (clean(stage.location), "bold"))
        if stage.after:
            head.append(f"  after {', '.join(map(str, stage.after))}", style="dim")
        if stage.is_partitioned:
            head.append(f"  {_name_partitions(plan)}", style="dim")
        console.print(head, soft_wrap=True)
        for line in wrap(_say_what(stage), room(console), "   ", "   "):
            console.print(Text(line), soft_wrap=True)
    if plan.stored:
        for line in wrap(f"Read as stored: {', '.join(map(clean, plan.stored))}", room(console), "", "  "):
            console.print(Text(line, style="dim"), soft_wrap=True)
    places = count(len(plan.locations), "location")
    processes = f"{len(plan.stages)} process{'es' if len(plan.stages) > 1 else ''}"
    console.print(Text(f"{processes} in {places}; nothing was started"), soft_wrap=True)


def _say_what(stage: Stage) -> str:
    assets = ", ".join(map(clean, stage.assets))
    if stage.job is None:
        return assets
    steps = "" if stage.steps is None else f", steps {', '.join(map(clean, stage.steps))}"
    return f"job {clean(stage.job)}{f': {assets}' if assets else ''}{steps}"


def _name_partitions(plan: RunPlan) -> str:
    if plan.partition_range is not None:
        return f"partitions {clean('...'.join(plan.partition_range))}"
    return f"partition {clean(plan.partition or '')}"
