"""From an imported module to the snapshot of its definitions. The shim calls `load`."""

from __future__ import annotations

from ._definitions import Definitions, LazyDefinitions
from ._errors import LoadError, describe_problem
from ._sources import Source, find_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, NoReturn


def load(module: ModuleType, attribute: str | None = None) -> dict[str, Any]:
    """The snapshot of the module's definitions: of the one named by `attribute`, else of the only ones there are.

    Raises:
        LoadError: there are none, or several, or what there is does not fit together; all problems at once.
        Exception: whatever a `@definitions` function or the function named by `attribute` raises.
    """
    name, value = _find_named(module, attribute) if attribute else _find_only(module)
    definitions = value if isinstance(value, Definitions) else value()
    from ._checking._forgotten import find_forgotten

    source = value.source if isinstance(value, LazyDefinitions) else definitions.source
    catalog, snapshot = _describe(definitions, source, name)
    snapshot["warnings"] += find_forgotten(module, catalog)
    return snapshot


def load_all(modules: list[ModuleType]) -> dict[str, Any]:
    """The snapshot of everything that the modules of a package define, the package itself first.

    Raises:
        LoadError: what there is does not fit together; all problems at once.
        Exception: whatever a `@definitions` function raises.
    """
    from ._modules import load_definitions_from_modules

    source = _find_module(modules[0]) or Source("", 0)
    return _describe(load_definitions_from_modules(modules), source, "")[1]


def _describe(definitions: Definitions, source: Source, name: str) -> tuple[Any, dict[str, Any]]:
    from ._catalog import Catalog
    from ._checking import find_problems, find_warnings
    from ._describing import describe

    catalog = Catalog(definitions)
    problems = find_problems(catalog)
    if problems:
        raise LoadError(problems)
    snapshot = describe(catalog, source, name)
    snapshot["warnings"] = [*find_warnings(catalog)]
    return catalog, snapshot


def _find_named(module: ModuleType, attribute: str) -> tuple[str, Any]:
    value: Any = module
    for part in attribute.split("."):
        if not hasattr(value, part):
            message = f"{module.__name__} has no attribute {attribute!r}"
            _fail("no_definitions", message, _suggest_attribute(module, attribute), _find_module(module))
        value = getattr(value, part)
    if isinstance(value, (Definitions, LazyDefinitions)):
        return attribute, value
    if not callable(value) or isinstance(value, type):
        message = f"{attribute!r} in {module.__name__} is no Definitions object but {_name_type(value)}"
        _fail("wrong_type", message, _suggest_attribute(module, attribute), _find_module(module))
    code = getattr(value, "__code__", None)
    source = find_function(value)
    if code is not None and _needs_arguments(value, code):
        message = f"{attribute}() takes arguments, so that it can't be called to get Definitions"
        _fail("wrong_type", message, "name a function that takes no argument", source)
    returned = value()
    if isinstance(returned, LazyDefinitions):
        returned = returned()
    if not isinstance(returned, Definitions):
        message = f"{attribute}() returned no Definitions object but {_name_type(returned)}"
        _fail("wrong_type", message, "end it with: return Definitions(...)", source)
    return attribute, returned


def _needs_arguments(function: Any, code: Any) -> bool:
    named = code.co_kwonlyargcount - len(function.__kwdefaults__ or ())
    return bool(code.co_argcount > len(function.__defaults__ or ()) or named > 0)


def _find_only(module: ModuleType) -> tuple[str, Any]:
    candidates = _list_candidates(module)
    own = [(name, value) for name, value in candidates if value.owner is vars(module)]
    chosen = own or candidates
    if not chosen and hasattr(module, "defs"):
        message = f"'defs' in {module.__name__} is no Definitions object but {_name_type(module.defs)}"
        _fail("wrong_type", message, _suggest_definitions(module), _find_module(module))
    if not chosen:
        message = f"{module.__name__} has no Definitions object at module scope"
        _fail("no_definitions", message, _suggest_definitions(module), _find_module(module))
    if len(chosen) > 1:
        places = [f"'{name}' at {value.source.file}:{value.source.line}" for name, value in chosen]
        message = "Cannot have more than one Definitions object defined at module scope: " + " and ".join(places)
        names = ", ".join(name for name, _ in chosen)
        hint = f"keep one, or join them: defs = Definitions.merge({names}), or name one as the location's attribute"
        _fail("multiple_definitions", message, hint, chosen[-1][1].source)
    return chosen[0]


def _list_candidates(module: ModuleType) -> list[tuple[str, Any]]:
    """The module's `Definitions`, each once, without the operands of a merge whose result is there too."""
    found: list[tuple[str, Any]] = []
    for name, value in vars(module).items():
        is_ours = isinstance(value, (Definitions, LazyDefinitions))
        if is_ours and not any(value is other for _, other in found):
            found.append((name, value))
    operands: list[Any] = []
    pending = [value for _, value in found if isinstance(value, Definitions)]
    while pending:
        inner = pending.pop().operands
        operands += inner
        pending += [operand for operand in inner if isinstance(operand, Definitions)]
    return [(name, value) for name, value in found if not any(value is operand for operand in operands)]


def _fail(kind: str, message: str, hint: str | None, source: Source | None = None) -> NoReturn:
    raise LoadError([describe_problem(kind, message, hint=hint, source=source)])


def _find_module(module: ModuleType) -> Source | None:
    """The first line of the module's file, for a problem that no line of it is to blame for."""
    file = getattr(module, "__file__", None)
    return None if file is None else Source(file, 1)


def _name_type(value: Any) -> str:
    return "None" if value is None else f"of type {type(value).__name__}"


def _suggest_attribute(module: ModuleType, attribute: str) -> str | None:
    from ._arguments import suggest

    names = [name for name, _ in _list_candidates(module)]
    suggestion = suggest(attribute, names) or suggest(attribute, [n for n in vars(module) if not n.startswith("_")])
    if suggestion and suggestion != attribute:
        return f"did you mean {suggestion!r}?"
    return f"it has {', '.join(map(repr, names))}" if names else _suggest_definitions(module)


def _suggest_definitions(module: ModuleType) -> str:
    from ._checking._forgotten import DECLARED

    declared: dict[str, list[str]] = {}
    for name, value in vars(module).items():
        kind = DECLARED.get(type(value).__name__)
        if kind is not None and kind[1] != "loggers":
            declared.setdefault(kind[1], []).append(name)
        annotation = getattr(value, "__annotations__", None) if type(value).__name__ == "function" else None
        returns = annotation.get("return") if isinstance(annotation, dict) else None
        if returns is Definitions or (isinstance(returns, str) and returns.rpartition(".")[2] == "Definitions"):
            return f"put @definitions on {name}(), or name it as the location's attribute"
    if not declared:
        return "add: defs = Definitions(assets=[...])"
    arguments = ", ".join(f"{argument}=[{', '.join(names)}]" for argument, names in declared.items())
    return f"add: defs = Definitions({arguments})"
