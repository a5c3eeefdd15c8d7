"""Checks of single arguments, made where the user calls. Every check returns the value in the SDK's own form.

`what` names the argument as the user would: "asset 'orders': tags".
"""

from __future__ import annotations

from ._errors import DefinitionError
from ._text import remove_addresses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])
    T = TypeVar("T")

_MAXIMUM_TAG_LENGTH = 63
_MAXIMUM_TAG_PARTS = 2
_MAXIMUM_KINDS = 10
_MAXIMUM_SHOWN = 80


def refuse_unknown(function: F) -> F:
    """Wrap a constructor so that an argument it does not have is a TypeError naming it and what was likely meant."""
    code = function.__code__
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    known_set = frozenset(known)

    def call(*positional: Any, **named: Any) -> Any:
        if not named.keys() <= known_set:
            unknown = next(name for name in named if name not in known_set)
            label = function.__qualname__.replace(".__init__", "")
            suggestion = suggest(unknown, [name for name in known if name != "self"])
            message = f"{label}() got an unexpected keyword argument '{unknown}'"
            raise TypeError(f"{message}; did you mean '{suggestion}'?" if suggestion else message)
        return function(*positional, **named)

    call.__name__, call.__qualname__ = function.__name__, function.__qualname__
    call.__doc__, call.__module__ = function.__doc__, function.__module__
    call.__wrapped__ = function  # type: ignore[attr-defined]  # inspect.signature reads it
    return call  # type: ignore[return-value]  # it takes what the function takes


def suggest(name: str, known: Iterable[str]) -> str | None:
    """The known name nearest to a mistyped one, or None where none is near."""
    import difflib

    by_lower = {candidate.lower(): candidate for candidate in known}
    matches = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else None


def show(value: object) -> str:
    """A value as an error message shows it: short, on one line, never failing."""
    try:
        text = remove_addresses(repr(value))
    except Exception:  # noqa: BLE001 -- a user's __repr__ may raise anything
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _MAXIMUM_SHOWN else text[: _MAXIMUM_SHOWN - 3] + "..."


def check_type(value: Any, kinds: type[T] | tuple[type[Any], ...], what: str, expected: str) -> Any:
    """Return `value` where it is an instance of `kinds` (bool is no int here), else raise saying what was expected."""
    if isinstance(value, kinds) and not (isinstance(value, bool) and not _admits_bool(kinds)):
        return value
    raise DefinitionError(f"{what} must be {expected}, not {show(value)}")


def _admits_bool(kinds: Any) -> bool:
    return kinds is bool or kinds is object or (isinstance(kinds, tuple) and bool in kinds)


def check_text(value: Any, what: str) -> Any:
    """A str or None."""
    return None if value is None else check_type(value, str, what, "a string")


def check_bool(value: Any, what: str) -> bool:
    return bool(check_type(value, bool, what, "True or False"))


def check_integer(value: Any, what: str, minimum: int | None = None, maximum: int | None = None) -> int:
    number: int = check_type(value, int, what, "a whole number")
    if (minimum is not None and number < minimum) or (maximum is not None and number > maximum):
        if maximum is None:
            raise DefinitionError(f"{what} must be {minimum} or more, not {number}")
        raise DefinitionError(f"{what} must be from {minimum} to {maximum}, not {number}")
    return number


def check_seconds(value: Any, what: str) -> float | int | None:
    """A finite number of seconds, zero or more, or None."""
    if value is None:
        return None
    number: float = check_type(value, (int, float), what, "a number of seconds")
    if not 0 <= number < float("inf"):
        raise DefinitionError(f"{what} must be a number of seconds, zero or more, not {number}")
    return number


def check_choice(value: Any, kind: type[T], what: str) -> T:
    if isinstance(value, kind):
        return value
    members = ", ".join(f"{kind.__name__}.{name}" for name in kind._members)  # type: ignore[attr-defined]  # noqa: SLF001 -- ours: constants that stand for an enumeration
    raise DefinitionError(f"{what} must be one of {members}, not {show(value)}")


def check_list(value: Any, what: str, expected: str = "a list") -> list[Any]:
    """A list from any iterable but a string or mapping; a set's order is made definite."""
    if value is None:
        return []
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    if isinstance(value, (str, bytes, dict)) or not hasattr(value, "__iter__"):
        raise DefinitionError(f"{what} must be {expected}, not {show(value)}")
    return list(value)


