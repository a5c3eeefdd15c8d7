"""What a run in this process gives back."""

from __future__ import annotations

from .._keys import read_key
from .._materializations import AssetCheckEvaluation, AssetMaterialization, AssetObservation
from .._results import AssetCheckSeverity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Sequence

    from ._events import Event
    from ._run import Run
    from ._steps import Step


class ExecuteInProcessResult:
    """The result of `materialize` and `execute_in_process`; `events` has all that happened, as JSON-able dicts."""

    def __init__(self, run: Run, steps: Sequence[Step], events: Sequence[Event], *, success: bool) -> None:
        self.success = success
        self.run_id = run.info.run_id
        self.run = run.info
        self.error = run.error
        self.events = list(events)
        self._steps = {step.name: step for step in steps}
        self._states = run.states
        self._values = run.values or {}

    @property
    def all_events(self) -> list[Event]:
        return list(self.events)

    def filter_events(self, event_filter: Callable[[Event], bool]) -> list[Event]:
        return [event for event in self.events if event_filter(event)]

    def events_for_node(self, node_name: str) -> list[Event]:
        self._find_step(node_name)
        return [event for event in self.events if event["step"] == node_name]

    def _find_step(self, name: str) -> Step:
        if name not in self._steps:
            raise KeyError(f"this run has no step {name!r}; its steps: {', '.join(self._steps) or 'none'}")
        return self._steps[name]

    # --- values ---

    def output_for_node(self, node_str: str, output_name: str = "result") -> Any:
        """The value of a step's output; a nested op is named `graph.op`.

        Raises:
            KeyError: there is no such step or output, or it was not made.
        """
        step = self._find_step(node_str)
        if output_name not in step.outputs and output_name == "result" and len(step.outputs) == 1:
            output_name = next(iter(step.outputs))
        if output_name not in step.outputs:
            raise KeyError(f"step {node_str!r} has no output {output_name!r}; it has: {', '.join(step.outputs)}")
        if (node_str, output_name) not in self._values:
            state = self._states.get(node_str, "not executed")
            raise KeyError(f"output {output_name!r} of step {node_str!r} was not made: the step is {state}")
        return self._values[node_str, output_name]

    def output_value(self, output_name: str = "result") -> Any:
        """The value of the only step that has an output of this name, or of the last of them."""
        names = [name for name, step in self._steps.items() if output_name in step.outputs]
        if not names:
            raise KeyError(f"no step has an output {output_name!r}")
        return self.output_for_node(names[-1], output_name)

    def asset_value(self, asset_key: Any) -> Any:
        """The value that was returned for an asset.

        Raises:
            KeyError: this run did not make it.
        """
        key = read_key(asset_key, "asset_value: asset_key")
        for step in self._steps.values():
            for output in step.outputs.values():
                if output.key == key:
                    return self.output_for_node(step.name, output.name)
        raise KeyError(f"this run has no asset '{key}'")

    # --- what happened ---

    def get_events(self, event_type: str) -> list[Event]:
        return [event for event in self.events if event["type"] == event_type]

    def get_asset_materialization_events(self) -> list[Event]:
        return self.get_events("materialization")

    def get_asset_observation_events(self) -> list[Event]:
        return self.get_events("observation")

    def asset_materializations_for_node(self, node_name: str) -> list[AssetMaterialization]:
        return [
            _read(AssetMaterialization, e) for e in self.events_for_node(node_name) if e["type"] == "materialization"
        ]

    def asset_observations_for_node(self, node_name: str) -> list[AssetObservation]:
        return [_read(AssetObservation, e) for e in self.events_for_node(node_name) if e["type"] == "observation"]

    def get_asset_check_evaluations(self) -> list[AssetCheckEvaluation]:
        return [
            AssetCheckEvaluation(
                event["asset"],
                event["check"],
                event["passed"],
                getattr(AssetCheckSeverity, event["severity"]),
                event.metadata,
                event["description"],
                event["blocking"],
            )
            for event in self.get_events("check_result")
        ]

    def get_step_success_events(self) -> list[Event]:
        return self.get_events("step_succeeded")

    def get_step_failure_events(self) -> list[Event]:
        return self.get_events("step_failed")

    def get_step_skipped_events(self) -> list[Event]:
        return self.get_events("step_skipped")

    def get_failed_step_keys(self) -> set[str]:
        return {name for name, state in self._states.items() if state == "failed"}

    def get_run_failure_event(self) -> Event:
        return self._get_last("run_failed")

    def get_run_success_event(self) -> Event:
        return self._get_last("run_succeeded")

    get_job_failure_event, get_job_success_event = get_run_failure_event, get_run_success_event

    def _get_last(self, event_type: str) -> Event:
        found = self.get_events(event_type)
        if not found:
            raise KeyError(f"this run has no event {event_type!r}")
        return found[-1]

    def is_node_success(self, node_name: str) -> bool:
        return self._get_state(node_name) == "succeeded"

    def is_node_failed(self, node_name: str) -> bool:
        return self._get_state(node_name) == "failed"

    def is_node_skipped(self, node_name: str) -> bool:
        return self._get_state(node_name) == "skipped"

    def is_node_untouched(self, node_name: str) -> bool:
        return self._get_state(node_name) is None

    def _get_state(self, node_name: str) -> str | None:
        return self._states.get(self._find_step(node_name).name)

    def retry_attempts_for_node(self, node_name: str) -> int:
        return sum(1 for event in self.events_for_node(node_name) if event["type"] == "step_retry")

    def __repr__(self) -> str:
        return f"<ExecuteInProcessResult {'success' if self.success else 'failure'} of run {self.run_id}>"


def _read(kind: Any, event: Event) -> Any:
    return kind(event["asset"], metadata=event.metadata, partition=event["partition"], tags=event["tags"])
