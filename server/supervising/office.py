"""What the keepers of all locations share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from atoll_host.envs.loading.target import Debug
    from atoll_host.server.live.hub import EventKind, Hub
    from atoll_host.server.live.states import LiveWorkspace, LocationState
    from atoll_host.server.supervising.clock import Clock
    from atoll_host.server.supervising.judging import Judging
    from atoll_host.server.supervising.slots import Slots
    from atoll_host.server.supervising.storing import Storing
    from atoll_host.server.supervising.warming import Warming
    from atoll_host.workspace.loading import Loader, LoadReport
    from atoll_host.workspace.location import Location, Workspace


@dataclass
class Office:
    """What the keepers of all locations share.

    Attributes:
        hub: holds what is known.
        loader: loads.
        workspace: as it is now.
        clock: for what is done later.
        slots: for what takes long.
        storing: keeps snapshots.
        judging: finds what is wrong.
        warming: keeps processes for locations that are being edited.
        debug: a location that is loaded under a debugger, and how.
        watch: called with a location, the report of its load and when that began, in seconds since the epoch, so that
            what shapes it is watched from then on.
    """

    hub: Hub
    loader: Loader
    workspace: Workspace
    clock: Clock
    slots: Slots
    storing: Storing
    judging: Judging
    warming: Warming
    debug: tuple[str, Debug] | None
    watch: Callable[[Location, LoadReport, float], None]

    def update(self, kind: EventKind, name: str, how: Callable[[LocationState], LocationState], **data: Any) -> None:
        """Replace what is known of one location, and tell everyone; nothing happens where it is gone."""
        if name not in self.hub.current.states:
            return

        def change(live: LiveWorkspace) -> LiveWorkspace:
            state = live.states.get(name)
            return live if state is None else replace(live, states={**live.states, name: how(state)})

        self.hub.change(kind, change, name, **data)
