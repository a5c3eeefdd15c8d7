"""Any Python value as JSON: deterministic, readable, without addresses, and never failing."""

from __future__ import annotations

import sys

from ._environment import EnvVar, IntEnvVar
from ._keys import AssetKey
from ._text import clean_text, remove_addresses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MAXIMUM_DEPTH = 30
_MAXIMUM_TEXT = 10_000
_MAXIMUM_BITS = 4096  # Python refuses to write longer integers in decimal
_SECRET_WORDS = frozenset(
    [
        *("password", "passwd", "passphrase", "pwd", "secret", "secrets", "token", "tokens", "key", "keys", "apikey"),
        *("credential", "credentials", "private", "auth", "dsn", "cert", "certificate", "signature", "cookie"),
        *("session", "salt"),
    ]
)
REDACTED = {"redacted": True}


def to_plain(value: Any, *, redact: bool = False) -> Any:
    """`value` as JSON types; with `redact`, what stands under a name that looks secret is left out."""
    try:
        return _convert(value, 0, redact)
    except Exception:  # noqa: BLE001 -- a user's __repr__ may raise anything
        return f"<{type(value).__module__}.{type(value).__qualname__}>"


def looks_secret(name: str) -> bool:
    """Whether a field of this name likely holds a secret: `db_password`, `apiKey`, `TOKEN`."""
    words, word = [], ""
    for character in name:
        if character in "_-. /" or (character.isupper() and word and not word[-1].isupper()):
            words.append(word)
            word = ""
        if character not in "_-. /":
            word += character
    words.append(word)
    return any(word.lower() in _SECRET_WORDS for word in words)


def hide_secrets(text: str) -> Any:
    """The text, unless it is an address with a password in it (`scheme://user:password@host`)."""
    _, separator, rest = text.partition("://")
    credentials, at, _ = rest.partition("@")
    return REDACTED if separator and at and ":" in credentials and "/" not in credentials else text


def _convert(value: Any, depth: int, redact: bool) -> Any:
    if value is None or value is True or value is False:
        return value
    if isinstance(value, (EnvVar, IntEnvVar)):
        return {"env": value.env_var_name}
    kind = type(value)
    if kind is str:
        text = clean_text(value)
        return hide_secrets(text) if redact else text
    if kind is int:
        return value if value.bit_length() <= _MAXIMUM_BITS else hex(value)
    if kind is float:
        return value if value - value == 0 else _name_infinity(value)
    if depth > _MAXIMUM_DEPTH:
        return "..."
    if isinstance(value, dict):
        return {_convert_name(k): _convert_field(k, v, depth, redact) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_convert(item, depth + 1, redact) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_convert(item, depth + 1, redact) for item in value), key=repr)
    return _convert_object(value, depth, redact)


def _convert_name(name: Any) -> str:
    if isinstance(name, str) and not isinstance(name, EnvVar):
        return clean_text(name)
    converted = _convert(name, _MAXIMUM_DEPTH, redact=False)
    return converted if isinstance(converted, str) else repr(converted)


def _convert_field(name: Any, value: Any, depth: int, redact: bool) -> Any:
    is_given = value is not None and not isinstance(value, (EnvVar, IntEnvVar, dict, bool))
    if redact and is_given and isinstance(name, str) and looks_secret(name):
        return dict(REDACTED)
    return _convert(value, depth + 1, redact)


def _name_infinity(value: float) -> str:
    return "NaN" if value != value else ("Infinity" if value > 0 else "-Infinity")  # noqa: PLR0124 -- no math imported


def _convert_object(value: Any, depth: int, redact: bool) -> Any:
    kind = type(value)
    if isinstance(value, AssetKey):
        return value.to_user_string()
    if isinstance(value, (bytes, bytearray)):
        return clean_text(bytes(value).decode("utf-8", "backslashreplace"))
    if isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
        return name_object(value)
    enum = sys.modules.get("enum")
    if enum is not None and isinstance(value, enum.Enum):
        return _convert(value.value, depth + 1, redact)
    fields = get_fields(value)
    if fields is not None:
        return _convert(fields, depth, redact)
    if isinstance(value, str):
        return _convert(str.__str__(value), depth, redact)
    for base in (int, float):
        if isinstance(value, base):
            return _convert(base(value), depth, redact)
    if hasattr(kind, "isoformat"):
        return str(value.isoformat())
    if hasattr(kind, "__fspath__"):
        return _convert(value.__fspath__(), depth, redact)
    if hasattr(kind, "item") and getattr(value, "shape", None) == ():
        return _convert(value.item(), depth + 1, redact)  # a numpy scalar
    return describe_object(value)


def get_fields(value: Any) -> dict[str, Any] | None:
    """The fields of a `Config`, resource, record of ours, pydantic model, dataclass or named tuple; else None."""
    kind = type(value)
    if hasattr(kind, "_atoll_fields"):
        return dict(value._atoll_values)  # noqa: SLF001 -- ours
    if hasattr(kind, "model_fields") or hasattr(kind, "__fields__") or hasattr(kind, "__dataclass_fields__"):
        names = getattr(kind, "model_fields", None) or getattr(kind, "__fields__", None) or kind.__dataclass_fields__
        return {name: getattr(value, name, None) for name in names}
    if hasattr(value, "_state"):
        return dict(value._state())  # noqa: SLF001 -- ours
    return None


def name_object(value: Any) -> str:
    """`module.qualified_name` of a class or function, `builtins` left out."""
    module = getattr(value, "__module__", None)
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None) or type(value).__qualname__
    return f"{module}.{name}" if module and module != "builtins" else str(name)


def describe_object(value: Any) -> str:
    """`repr` without memory addresses; the class name where it fails."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 -- a user's __repr__ may raise anything
        return f"<{name_object(type(value))}>"
    return clean_text(remove_addresses(text[:_MAXIMUM_TEXT]))
