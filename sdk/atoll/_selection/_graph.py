"""The graph of assets that selections are resolved on."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Iterable, Mapping

    from .._keys import AssetKey
    from .._specs import AssetSpec


class AssetGraph:
    """Assets with their edges. `specs` has None for a key only depended on; `groups` lists keys made together."""

    def __init__(
        self,
        specs: Mapping[AssetKey, AssetSpec | None],
        upstream: Mapping[AssetKey, list[AssetKey]],
        materializable: set[AssetKey],
        groups: Mapping[AssetKey, list[AssetKey]],
        checks: list[tuple[AssetKey, str]],
    ) -> None:
        self.specs = specs
        self._upstream = upstream
        self._materializable = materializable
        self._groups = groups
        self.checks = checks
        self.keys = list(specs)
        self._positions = {key: position for position, key in enumerate(self.keys)}
        self._downstream: dict[AssetKey, list[AssetKey]] = {}
        for key, above in upstream.items():
            for other in above:
                self._downstream.setdefault(other, []).append(key)

    def sort(self, keys: Iterable[AssetKey]) -> list[AssetKey]:
        """The keys in order of declaration."""
        return sorted(keys, key=self._positions.__getitem__)

    def get_spec(self, key: AssetKey) -> AssetSpec | None:
        return self.specs[key]

    def get_upstream(self, key: AssetKey) -> list[AssetKey]:
        return self._upstream.get(key, [])

    def get_downstream(self, key: AssetKey) -> list[AssetKey]:
        return self._downstream.get(key, [])

    def get_neighbors(self, key: AssetKey) -> list[AssetKey]:
        """The keys that the same function makes, where it can't make a part of them."""
        return self._groups.get(key, [])

    def is_materializable(self, key: AssetKey) -> bool:
        return key in self._materializable

    def reach(
        self, start: Iterable[AssetKey], step: Callable[[AssetKey], list[AssetKey]], depth: int | None
    ) -> set[AssetKey]:
        """The keys at most `depth` steps away (None: any number), the start included."""
        reached = set(start)
        edge, distance = list(reached), 0
        while edge and (depth is None or distance < depth):
            edge = [key for key in {other for key in edge for other in step(key)} if key not in reached]
            reached.update(edge)
            distance += 1
        return reached


def has_wildcard(pattern: str) -> bool:
    return "*" in pattern


def match_wildcard(pattern: str, text: str) -> bool:
    """Whether `text` is `pattern`, where `*` stands for any characters."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == text
    last = rest.pop()
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    position, end = len(first), len(text) - len(last)
    for part in rest:
        found = text.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True
