"""What is to be executed where, in which order: plain data, and JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Unit:
    """Assets that one computation makes together, or not at all.

    Attributes:
        computation: its name, unique in the location.
        assets: their keys.
        upstream: keys of assets of this run that come first, wherever they are made.
    """

    computation: str
    assets: tuple[str, ...]
    upstream: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `asdict` gave."""
        return cls(data["computation"], tuple(data["assets"]), tuple(data.get("upstream", ())))


@dataclass(frozen=True, slots=True)
class Stage:
    """What one worker process executes.

    Attributes:
        number: from 1, in an order in which each comes after those that it needs.
        location: whose interpreter executes it.
        units: assets to make; empty for a job.
        job: name of a job; None for assets.
        steps: only these steps; None for all.
        after: numbers of the stages that come first.
        is_partitioned: whether the run's partitions mean anything here.
        config: what of the run's configuration is meant for it.
        external: what the location is told of assets of other locations: `{key: {"partitions": … or None}}`.
        values_from: the run that made the values of steps which are not executed, by step.
    """

    number: int
    location: str
    units: tuple[Unit, ...] = ()
    job: str | None = None
    steps: tuple[str, ...] | None = None
    after: tuple[int, ...] = ()
    is_partitioned: bool = False
    config: Mapping[str, Any] | None = None
    external: Mapping[str, Any] = field(default_factory=dict)
    values_from: Mapping[str, str] = field(default_factory=dict)

    @property
    def assets(self) -> tuple[str, ...]:
        """Keys of all the assets that it makes."""
        return tuple(key for unit in self.units for key in unit.assets)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `asdict` gave."""
        return cls(
            number=data["number"],
            location=data["location"],
            units=tuple(map(Unit.from_json, data.get("units", ()))),
            job=data.get("job"),
            steps=None if data.get("steps") is None else tuple(data["steps"]),
            after=tuple(data.get("after", ())),
            is_partitioned=data.get("is_partitioned", False),
            config=data.get("config"),
            external=data.get("external") or {},
            values_from=data.get("values_from") or {},
        )


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A run as it is to be carried out.

    Attributes:
        stages: in an order in which each comes after those that it needs.
        partition: the one partition that is made, of what has partitions.
        partition_range: first and last of several.
        stored: keys of assets that are read as they are stored.
    """

    stages: tuple[Stage, ...]
    partition: str | None = None
    partition_range: tuple[str, str] | None = None
    stored: tuple[str, ...] = ()

    @property
    def locations(self) -> tuple[str, ...]:
        """The locations that take part, each once."""
        return tuple(dict.fromkeys(stage.location for stage in self.stages))

    @property
    def assets(self) -> tuple[str, ...]:
        """Keys of all the assets that are made."""
        return tuple(key for stage in self.stages for key in stage.assets)

    def to_json(self) -> dict[str, Any]:
        """Give every attribute under its own name."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        chosen = data.get("partition_range")
        return cls(
            stages=tuple(map(Stage.from_json, data["stages"])),
            partition=data.get("partition"),
            partition_range=None if chosen is None else (chosen[0], chosen[1]),
            stored=tuple(data.get("stored", ())),
        )
