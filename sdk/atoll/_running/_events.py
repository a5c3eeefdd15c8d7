"""Events: everything that a run reports, as plain JSON-able dicts handed to a sink."""

from __future__ import annotations

import _thread
import time

from .._keys import AssetKey
from .._metadata import MetadataValue
from .._text import clean_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable

    Sink = Callable[["Event"], Any]

_LEAST_SECRET = 4


class Event(dict):  # type: ignore[type-arg]  # on Python 3.8 `dict` takes no parameters
    """One thing that happened, a dict of JSON types; attributes read the usual entries.

    Every event has `type`, `run` (the run's id), `number` (from 1, without gaps), `time` (seconds since 1970) and
    `step` (the step's name, or None).
    """

    @property
    def event_type(self) -> str:
        return str(self["type"])

    @property
    def step_key(self) -> str | None:
        step: str | None = self["step"]
        return step

    node_name = step_key

    @property
    def message(self) -> str | None:
        message: str | None = self.get("message")
        return message

    @property
    def asset_key(self) -> AssetKey | None:
        asset = self.get("asset")
        return None if asset is None else AssetKey(asset)

    @property
    def partition(self) -> str | None:
        partition: str | None = self.get("partition")
        return partition

    @property
    def metadata(self) -> dict[str, MetadataValue]:
        found = self.get("metadata") or {}
        return {name: MetadataValue(value["type"], value["value"]) for name, value in found.items()}

    @property
    def problem(self) -> dict[str, Any] | None:
        problem: dict[str, Any] | None = self.get("problem")
        return problem

    @property
    def is_failure(self) -> bool:
        return self["type"] in ("run_failed", "step_failed", "resource_failed", "hook_failed")

    @property
    def is_step_success(self) -> bool:
        return bool(self["type"] == "step_succeeded")

    @property
    def is_step_failure(self) -> bool:
        return bool(self["type"] == "step_failed")

    @property
    def is_step_skipped(self) -> bool:
        return bool(self["type"] == "step_skipped")


class SinkFailed(BaseException):
    """The sink raised, so that nobody hears of the run any more; `__cause__` is what it raised."""


class Recorder:
    """Numbers events, takes secrets out of them, and hands them to the sink one at a time.

    Once the sink has failed nothing is handed to it any more, so that what is still to be torn down is.
    """

    def __init__(self, run_id: str, sink: Sink, hold: Any = None) -> None:
        self.run_id = run_id
        self._sink = sink
        self._hold = hold
        self._number = 0
        self._lock = _thread.RLock()
        self._secrets: list[str] = []
        self._is_broken = False

    def hide(self, secrets: Iterable[str]) -> None:
        """Texts that no event may hold; very short ones would hide what is no secret."""
        found = {text for text in secrets if len(text) >= _LEAST_SECRET}
        self._secrets = sorted(found.union(self._secrets), key=len, reverse=True)

    def emit(self, kind: str, step: str | None = None, **facts: Any) -> None:
        if self._hold is None:
            self._emit(kind, step, facts)
        else:
            with self._hold:
                self._emit(kind, step, facts)

    def _emit(self, kind: str, step: str | None, facts: dict[str, Any]) -> None:
        if self._secrets:
            facts = self._scrub(facts)
        with self._lock:
            if self._is_broken:
                return
            self._number += 1
            head = {"type": kind, "run": self.run_id, "number": self._number, "time": time.time(), "step": step}
            try:
                self._sink(Event(head, **facts))
            except Exception as error:
                self._is_broken = True
                raise SinkFailed(str(error)) from error

    def _scrub(self, value: Any) -> Any:
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, "***")
            return value
        if isinstance(value, dict):
            return {self._scrub(name): self._scrub(item) for name, item in value.items()}
        return [self._scrub(item) for item in value] if isinstance(value, list) else value


class StepLog:
    """Makes the logger of a step, whose records become events and also reach the handlers of the logger `atoll`."""

    def __init__(self, recorder: Recorder, step: str | None, others: Iterable[Any] = (), *, propagate: bool) -> None:
        self._recorder = recorder
        self._step = step
        self._others = list(others)
        self._propagate = propagate

    def make(self) -> Any:
        import logging

        log = self

        class EventHandler(logging.Handler):
            def emit(self, record: Any) -> None:
                log.record(record)

        logger = logging.Logger("atoll", logging.DEBUG)  # noqa: LOG001 -- one for each step
        logger.parent = logging.getLogger("atoll")
        logger.propagate = self._propagate
        logger.addHandler(EventHandler())
        return logger

    def record(self, record: Any) -> None:
        problem = None
        if record.exc_info and record.exc_info[1] is not None:
            from ._problems import describe_exception

            problem = describe_exception(record.exc_info[1])
        self._recorder.emit(
            "log",
            self._step,
            level=record.levelname.lower(),
            message=_write_message(record),
            file=record.pathname,
            line=record.lineno,
            problem=problem,
        )
        for logger in self._others:
            if logger.isEnabledFor(record.levelno):
                logger.handle(record)


def _write_message(record: Any) -> str:
    try:
        return clean_text(record.getMessage())
    except Exception:  # noqa: BLE001 -- arguments that do not fit the message are no reason to fail
        return clean_text(f"{record.msg} {record.args!r}")
