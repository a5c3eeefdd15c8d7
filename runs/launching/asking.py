"""From a plan to what a host process is told: for the command line, a page and a daemon alike."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import EnvironmentFailedError
from atoll_host.runs.launching.request import Place, RunRequest
from atoll_host.runs.planning.partition_keys import list_dynamic
from atoll_host.runs.planning.shape import digest_shape
from atoll_host.runs.storage.identifiers import make_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from atoll_host.runs.instance import Instance
    from atoll_host.runs.planning.plan import RunPlan
    from atoll_host.workspace.loading import Loader, LoadReport
    from atoll_host.workspace.location import Workspace

VALUES = "storage"
"""Folder, in the workspace's `.atoll`, in which the default IO manager keeps values."""


def make_run_request(
    loader: Loader,
    workspace: Workspace,
    reports: Iterable[LoadReport],
    plan: RunPlan,
    instance: Instance,
    *,
    jobs: int | None = None,
    **facts: Any,
) -> RunRequest:
    """Say everything that a host process needs to carry out a plan.

    Args:
        loader: knows how locations are loaded.
        workspace: what they belong to.
        reports: what the plan was made with.
        plan: what is to be executed where.
        instance: where runs are remembered.
        jobs: how many workers execute at once; what the instance says by default, else as many as there are cores.
        facts: other attributes of the request, such as `kind`, `job`, `selection`, `tags`, `config`; an `id` is made
            where none is given.

    Raises:
        EnvironmentFailedError: a location has no environment.
        ConfigurationError: a `.env` file is not there.
    """
    by_name = {report.location.name: report for report in reports}
    facts.setdefault("id", make_id())
    if plan.partition_range is not None and "dynamic_partitions" not in facts:
        facts["dynamic_partitions"] = _read_dynamic(instance, [by_name[name] for name in plan.locations])
    return RunRequest(
        storage=instance.storage_url,
        directory=str(instance.state.path.absolute() / VALUES),
        plan=plan,
        places={name: _make_place(loader, workspace, by_name[name]) for name in plan.locations},
        limit=instance.concurrency.runs,
        groups=dict(instance.concurrency.groups),
        alerts=instance.alerts.to_json(),
        jobs=jobs or instance.concurrency.workers or max(os.cpu_count() or 1, 1),
        **facts,
    )


def _read_dynamic(instance: Instance, reports: Iterable[LoadReport]) -> Mapping[str, Sequence[str]]:
    """Give the keys between which a range of dynamic partitions lies, by their names."""
    if not instance.has_storage() or not any(list_dynamic(report.definitions or {}) for report in reports):
        return {}
    with instance.open_storage() as storage:
        return storage.partitions.list_all()


def _make_place(loader: Loader, workspace: Workspace, report: LoadReport) -> Place:
    environment, location = report.environment, report.location
    if environment is None:
        message = f"{location.name} has no environment"
        raise EnvironmentFailedError(message, hint=f"atoll sync {location.name}", kind="environment_missing")
    request = loader.make_request(workspace, location, environment)
    env_files = (*workspace.env_files, *location.env_files)
    shape = digest_shape(report.definitions)
    return Place.of(request, prefix=environment.prefix, env_files=env_files, shape=shape)
