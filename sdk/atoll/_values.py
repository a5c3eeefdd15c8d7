"""Two small bases in place of dataclasses and enum, whose import alone would cost more than all of the SDK."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, Iterable, TypeVar

    T = TypeVar("T")


def keep_first(items: Iterable[T]) -> list[T]:
    """The items without repetitions of the same object, in order."""
    return list({id(item): item for item in items}.values())


class Record:
    """Compares and prints by its public attributes; `source` (where it was written) is no part of its value."""

    def _state(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "source" and not name.startswith("_")}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._state() == other._state()

    def __hash__(self) -> int:
        return hash((type(self).__name__, repr(self)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._state().items())})"


class Choice:
    """One of a few named values. Subclasses list their members with `_add_members`."""

    _members: ClassVar[dict[str, Any]]

    def __init__(self, name: str) -> None:
        self.name = name
        self.value = name

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return getattr, (type(self), self.name)

    @classmethod
    def _add_members(cls, *names: str) -> None:
        cls._members = {name: cls(name) for name in names}
        for name, member in cls._members.items():
            setattr(cls, name, member)
