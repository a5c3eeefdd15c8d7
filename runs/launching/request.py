"""What a host process is asked to do: plain data, and JSON. It holds no variables, and so no secret."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from atoll_host.envs.loading.target import Debug, LoadRequest, LoadTarget, TerminalDebug
from atoll_host.envs.loading.temporary import without_temporary
from atoll_host.envs.loading.variables import location_variables
from atoll_host.runs.planning.plan import RunPlan
from atoll_host.runs.storage.records import NewRun, Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GRACE = 10.0
"""Seconds that what is canceled has to tear down."""


@dataclass(frozen=True, slots=True)
class Place:
    """How a location is loaded, without the values of variables.

    Attributes:
        executable: the interpreter.
        isolated: whether it is started with `-I`.
        directory: working directory.
        search_paths: put before everything else on `sys.path`.
        sdk: folder that holds the package `atoll`.
        form: of the target, as `module`, `file` and `attribute` of it.
        module: see `LoadTarget`.
        file: see `LoadTarget`.
        attribute: see `LoadTarget`.
        timeout: seconds that loading may take.
        prefix: folder of the virtual environment, if it is in one.
        env_files: `.env` files, later ones win.
        memory: bytes that its processes may hold; None for three quarters of the machine's.
        shape: digest of the definitions that the run was planned with, where they were not loaded for that.
    """

    executable: str
    isolated: bool
    directory: str
    search_paths: tuple[str, ...]
    sdk: str
    form: Any
    module: str
    file: str | None
    attribute: str | None
    timeout: float
    prefix: str | None
    env_files: tuple[str, ...]
    memory: int | None = None
    shape: str | None = None

    @classmethod
    def of(
        cls, request: LoadRequest, *, prefix: Path | None, env_files: tuple[Path, ...], shape: str | None = None
    ) -> Self:
        """Keep of a load what is no secret."""
        target = request.target
        return cls(
            executable=str(request.executable),
            isolated=request.isolated,
            directory=str(request.directory),
            search_paths=tuple(map(str, request.search_paths)),
            sdk=str(request.sdk),
            form=target.form,
            module=target.module,
            file=None if target.file is None else str(target.file),
            attribute=target.attribute,
            timeout=request.timeout,
            prefix=None if prefix is None else str(prefix),
            env_files=tuple(map(str, env_files)),
            shape=shape,
        )

    def make_request(self, variables: Mapping[str, str], debug: Mapping[str, Any] | None = None) -> LoadRequest:
        """Say everything that a load depends on.

        Args:
            variables: of this process.
            debug: of the run's request.

        Raises:
            ConfigurationError: a `.env` file is not there or cannot be read.
        """
        executable = Path(self.executable)
        return LoadRequest(
            executable=executable,
            isolated=self.isolated,
            directory=Path(self.directory),
            search_paths=tuple(map(Path, self.search_paths)),
            variables=location_variables(
                without_temporary(variables),
                prefix=None if self.prefix is None else Path(self.prefix),
                executable=executable,
                env_files=tuple(map(Path, self.env_files)),
            ),
            sdk=Path(self.sdk),
            target=LoadTarget(self.form, self.module, None if self.file is None else Path(self.file), self.attribute),
            timeout=self.timeout,
            memory=self.memory,
            debug=_read_debug(debug),
        )


def _read_debug(said: Mapping[str, Any] | None) -> Debug | TerminalDebug | None:
    if said is None:
        return None
    terminal = said.get("terminal")
    return Debug(said["port"], Path(said["path"])) if terminal is None else TerminalDebug(terminal)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """Everything that a host process is told.

    Attributes:
        id: of the run.
        storage: URL of the database; without a password where that comes from a variable.
        directory: folder in which the default IO manager keeps values.
        plan: what is to be executed where.
        places: how each location is loaded.
        kind: `assets` or `job`.
        job: name of the job.
        location: of the job.
        selection: as it was written.
        tags: of the run.
        config: as it was given.
        parent: id of the run that is tried again.
        jobs: how many workers execute at once.
        grace: seconds that what is canceled has to tear down.
        timeout: seconds that a stage may take; None for any number.
        limit: how many runs go on at once: with more it waits; None for any number.
        groups: by the name of a pool, how many of its steps go on at once, over all runs.
        alerts: what is told of its failure: `command` and `webhook`.
        dynamic_partitions: the keys of dynamic partitions, by their name; any will do of those that are not here.
        debug: how steps are debugged: the `terminal` at which `breakpoint()` stops, or the `port` at which the debugger
            in the folder `path` waits for an editor. Then they go on one at a time, for as long as they like.
        followed: whether who asks wants to be told what happens.
    """

    id: str
    storage: str
    directory: str
    plan: RunPlan
    places: Mapping[str, Place]
    kind: str = "assets"
    job: str | None = None
    location: str | None = None
    selection: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Any] | None = None
    parent: str | None = None
    jobs: int = 1
    grace: float = GRACE
    timeout: float | None = None
    limit: int | None = None
    groups: Mapping[str, int] = field(default_factory=dict)
    alerts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    dynamic_partitions: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    debug: Mapping[str, Any] | None = None
    followed: bool = False

    def make_new_run(self, options: Mapping[str, Any]) -> NewRun:
        """Give the run as it is remembered.

        Args:
            options: what else is to be known of it.
        """
        partition = self.plan.partition
        partitioned = {key for stage in self.plan.stages if stage.is_partitioned for key in stage.assets}
        return NewRun(
            kind=self.kind,
            id=self.id,
            job=self.job,
            location=self.location,
            selection=self.selection,
            partition=partition,
            partition_range=self.plan.partition_range,
            tags=self.tags,
            config=self.config,
            options={**options, "plan": self.plan.to_json(), "jobs": self.jobs, "timeout": self.timeout},
            targets=[Target(key, partition if key in partitioned else None) for key in self.plan.assets],
            parent=self.parent,
        )

    def to_json(self) -> dict[str, Any]:
        """Give every attribute under its own name."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        places = {
            name: Place(
                **{
                    **place,
                    "search_paths": tuple(place["search_paths"]),
                    "env_files": tuple(place["env_files"]),
                }
            )
            for name, place in data["places"].items()
        }
        return cls(**{**data, "plan": RunPlan.from_json(data["plan"]), "places": places})
