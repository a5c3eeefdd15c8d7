"""`atoll doctor`: explain each location's environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from atoll_host.cli.options import JsonFlag, LocationNames, WorkspaceSources, opens_workspace

if TYPE_CHECKING:
    from atoll_host.cli.result import Result
    from atoll_host.cli.session import Session


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(opens_workspace(doctor))


def doctor(locations: LocationNames = None, as_json: JsonFlag = False, workspace: WorkspaceSources = None) -> None:
    """Explain each location: its interpreter and why that one, its packages, its lock, its size, and what is wrong.

    Examples:

      atoll doctor

      atoll doctor sales --json
    """
    from atoll_host.cli.session import perform

    def body(session: Session) -> Result:
        from atoll_host.cli.views.doctor import doctor_result

        chosen = session.locations(locations)
        descriptions = []
        with session.renderer.progress("Examining", len(chosen)) as advance:
            for location in chosen:
                descriptions.append(session.environments.describe(location.environment))
                advance()
        return doctor_result(chosen, descriptions)

    perform("doctor", body, as_json=as_json, workspace_file=workspace)
