"""What is wanted for a location: to be loaded again, why, and how much of what is known can still be trusted."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Wish:
    """That a location be loaded.

    Attributes:
        trigger: what caused it, as it stands in the history.
        changed: when what caused it changed, in seconds since the epoch; None where nothing did.
        load: whether it is loaded in any case, and not only where its environment turns out to be another.
        environment: whether its environment has to be looked at again first.
        fresh: whether a process that holds third-party imports cannot be used, nor kept.
        build: whether its environment is to be built again even where that failed before.
        edit: whether somebody edits it.
        urgent: whether it goes before those that are not.
        settle: seconds without another one to wait for, where more are likely to come.
        retry: how often it was loaded again by itself after its worker died; 0 where something else caused this.
    """

    trigger: str
    changed: float | None = None
    load: bool = True
    environment: bool = False
    fresh: bool = False
    build: bool = False
    edit: bool = False
    urgent: bool = True
    settle: float = 0.0
    retry: int = 0

    def joined(self, earlier: Wish | None) -> Wish:
        """Give a wish that fulfils an earlier one too."""
        if earlier is None:
            return self
        told = self if self.load or not earlier.load else earlier
        return replace(
            self,
            trigger=told.trigger,
            changed=told.changed,
            load=self.load or earlier.load,
            environment=self.environment or earlier.environment,
            fresh=self.fresh or earlier.fresh,
            build=self.build or earlier.build,
            edit=self.edit or earlier.edit,
            urgent=self.urgent or earlier.urgent,
        )
