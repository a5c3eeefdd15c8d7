"""Put a definition into a Python file that somebody wrote: the function above, its name into `Definitions(...)`.

The file is never printed anew from its syntax tree: text is inserted at positions that the tree gives, so that comments
and formatting stay. What is not understood is refused.
"""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING

from atoll_host.workspace.scaffolding.brackets import Edit, Source, add_element, apply_edits, break_lines
from atoll_host.workspace.scaffolding.imports import Imports, UnknownShapeError

if TYPE_CHECKING:
    from collections.abc import Sequence

ARGUMENTS = {
    "asset": "assets",
    "check": "asset_checks",
    "job": "jobs",
    "schedule": "schedules",
    "sensor": "sensors",
    "resource": "resources",
}
"""Which argument of `Definitions` takes each kind."""
_POSITIONS = ("assets", "schedules", "sensors", "jobs", "resources", "executor", "loggers", "asset_checks", "metadata")
"""The parameters of `Definitions`, which may be given by position."""
_CURRENT_MODULE = "load_definitions_from_current_module"
PACKAGE_LOADER = "load_definitions_from_package_module"
_BLANK = 2
"""Empty lines between definitions."""
_DEFINED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_MAKERS = ("Definitions", _CURRENT_MODULE, PACKAGE_LOADER)
_LOOSE = (ast.IfExp, ast.BoolOp, ast.Compare, ast.Lambda, ast.NamedExpr, ast.UnaryOp, ast.Await)
"""Expressions that need parentheses behind a star."""


def splice_definition(text: str, *, kind: str, name: str, snippet: str, attribute: str | None = None) -> str:
    """Put a definition into a module, and hand it in.

    Args:
        text: the module.
        kind: a key of `ARGUMENTS`.
        name: what the snippet binds.
        snippet: a module of its own that imports what it needs and binds the name.
        attribute: which `Definitions` of the module is loaded, where that is said.

    Raises:
        UnknownShapeError: the module is written in a way that is not understood.
    """
    module = _Module(text)
    module.refuse_taken(snippet)
    call, statement = module.find_call(attribute)
    edits = module.hand_in(call, kind, name)
    body, import_edits = module.imports.adopt(ast.parse(snippet), snippet)
    edits += import_edits
    at = module.above(statement)
    before, after = module.space_around(at, ast.parse(body), statement)
    edits.append(Edit(at, at, f"{before}{body.strip()}\n{after}"))
    return module.finish(edits, attribute)


def append_definition(text: str, *, snippet: str) -> str:
    """Put a definition at the end of a module whose definitions are all found by their being there.

    Raises:
        UnknownShapeError: the module is written in a way that is not understood.
    """
    module = _Module(text)
    module.refuse_taken(snippet)
    body, edits = module.imports.adopt(ast.parse(snippet), snippet)
    whole = module.source.text
    kept = len(whole.rstrip())
    return module.finish([*edits, Edit(kept, len(whole), f"\n\n\n{body.strip()}\n")])


def splice_resource(text: str, *, name: str, module_name: str, attribute: str | None = None) -> str:
    """Hand a resource of another module in: import it, and add it to `resources={...}`.

    Raises:
        UnknownShapeError: the module is written in a way that is not understood.
    """
    module = _Module(text)
    line = f"from {module_name} import {name}\n"
    module.refuse_taken(line)
    call, _ = module.find_call(attribute)
    edits = module.hand_in(call, "resource", name)
    _, import_edits = module.imports.adopt(ast.parse(line), line)
    return module.finish([*edits, *import_edits], attribute)


def find_package_loader(text: str) -> str | None:
    """Give the dotted name of the package whose definitions a module loads, as far as its imports say; None for none.

    A name that starts with dots is relative to the module.
    """
    try:
        module = _Module(text)
    except UnknownShapeError:
        return None
    for node in ast.walk(module.source.tree):
        if isinstance(node, ast.Call) and module.imports.original_of(node.func) == PACKAGE_LOADER and node.args:
            return module.imports.module_of(node.args[0])
    return None


