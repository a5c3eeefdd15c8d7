"""The kinds of selection. Each can be written as text that reads back as the same selection."""

from __future__ import annotations

from .._arguments import check_integer, check_texts, check_type
from .._keys import AssetKey, read_key, read_keys, read_prefix
from .._values import Record
from ._graph import has_wildcard, match_wildcard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, Sequence

    from .._keys import CoercibleToAssetDep
    from .._specs import AssetSpec
    from ._graph import AssetGraph

    Check = tuple[AssetKey, str]


class AssetSelection(Record):
    """A set of assets (and of their checks), named by what they are. Combine with `&`, `|` and `-`."""

    @staticmethod
    def all(include_sources: bool = False) -> AssetSelection:
        """Every asset that is made here; with `include_sources`, external ones too."""
        return _external(AllSelection(), include_sources)

    @staticmethod
    def assets(*assets: CoercibleToAssetDep) -> AssetSelection:
        """These assets, given as definitions, specs or keys."""
        keys: list[AssetKey] = []
        for asset in assets:
            keys += [spec.key for spec in asset.specs] if hasattr(asset, "specs") else [read_key(asset, "assets")]
        return _any([KeySelection(str(key)) for key in keys])

    @staticmethod
    def keys(*asset_keys: Any) -> AssetSelection:
        return _any([KeySelection(str(key)) for key in read_keys(asset_keys, "AssetSelection.keys")])

    @staticmethod
    def groups(*groups: str, include_sources: bool = False) -> AssetSelection:
        return _external(
            _any([AttributeSelection("group", name) for name in check_texts(groups, "groups")]), include_sources
        )

    @staticmethod
    def tag(key: str, value: str, include_sources: bool = False) -> AssetSelection:
        check_texts([key], "AssetSelection.tag: key")
        return _external(
            AttributeSelection("tag", key, check_type(value, str, "tag value", "a string")), include_sources
        )

    @staticmethod
    def kind(kind: str, include_sources: bool = False) -> AssetSelection:
        return _external(AttributeSelection("kind", check_texts([kind], "AssetSelection.kind")[0]), include_sources)

    @staticmethod
    def owner(owner: str, include_sources: bool = False) -> AssetSelection:
        return _external(AttributeSelection("owner", check_texts([owner], "AssetSelection.owner")[0]), include_sources)

    @staticmethod
    def key_prefixes(*key_prefixes: str | Sequence[str], include_sources: bool = False) -> AssetSelection:
        paths = ["/".join(read_prefix(prefix, "key_prefixes")) for prefix in key_prefixes]
        return _external(_any([KeySelection(f"{p}{end}") for p in paths for end in ("", "/*")]), include_sources)

    @staticmethod
    def key_substring(key_substring: str, include_sources: bool = False) -> AssetSelection:
        text = check_texts([key_substring], "AssetSelection.key_substring")[0]
        return _external(KeySelection(f"*{text}*"), include_sources)

    @staticmethod
    def checks(*asset_checks: Any) -> AssetSelection:
        """These asset checks, without their assets."""
        found = [(str(spec.asset_key), spec.name) for check in asset_checks for spec in check.check_specs]
        return _any([CheckSelection(key, name) for key, name in found])

    @staticmethod
    def checks_for_assets(*assets: CoercibleToAssetDep) -> AssetSelection:
        """The checks of these assets, without the assets."""
        return FunctionSelection("checks", AssetSelection.assets(*assets))

    @staticmethod
    def all_asset_checks() -> AssetSelection:
        return FunctionSelection("checks", FunctionSelection("external", AllSelection()))

    @staticmethod
    def from_string(string: str) -> AssetSelection:
        """The selection that a text such as `key:"a"+ and not group:raw` stands for."""
        from ._read import parse_selection

        return parse_selection(string)

    def upstream(self, depth: int | None = None, include_self: bool = True) -> AssetSelection:
        """These and what they depend on, at most `depth` steps away."""
        reach = self if _check_depth(depth) == 0 else TraversalSelection(self, depth, 0)
        return reach if include_self else OperatorSelection("-", [reach, self])

    def downstream(self, depth: int | None = None, include_self: bool = True) -> AssetSelection:
        """These and what depends on them, at most `depth` steps away."""
        reach = self if _check_depth(depth) == 0 else TraversalSelection(self, 0, depth)
        return reach if include_self else OperatorSelection("-", [reach, self])

    def roots(self) -> AssetSelection:
        """Those of these that depend on none of these."""
        return FunctionSelection("roots", self)

    def sinks(self) -> AssetSelection:
        """Those of these that none of these depends on."""
        return FunctionSelection("sinks", self)

    def required_multi_asset_neighbors(self) -> AssetSelection:
        """These and what the same functions make, where they can't make a part."""
        return FunctionSelection("neighbors", self)

    def materializable(self) -> AssetSelection:
        return FunctionSelection("materializable", self)

    def without_checks(self) -> AssetSelection:
        return FunctionSelection("without_checks", self)

    def __or__(self, other: AssetSelection) -> AssetSelection:
        return _combine("or", self, other)

    def __and__(self, other: AssetSelection) -> AssetSelection:
        return _combine("and", self, other)

    def __sub__(self, other: AssetSelection) -> AssetSelection:
        return OperatorSelection("-", [self, check_type(other, AssetSelection, "selection", "an AssetSelection")])

    def resolve(self, graph: AssetGraph) -> set[AssetKey]:
        """The keys of the selected assets."""
        raise NotImplementedError

    def resolve_checks(self, graph: AssetGraph) -> set[Check]:
        """The selected checks, as (asset key, name): by default those of the selected assets."""
        keys = self.resolve(graph)
        return {check for check in graph.checks if check[0] in keys}

    def iterate(self) -> Iterator[AssetSelection]:
        """This selection and the ones it is made of."""
        yield self

    def write(self) -> str:
        raise NotImplementedError

    def __str__(self) -> str:
        return self.write()


