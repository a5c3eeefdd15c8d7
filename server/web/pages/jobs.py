"""The jobs of all locations, and the page of one of them, with its last runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from atoll_host.server.web.definitions import show_definition, show_list
from atoll_host.server.web.links import read_name
from atoll_host.server.web.remembered.assets import open_storage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from atoll_host.runs.storage.records import Run

_SHOWN = 10
"""Runs on the page of a job."""


def show_jobs(request: Request) -> Response:
    """List jobs: those that match `q`."""
    return show_list(request, "jobs", "Jobs")


def show_job(request: Request) -> Response:
    """Show a job, with its last runs."""
    storage, trouble = open_storage(request)
    runs: Sequence[Run] = ()
    if storage is not None:
        from atoll_host.runs.storage.records import RunFilter  # noqa: PLC0415 — only where there is something

        wanted = RunFilter(job=read_name(request.path_params["name"]), location=request.path_params["location"])
        runs = storage.runs.list(wanted, limit=_SHOWN).runs
    return show_definition(request, "job", runs=runs, trouble=trouble)


routes = [
    Route("/jobs", show_jobs),
    Route("/jobs/{location}/{name:path}", show_job),
]