class _Module:
    def __init__(self, text: str) -> None:
        self._mark = "\ufeff" if text.startswith("\ufeff") else ""
        self._ends = "\r\n" if "\r\n" in text else "\n"
        plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
        if "\r" in plain:
            raise UnknownShapeError("its line ends are of several kinds")
        try:
            self.source = Source(plain)
        except (SyntaxError, ValueError) as error:
            raise UnknownShapeError(
                f"Python {sys.version_info[0]}.{sys.version_info[1]} can't read it: {error}"
            ) from None
        self.imports = Imports(self.source)

    def refuse_taken(self, snippet: str) -> None:
        """Refuse names that the module binds already."""
        bound = self.imports.bound_names()
        tree = ast.parse(snippet)
        for statement in tree.body:
            for name in _binds(statement):
                if name in bound:
                    raise UnknownShapeError(f"it has a {name} already, in line {bound[name]}")

    def find_call(self, attribute: str | None) -> tuple[ast.Call, ast.stmt]:
        """Find the only call that makes the `Definitions`, and the top-level statement that it stands in."""
        found = [
            (node, statement)
            for statement in self.source.tree.body
            for node in ast.walk(statement)
            if isinstance(node, ast.Call) and self.imports.original_of(node.func) in _MAKERS
        ]
        named = [(call, statement) for call, statement in found if _is_bound_to(statement, call, attribute)]
        chosen = named if named and len(found) > 1 else found
        if not chosen:
            raise UnknownShapeError("there is no Definitions(...) in it")
        if len(chosen) > 1:
            lines = ", ".join(str(call.lineno) for call, _ in chosen)
            raise UnknownShapeError(f"there are several Definitions(...) in it, in lines {lines}")
        return chosen[0]

    def hand_in(self, call: ast.Call, kind: str, name: str) -> list[Edit]:
        """Add a name to the argument that takes its kind."""
        argument = ARGUMENTS[kind]
        loader = self.imports.original_of(call.func)
        if loader != "Definitions" and kind != "resource":
            if loader == PACKAGE_LOADER:
                raise UnknownShapeError("what it defines comes from a package that is not among the location's files")
            return []
        if any(isinstance(item, ast.Starred) for item in call.args) or any(not item.arg for item in call.keywords):
            raise UnknownShapeError(f"the arguments in line {call.lineno} are unpacked from something")
        value = next((item.value for item in call.keywords if item.arg == argument), None)
        positions = _POSITIONS if loader == "Definitions" else ()
        if value is None and argument in positions and positions.index(argument) < len(call.args):
            value = call.args[positions.index(argument)]
        entry = f'"{name}": {name}' if kind == "resource" else name
        opening, closing = ("{", "}") if kind == "resource" else ("[", "]")
        if value is None:
            given: list[ast.AST] = [*call.args, *call.keywords]
            return add_element(self.source, call, given, f"{argument}={opening}{entry}{closing}")
        if isinstance(value, ast.Constant) and value.value is None:
            return [Edit(self.source.start(value), self.source.end(value), f"{opening}{entry}{closing}")]
        if kind == "resource" and isinstance(value, ast.Dict):
            return add_element(self.source, value, value.values, entry)
        if kind != "resource" and isinstance(value, (ast.List, ast.Tuple)):
            return add_element(self.source, value, value.elts, name)
        return self._wrap(value, entry, "**" if kind == "resource" else "*", opening, closing)

    def _wrap(self, value: ast.expr, entry: str, star: str, opening: str, closing: str) -> list[Edit]:
        before, after = ("(", ")") if isinstance(value, _LOOSE) else ("", "")
        start, end = self.source.start(value), self.source.end(value)
        return [
            Edit(start, start, f"{opening}{star}{before}"),
            Edit(end, end, f"{after}, {entry}{closing}"),
        ]

    def above(self, statement: ast.stmt) -> int:
        """Give the offset above a statement, its decorators and the comment that belongs to it."""
        lines = [statement.lineno, *(item.lineno for item in getattr(statement, "decorator_list", ()))]
        line = min(lines)
        while line > 1 and self.source.line(line - 1).startswith("#"):
            line -= 1
        return self.source.line_start(line)

    def space_around(self, at: int, body: ast.Module, statement: ast.stmt) -> tuple[str, str]:
        """Give the empty lines that formatters want before and after what is put above a statement."""
        last = [node for node in self.source.tree.body if self.source.end(node) <= at][-1:]
        plain = all(isinstance(node, ast.Assign) for node in body.body)
        narrow = plain and not any(isinstance(node, _DEFINED) for node in last)
        before = "\n" * _missing_lines(self.source.text[:at], 1 if narrow else _BLANK)
        return before, "\n" * (1 if plain and not isinstance(statement, _DEFINED) else _BLANK)

    def finish(self, edits: Sequence[Edit], attribute: str | None = None) -> str:
        """Make the edits, break lines that became too long, and see that what comes out is Python."""
        text = apply_edits(self.source.text, edits)
        try:
            text = _break_call(text, attribute)
        except UnknownShapeError as error:
            raise UnknownShapeError(f"what came out is not understood any more: {error}") from None
        return self._mark + text.replace("\n", self._ends)


def _break_call(text: str, attribute: str | None) -> str:
    """Break the call that makes the `Definitions`, then its arguments, as long as lines of it are too long."""
    module = _Module(text)
    try:
        call, _ = module.find_call(attribute)
    except UnknownShapeError:
        return text
    inner: list[tuple[ast.AST, Sequence[ast.AST]]] = [(call, [*call.args, *call.keywords])]
    for value in [*call.args, *(item.value for item in call.keywords)]:
        if isinstance(value, ast.Dict):
            inner.append((value, value.values))
        elif isinstance(value, (ast.List, ast.Tuple)):
            inner.append((value, value.elts))
    for bracketed, elements in inner:
        edits = break_lines(module.source, bracketed, elements)
        if edits:
            return _break_call(apply_edits(text, edits), attribute)
    return text


def _missing_lines(before: str, blank: int) -> int:
    ended = len(before) - len(before.rstrip("\n"))
    return max(0, blank + 1 - ended) if before else 0


def _binds(statement: ast.stmt) -> list[str]:
    if isinstance(statement, _DEFINED):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return []


def _is_bound_to(statement: ast.stmt, call: ast.Call, attribute: str | None) -> bool:
    if attribute is None:
        return False
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return statement.name == attribute
    value = getattr(statement, "value", None)
    if value is not call:
        return False
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return any(isinstance(target, ast.Name) and target.id == attribute for target in targets)


def quote(text: str) -> str:
    """Write a text as a Python literal, in double quotes where that needs no escape."""
    return f'"{text}"' if re.fullmatch(r"[^\"\\\x00-\x1f\x7f]*", text) else repr(text)
