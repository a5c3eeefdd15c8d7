"""Remember layouts, so that a picture is laid out once, and what has not changed stays where it was."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atoll_host.server.web.layout.layout import lay_out
from atoll_host.server.web.layout.scene import Layout

if TYPE_CHECKING:
    from collections.abc import Hashable

    from atoll_host.server.web.layout.scene import Scene

_KEPT = 40
"""Layouts; one of 10,000 nodes takes about 10 MB."""
_GONE = 2
"""Places of what is gone are kept until there are so many times as many as places of what is there."""


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A view as it was laid out last.

    Attributes:
        scene: what was in it.
        layout: where.
        places: where everything was last that was ever in it, also what is gone and may come back.
        settled: whether it was complete, so that it should stay as it is.
    """

    scene: Scene
    layout: Layout
    places: Layout
    settled: bool


class LayoutMemory:
    """Layouts of the views that were looked at last. Safe to use from several threads."""

    def __init__(self) -> None:
        self._views: OrderedDict[Hashable, _Remembered] = OrderedDict()
        self._lock = threading.Lock()

    def lay_out(self, key: Hashable, scene: Scene, base: Layout | None = None, *, settled: bool = True) -> Layout:
        """Give the layout of a view.

        Args:
            key: what the view is of, however the assets may change: what was chosen, what is open.
            scene: what is in it now.
            base: the layout of the same assets with nothing opened or closed by hand, which the view is like.
            settled: whether locations were all loaded: as long as they were not, each picture is made afresh, as the
                last one should not depend on which came first.
        """
        with self._lock:
            known = self._views.get(key)
            if known is not None:
                self._views.move_to_end(key)
        if known is not None and known.scene == scene:
            return known.layout
        earlier = known.places if known is not None and known.settled and known.layout.nodes else None
        layout = lay_out(scene, earlier or base)
        with self._lock:
            self._views[key] = _Remembered(scene, layout, _merge(earlier, layout), settled)
            self._views.move_to_end(key)
            while len(self._views) > _KEPT:
                self._views.popitem(last=False)
        return layout


def _merge(earlier: Layout | None, layout: Layout) -> Layout:
    if earlier is None or len(earlier.nodes) > _GONE * len(layout.nodes):
        return layout
    return Layout(
        {**earlier.columns, **layout.columns}, {**earlier.nodes, **layout.nodes}, {**earlier.boxes, **layout.boxes}
    )