class AllSelection(AssetSelection):
    def resolve(self, graph: AssetGraph) -> set[AssetKey]:
        return {key for key in graph.keys if graph.is_materializable(key)}

    def write(self) -> str:
        return "*"


class KeySelection(AssetSelection):
    """Assets by key; `*` stands for any characters."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def resolve(self, graph: AssetGraph) -> set[AssetKey]:
        if has_wildcard(self.pattern):
            found = {key for key in graph.keys if match_wildcard(self.pattern, str(key))}
            return {key for key in found if graph.is_materializable(key)}
        key = AssetKey(self.pattern)
        return {key} if key in graph.specs else set()

    def write(self) -> str:
        return f'key:"{self.pattern}"'


class AttributeSelection(AssetSelection):
    """Assets by group, tag, kind or owner; `*` stands for any characters."""

    def __init__(self, attribute: str, pattern: str, value: str | None = None) -> None:
        self.attribute = attribute
        self.pattern = pattern
        self.value = value

    def resolve(self, graph: AssetGraph) -> set[AssetKey]:
        return {key for key in graph.keys if self.matches(graph.get_spec(key)) and graph.is_materializable(key)}

    def matches(self, spec: AssetSpec | None) -> bool:
        if spec is None:
            return False
        if self.attribute == "tag":
            names = [name for name in spec.tags if match_wildcard(self.pattern, name)]
            return any(self.value is None or match_wildcard(self.value, spec.tags[name]) for name in names)
        values = {"group": [spec.group_name or "default"], "kind": spec.kinds, "owner": spec.owners}[self.attribute]
        return any(match_wildcard(self.pattern, value) for value in values)

    def write(self) -> str:
        return f'{self.attribute}:"{self.pattern}"' + ("" if self.value is None else f'="{self.value}"')


class CheckSelection(AssetSelection):
    """One check of an asset, without the asset."""

    def __init__(self, asset: str, name: str) -> None:
        self.asset = asset
        self.name = name

    def resolve(self, graph: AssetGraph) -> set[AssetKey]:
        del graph  # a check is no asset
        return set()

    def resolve_checks(self, graph: AssetGraph) -> set[Check]:
        return {check for check in graph.checks if str(check[0]) == self.asset and check[1] == self.name}

    def write(self) -> str:
        return f'check:"{self.asset}:{self.name}"'


class TraversalSelection(AssetSelection):
    """Assets with what is up to `up` steps upstream and `down` steps downstream of them; None is without limit."""

    def __init__(self, inner: AssetSelection, up: int | None, down: int | None) -> None:
        self.inner = inner
        self.up = up
        self.down = down

    def resolve(self, graph: AssetGraph) -> set[AssetKey]:
        start = self.inner.resolve(graph)
        return graph.reach(start, graph.get_upstream, self.up) | graph.reach(start, graph.get_downstream, self.down)

    def iterate(self) -> Iterator[AssetSelection]:
        yield self
        yield from self.inner.iterate()

    def write(self) -> str:
        text = _enclose(self.inner)
        up = "" if self.up == 0 else f"{'' if self.up is None else self.up}+"
        down = "" if self.down == 0 else f"+{'' if self.down is None else self.down}"
        return f"{up}{text}{down}"


class FunctionSelection(AssetSelection):
    """What a function of selections gives; `FUNCTIONS` lists them."""

    def __init__(self, function: str, inner: AssetSelection) -> None:
        self.function = function
        self.inner = inner

    def resolve(self, graph: AssetGraph) -> set[AssetKey]:
        if self.function == "checks":
            return set()
        if self.function == "external":
            return _resolve_external(self.inner, graph)
        return FUNCTIONS[self.function](self.inner.resolve(graph), graph)

    def resolve_checks(self, graph: AssetGraph) -> set[Check]:
        if self.function == "without_checks":
            return set()
        if self.function == "checks":
            return self.inner.resolve_checks(graph)
        return super().resolve_checks(graph)

    def iterate(self) -> Iterator[AssetSelection]:
        yield self
        yield from self.inner.iterate()

    def write(self) -> str:
        return f"{self.function}({self.inner.write()})"


class OperatorSelection(AssetSelection):
    """Selections joined by `and`, `or`, `-` (the first without the second), or one after `not`."""

    def __init__(self, operator: str, operands: Sequence[AssetSelection]) -> None:
        self.operator = operator
        self.operands = list(operands)

    def resolve(self, graph: AssetGraph) -> set[AssetKey]:
        everything = {key for key in graph.keys if graph.is_materializable(key)}
        return _operate(self.operator, [operand.resolve(graph) for operand in self.operands], everything)

    def resolve_checks(self, graph: AssetGraph) -> set[Check]:
        return _operate(self.operator, [operand.resolve_checks(graph) for operand in self.operands], set(graph.checks))

    def iterate(self) -> Iterator[AssetSelection]:
        yield self
        for operand in self.operands:
            yield from operand.iterate()

    def write(self) -> str:
        texts = [_enclose(operand) for operand in self.operands]
        if self.operator == "not":
            return f"not {texts[0]}"
        if self.operator == "-":
            return f"{texts[0]} and not {texts[1]}"
        return f" {self.operator} ".join(texts)


def _operate(operator: str, sets: Sequence[set[Any]], everything: set[Any]) -> set[Any]:
    if operator == "not":
        return everything - sets[0]
    if operator == "-":
        return sets[0] - sets[1]
    result = set(sets[0])
    for other in sets[1:]:
        result = result & other if operator == "and" else result | other
    return result


def _resolve_external(inner: AssetSelection, graph: AssetGraph) -> set[AssetKey]:
    if isinstance(inner, AllSelection):
        return set(graph.keys)
    if isinstance(inner, AttributeSelection):
        return {key for key in graph.keys if inner.matches(graph.get_spec(key))}
    if isinstance(inner, KeySelection):
        return {key for key in graph.keys if match_wildcard(inner.pattern, str(key))}
    if isinstance(inner, OperatorSelection):
        sets = [_resolve_external(operand, graph) for operand in inner.operands]
        return _operate(inner.operator, sets, set(graph.keys))
    return inner.resolve(graph)


def _find_roots(keys: set[AssetKey], graph: AssetGraph) -> set[AssetKey]:
    return {key for key in keys if not any(up in keys and up != key for up in graph.get_upstream(key))}


def _find_sinks(keys: set[AssetKey], graph: AssetGraph) -> set[AssetKey]:
    return {key for key in keys if not any(down in keys and down != key for down in graph.get_downstream(key))}


def _find_materializable(keys: set[AssetKey], graph: AssetGraph) -> set[AssetKey]:
    return {key for key in keys if graph.is_materializable(key)}


def _find_neighbors(keys: set[AssetKey], graph: AssetGraph) -> set[AssetKey]:
    return keys | {other for key in keys for other in graph.get_neighbors(key)}


def _keep(keys: set[AssetKey], _graph: AssetGraph) -> set[AssetKey]:
    return keys


FUNCTIONS: dict[str, Callable[[set[AssetKey], AssetGraph], set[AssetKey]]] = {
    "roots": _find_roots,
    "sinks": _find_sinks,
    "materializable": _find_materializable,
    "neighbors": _find_neighbors,
    "without_checks": _keep,
    "checks": _keep,
    "external": _keep,
}


def _enclose(selection: AssetSelection) -> str:
    text = selection.write()
    return f"({text})" if isinstance(selection, (OperatorSelection, TraversalSelection)) else text


def _external(selection: AssetSelection, include_sources: bool) -> AssetSelection:
    return FunctionSelection("external", selection) if include_sources else selection


def _any(selections: Sequence[AssetSelection]) -> AssetSelection:
    if not selections:
        return OperatorSelection("not", [FunctionSelection("external", AllSelection())])
    return selections[0] if len(selections) == 1 else OperatorSelection("or", selections)


def _combine(operator: str, left: AssetSelection, right: Any) -> AssetSelection:
    check_type(right, AssetSelection, "selection", "an AssetSelection")
    operands: list[AssetSelection] = []
    for side in (left, right):
        operands += side.operands if isinstance(side, OperatorSelection) and side.operator == operator else [side]
    return OperatorSelection(operator, operands)


def _check_depth(depth: int | None) -> int | None:
    return None if depth is None else check_integer(depth, "depth", 0)