def check_texts(value: Any, what: str) -> list[str]:
    """A list of non-empty strings without repetition."""
    items = check_list(value, what, "a list of strings")
    for position, item in enumerate(items):
        check_type(item, str, what, "a list of strings")
        if not item:
            raise DefinitionError(f"{what} must not hold an empty string")
        if item in items[:position]:
            raise DefinitionError(f"{what} lists {item!r} twice")
    return items


def check_mapping(value: Any, what: str) -> dict[str, Any]:
    """A dict with string keys; None is an empty one."""
    if value is None:
        return {}
    if not hasattr(value, "keys") or not hasattr(value, "__getitem__"):
        raise DefinitionError(f"{what} must be a dict, not {show(value)}")
    result = {key: value[key] for key in value.keys()}  # noqa: SIM118 -- any mapping, not only a dict
    for key in result:
        check_type(key, str, what, "a dict with strings as keys")
    return result


def check_name(value: Any, what: str) -> str:
    """A name of letters, digits and underscores (ASCII), not empty."""
    check_type(value, str, what, "a string")
    if not value or not value.replace("_", "a").isalnum() or not value.isascii():
        raise DefinitionError(f"{what} {show(value)} is not a valid name", "use letters, digits and underscores")
    return str(value)


def check_names(value: Any, what: str) -> list[str]:
    return [check_name(item, what) for item in check_texts(value, what)]


def check_group(value: Any, what: str) -> str | None:
    """A group name, or several joined by "/" (a group inside a group)."""
    if value is None:
        return None
    for part in check_type(value, str, what, "a string").split("/"):
        check_name(part, what)
    return str(value)


def _is_label(text: str) -> bool:
    plain = text.replace("_", "").replace("-", "").replace(".", "")
    return len(text) <= _MAXIMUM_TAG_LENGTH and (not plain or (plain.isalnum() and plain.isascii()))


def check_tags(value: Any, what: str) -> dict[str, str]:
    """Tags of an asset, op or check: short strings of letters, digits, `_ - .`; a key may have a prefix and `/`."""
    tags = check_run_tags(value, what)
    for key, text in tags.items():
        if not _is_label(text):
            raise DefinitionError(
                f"{what} has an invalid value {show(text)} for {key!r}",
                "a value is at most 63 letters, digits, dashes, underscores and dots",
            )
    return tags


def check_run_tags(value: Any, what: str) -> dict[str, str]:
    """Tags of a job, schedule, sensor or run: keys as for `check_tags`, values any string."""
    tags = check_mapping(value, what)
    for key, text in tags.items():
        parts = key.split("/")
        if len(parts) > _MAXIMUM_TAG_PARTS or not all(part and _is_label(part) for part in parts):
            raise DefinitionError(
                f"{what} has an invalid key {show(key)}",
                "a key is at most 63 letters, digits, dashes, underscores and dots, with at most one prefix before a /",
            )
        check_type(text, str, f"{what}[{key!r}]", "a string")
    return tags


def check_owners(value: Any, what: str) -> list[str]:
    """E-mail addresses and `team:name`."""
    owners = check_texts(value, what)
    for owner in owners:
        team = owner[5:] if owner.startswith("team:") else None
        name, _, domain = owner.partition("@")
        is_address = name and "." in domain and "@" not in domain and not any(c.isspace() for c in owner)
        valid = (bool(team) and _is_label(team)) if team is not None else is_address
        if not valid:
            raise DefinitionError(f"{what} has an invalid owner {show(owner)}", "use an e-mail address or 'team:name'")
    return owners


def check_kinds(value: Any, what: str) -> list[str]:
    kinds = check_texts(value, what)
    if len(kinds) > _MAXIMUM_KINDS:
        raise DefinitionError(f"{what} lists {len(kinds)} kinds, and at most {_MAXIMUM_KINDS} are shown")
    for kind in kinds:
        if not _is_label(kind):
            raise DefinitionError(f"{what} has an invalid kind {show(kind)}")
    return kinds


def check_function(value: Any, what: str) -> Any:
    if not callable(value) or isinstance(value, type):
        raise DefinitionError(f"{what} must be a function, not {show(value)}")
    return value
