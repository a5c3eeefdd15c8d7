"""From assets and checks to steps in the order in which they are executed."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from .._assets import AssetsDefinition
from .._errors import DefinitionError
from .._graphs import GraphDefinition
from ._assets import AssetSteps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Sequence

    from .._catalog import Catalog, Dependency
    from .._keys import AssetKey
    from ._steps import Step

    CheckKey = tuple[AssetKey, str]


class Unit:
    """A definition with the part of it that is to be made: `keys` of assets, `checks` as (key, name)."""

    def __init__(self, definition: Any, position: int) -> None:
        self.definition = definition
        self.position = position
        self.keys: list[AssetKey] = []
        self.checks: list[CheckKey] = []
        self.dependencies: list[Dependency] = []

    @property
    def can_subset(self) -> bool:
        return bool(getattr(self.definition.computation, "can_subset", False))


class Planner:
    """Puts the selected assets and checks in order and makes their steps."""

    def __init__(
        self, catalog: Catalog, keys: Iterable[AssetKey], checks: Iterable[CheckKey], options: Any = None
    ) -> None:
        self._catalog = catalog
        self._keys = set(keys)
        self._checks = set(checks)
        self._steps = AssetSteps(catalog, options)
        self._units: list[Unit] = []
        self._maker_of: dict[AssetKey, Unit] = {}
        self._blockers: dict[AssetKey, list[CheckKey]] = {}

    def plan(self) -> list[Step]:
        """The steps, each after those that it needs.

        Raises:
            DefinitionError: what is selected can't be made.
        """
        self._collect()
        ordered = self._sort()
        parts = [(unit, unit.keys) for unit in ordered] if ordered is not None else self._sort_parts()
        steps: list[Step] = []
        for unit, keys in parts:
            steps += self._steps.make(unit, keys, self._blockers)
        return steps

    def _collect(self) -> None:
        catalog = self._catalog
        items: list[Any] = [*catalog.asset_definitions, *catalog.definitions.asset_checks]
        for position, item in enumerate(items):
            if not hasattr(item, "computation"):
                continue
            unit = Unit(item, position)
            unit.checks = [
                (spec.asset_key, spec.name) for spec in item.check_specs if (spec.asset_key, spec.name) in self._checks
            ]
            if isinstance(item, AssetsDefinition):
                self._collect_assets(unit, item)
            elif unit.checks:
                self._collect_checks(unit)
        self._maker_of = {key: unit for unit in self._units for key in unit.keys}
        for unit in self._units:
            if not isinstance(unit.definition, AssetsDefinition):
                for spec in unit.definition.check_specs:
                    if spec.blocking and (spec.asset_key, spec.name) in unit.checks:
                        self._blockers.setdefault(spec.asset_key, []).append((spec.asset_key, spec.name))

    def _collect_assets(self, unit: Unit, item: AssetsDefinition) -> None:
        unit.keys = [key for key in item.keys if key in self._keys]
        left = [key for key in item.keys if key not in self._keys]
        if unit.keys and left and not unit.can_subset:
            message = f"'{unit.keys[0]}' is selected without '{left[0]}', and {item.computation.what} makes both"
            raise DefinitionError(message, "select both, or give it can_subset=True")
        if unit.keys:
            for key in unit.keys:
                unit.dependencies += self._catalog.by_key[key].dependencies
            self._units.append(unit)
        elif unit.checks:
            names = ", ".join(name for _, name in unit.checks)
            message = f"the checks {names} are made by {item.computation.what}, whose assets are not selected"
            raise DefinitionError(message, "select the asset too")

    def _collect_checks(self, unit: Unit) -> None:
        unit.dependencies = self._steps.find_check_dependencies(unit.definition, unit.checks)
        self._units.append(unit)

    def _list_above(self, unit: Unit) -> set[Unit]:
        """The units that must come first."""
        above: set[Unit] = set()
        checked = {key for key, _ in unit.checks} if not unit.keys else set()
        blocked = [dependency.key for dependency in unit.dependencies if dependency.key not in checked]
        for key in [*(dependency.key for dependency in unit.dependencies), *checked]:
            maker = self._maker_of.get(key)
            if maker is not None:
                above.add(maker)
        blocking = {check for key in blocked for check in self._blockers.get(key, ())}
        if blocking:
            above.update(other for other in self._units if not other.keys and blocking.intersection(other.checks))
        above.discard(unit)
        return above

    def _sort(self) -> list[Unit] | None:
        """The units in order, the first declared first; None where they depend on each other in a circle."""
        waiting = {unit: len(above) for unit, above in self._find_all_above().items()}
        ready = [unit.position for unit, count in waiting.items() if count == 0]
        by_position = {unit.position: unit for unit in self._units}
        heapify(ready)
        ordered = []
        while ready:
            unit = by_position[heappop(ready)]
            ordered.append(unit)
            for below in self._below[unit]:
                waiting[below] -= 1
                if waiting[below] == 0:
                    heappush(ready, below.position)
        return ordered if len(ordered) == len(self._units) else None

    def _find_all_above(self) -> dict[Unit, set[Unit]]:
        found = {unit: self._list_above(unit) for unit in self._units}
        self._below: dict[Unit, list[Unit]] = {unit: [] for unit in self._units}
        for unit, above in found.items():
            for other in above:
                self._below[other].append(unit)
        return found

    def _sort_parts(self) -> list[tuple[Unit, list[AssetKey]]]:
        """The units in order where some that can make a part of their assets are executed several times."""
        done: set[AssetKey] = set()
        done_checks: set[CheckKey] = set()
        left = {unit: list(unit.keys) for unit in self._units}
        parts: list[tuple[Unit, list[AssetKey]]] = []
        while left:
            chosen = self._choose_part(left, done, done_checks)
            if chosen is None:
                names = ", ".join(f"'{unit.definition.computation.name}'" for unit in left)
                raise DefinitionError(f"{names} depend on each other in a circle")
            unit, keys = chosen
            parts.append((unit, keys))
            done.update(keys)
            left[unit] = [key for key in left[unit] if key not in keys]
            if not left[unit]:
                done_checks.update(unit.checks)
                del left[unit]
        return parts

    def _choose_part(
        self, left: dict[Unit, list[AssetKey]], done: set[AssetKey], done_checks: set[CheckKey]
    ) -> tuple[Unit, list[AssetKey]] | None:
        partial = None
        for unit, keys in left.items():
            if not unit.keys:
                if self._can_check(unit, done, done_checks):
                    return unit, []
                continue
            ready = self._list_ready(keys, done, done_checks)
            if ready == keys:
                return unit, keys
            if ready and unit.can_subset and partial is None:
                partial = (unit, ready)
        return partial

    def _can_check(self, unit: Unit, done: set[AssetKey], done_checks: set[CheckKey]) -> bool:
        checked = {key for key, _ in unit.checks}
        return all(
            (key not in self._keys or key in done)
            and (key in checked or all(check in done_checks for check in self._blockers.get(key, ())))
            for key in [*checked, *(dependency.key for dependency in unit.dependencies)]
        )

    def _list_ready(self, keys: Sequence[AssetKey], done: set[AssetKey], done_checks: set[CheckKey]) -> list[AssetKey]:
        ready = list(keys)
        while True:
            kept = [key for key in ready if self._is_ready(key, ready, done, done_checks)]
            if kept == ready:
                return ready
            ready = kept

    def _is_ready(
        self, key: AssetKey, ready: Sequence[AssetKey], done: set[AssetKey], done_checks: set[CheckKey]
    ) -> bool:
        for dependency in self._catalog.by_key[key].dependencies:
            above = dependency.key
            if above not in self._keys or above in ready:
                continue
            if above not in done or not all(check in done_checks for check in self._blockers.get(above, ())):
                return False
        return True


def is_graph(definition: Any) -> bool:
    return isinstance(definition.computation, GraphDefinition)
