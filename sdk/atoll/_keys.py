"""Asset keys: a path of names, written `a/b`."""

from __future__ import annotations

from ._arguments import check_list, show
from ._errors import DefinitionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Sequence, Union

    from ._assets import AssetsDefinition
    from ._specs import AssetDep, AssetSpec

    CoercibleToAssetKey = Union["AssetKey", str, Sequence[str]]
    CoercibleToAssetDep = Union[CoercibleToAssetKey, "AssetDep", "AssetSpec", "AssetsDefinition"]


class AssetKey:
    """The name of an asset: one or more parts of letters, digits, `_`, `-` and `.`.

    `AssetKey("a/b")` and `AssetKey(["a", "b"])` are the same key.

    Raises:
        DefinitionError: a part is empty or has another character.
    """

    __slots__ = ("_text", "path")

    def __init__(self, path: str | Sequence[str]) -> None:
        if isinstance(path, str):
            parts = path.split("/")
        else:
            parts = check_list(path, "an asset key", "a string or a list of strings")
        _check_parts(parts, path)
        self.path = parts
        self._text = "/".join(parts)

    @property
    def parts(self) -> list[str]:
        return self.path

    @classmethod
    def from_user_string(cls, text: str) -> AssetKey:
        return cls(text)

    def to_user_string(self) -> str:
        return self._text

    def to_python_identifier(self, suffix: str | None = None) -> str:
        """The key as one name: parts joined by two underscores, other characters as one."""
        name = "__".join(self.path).replace("-", "_").replace(".", "_")
        return name if suffix is None else f"{name}__{suffix}"

    def has_prefix(self, prefix: Sequence[str]) -> bool:
        return len(self.path) >= len(prefix) and self.path[: len(prefix)] == list(prefix)

    def with_prefix(self, prefix: str | Sequence[str]) -> AssetKey:
        return AssetKey([*read_prefix(prefix, "key_prefix"), *self.path])

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"AssetKey({self.path!r})"

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, AssetKey) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __lt__(self, other: AssetKey) -> bool:
        return self._text < other._text


def _check_parts(parts: Sequence[Any], given: object) -> None:
    if not parts:
        raise DefinitionError("an asset key must have at least one part")
    for part in parts:
        if not isinstance(part, str):
            raise DefinitionError(f"an asset key must be a string or a list of strings, not {show(given)}")
        if not part or not part.replace("_", "a").replace("-", "a").replace(".", "a").isalnum():
            hint = "use letters, digits, '_', '-' and '.', and '/' between parts"
            raise DefinitionError(f"asset key {show(given)} is not valid", hint)


def read_prefix(prefix: str | Sequence[str] | None, what: str) -> list[str]:
    """The parts of a key prefix given as `"a"`, `"a/b"` or `["a", "b"]`; none where it is None."""
    if prefix is None:
        return []
    return AssetKey(prefix if isinstance(prefix, str) else check_list(prefix, what)).path


def read_key(value: Any, what: str) -> AssetKey:
    """The asset key that a string, list of strings, key, spec, dependency or single asset stands for."""
    if isinstance(value, AssetKey):
        return value
    if isinstance(value, (str, list, tuple)):
        return AssetKey(value)
    key = getattr(value, "_as_key", None)
    if key is None:
        raise DefinitionError(f"{what} must be an asset or an asset key, not {show(value)}")
    found: AssetKey = key()
    return found


def read_keys(values: Iterable[Any] | None, what: str) -> list[AssetKey]:
    return [read_key(value, what) for value in check_list(values, what, "a list of assets or asset keys")]
