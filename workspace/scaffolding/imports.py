"""What a module imports at its top level, and how a snippet's own imports are brought in line with that."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from atoll_host.workspace.scaffolding.brackets import LONGEST_LINE, Edit, Source, add_element, apply_edits

if TYPE_CHECKING:
    from collections.abc import Iterator

_SDK = "atoll"


class UnknownShapeError(Exception):
    """A file is written in a way that is not understood; the message is a clause that says why."""


class Imports:
    """The imports at the top level of a module.

    Attributes:
        source: the module.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self._statements = [node for node in source.tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
        self._names: dict[str, tuple[str, str]] = {}
        self._modules: dict[str, str] = {}
        for statement in self._statements:
            if isinstance(statement, ast.Import):
                for alias in statement.names:
                    self._modules[alias.asname or alias.name] = alias.name
            else:
                origin = "." * statement.level + (statement.module or "")
                for alias in statement.names:
                    self._names[alias.asname or alias.name] = (origin, alias.name)

    def original_of(self, node: ast.AST) -> str | None:
        """Give the name in the SDK that an expression stands for; None where it stands for nothing of it."""
        if isinstance(node, ast.Name):
            origin, name = self._names.get(node.id, ("", ""))
            return name if origin == _SDK else None
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return node.attr if self._modules.get(node.value.id) == _SDK else None
        return None

    def module_of(self, node: ast.AST) -> str | None:
        """Give the dotted name of the module that an expression stands for, if an import says so."""
        dotted = ast.unparse(node)
        if dotted in self._modules:
            return self._modules[dotted]
        if dotted not in self._names:
            return None
        origin, name = self._names[dotted]
        return origin + name if origin.endswith(".") else f"{origin}.{name}"

    def origin_of(self, name: str) -> tuple[str, str] | None:
        """Give the module that a name is imported from, and what it is called there."""
        return self._names.get(name)

    def bound_names(self) -> dict[str, int]:
        """Give each name that the module binds at its top level, with the line."""
        bound: dict[str, int] = {}
        for statement in self.source.tree.body:
            for name in _bound_by(statement):
                bound.setdefault(name, statement.lineno)
        return bound

    def adopt(self, tree: ast.Module, snippet: str) -> tuple[str, list[Edit]]:
        """Bring a snippet's imports in line with the module's.

        Returns:
            The snippet without its imports and its docstring, written with the names that the module uses; and what is
            to be edited in the module so that the rest is imported.

        Raises:
            UnknownShapeError: a name that the snippet imports means something else in the module.
        """
        own = Source(snippet)
        body = [node for node in tree.body if not isinstance(node, (ast.Import, ast.ImportFrom)) and not _is_text(node)]
        renamed: dict[str, str] = {}
        edits: list[Edit] = []
        for statement in tree.body:
            if isinstance(statement, ast.ImportFrom) and statement.module == _SDK:
                missing = self._find_missing([alias.name for alias in statement.names], renamed)
                edits += self._import_from_sdk(missing, renamed)
            elif isinstance(statement, (ast.Import, ast.ImportFrom)):
                edits += self._import_other(statement)
        if not body:
            return "", edits
        start = min(line for node in body for line in _first_lines(node))
        changes = [
            Edit(own.start(node), own.end(node), renamed[node.id])
            for node in ast.walk(own.tree)
            if isinstance(node, ast.Name) and node.id in renamed
        ]
        offset = own.line_start(start)
        return apply_edits(own.text, changes)[offset:] if not changes else _cut(own.text, changes, offset), edits

    def _find_missing(self, wanted: list[str], renamed: dict[str, str]) -> list[str]:
        known = {name: local for local, (origin, name) in self._names.items() if origin == _SDK}
        missing = []
        for name in wanted:
            if name not in known:
                missing.append(name)
            elif known[name] != name:
                renamed[name] = known[name]
        return missing

    def _import_from_sdk(self, missing: list[str], renamed: dict[str, str]) -> list[Edit]:
        statement = next(
            (
                node
                for node in self._statements
                if isinstance(node, ast.ImportFrom) and node.module == _SDK and not node.level
            ),
            None,
        )
        if statement is None:
            alias = next((local for local, module in self._modules.items() if module == _SDK), None)
            if alias is None:
                raise UnknownShapeError("it does not import atoll at its top level")
            renamed.update({name: f"{alias}.{name}" for name in missing})
            return []
        self._refuse_bound(missing)
        return self._extend(statement, missing)

    def _extend(self, statement: ast.ImportFrom, names: list[str]) -> list[Edit]:
        if not names:
            return []
        text = self.source.segment(statement)
        given = [ast.unparse(alias) for alias in statement.names]
        head = f"from {statement.module} import "
        if text in (_write_names(head, given, long=False), _write_names(head, given, long=True)):
            whole = [*given, *names]
            if given == sorted(given, key=_order):
                whole.sort(key=_order)
            line = _write_names(head, whole, long=text.endswith(")"))
            if len(line.partition("\n")[0]) > LONGEST_LINE:
                line = _write_names(head, whole, long=True)
            return [Edit(self.source.start(statement), self.source.end(statement), line)]
        if text.endswith(")"):
            return [edit for name in names for edit in add_element(self.source, statement, statement.names, name)]
        end = self.source.end(statement)
        return [Edit(end, end, "".join(f", {name}" for name in names))]

    def _import_other(self, statement: ast.Import | ast.ImportFrom) -> list[Edit]:
        line = ast.unparse(statement)
        if any(ast.unparse(node) == line for node in self._statements) or self._has_all(statement):
            return []
        self._refuse_bound(list(_bound_by(statement)))
        standard = _is_standard(statement)
        group = [node for node in self._statements if _is_standard(node) == standard and not _is_future(node)]
        if group:
            after = [node for node in group if _module_order(node) <= _module_order(statement)]
            if not after:
                at = self.source.line_start(group[0].lineno)
                return [Edit(at, at, f"{line}\n")]
            at = self.source.end(after[-1])
            at = self.source.text.find("\n", at)
            at = len(self.source.text) if at < 0 else at
            return [Edit(at, at, f"\n{line}")]
        others = [node for node in self._statements if not _is_future(node)]
        first = others[0].lineno
        at = self.source.line_start(first)
        before = "\n" if first > 1 and self.source.line(first - 1).strip() else ""
        return [Edit(at, at, f"{before}{line}\n\n")]

    def _refuse_bound(self, names: list[str]) -> None:
        bound = self.bound_names()
        for name in names:
            if name in bound:
                raise UnknownShapeError(f"{name} means something else there, since line {bound[name]}")

    def _has_all(self, statement: ast.Import | ast.ImportFrom) -> bool:
        if isinstance(statement, ast.Import):
            return all(self._modules.get(alias.name) == alias.name for alias in statement.names)
        origin = "." * statement.level + (statement.module or "")
        return all(self._names.get(alias.name) == (origin, alias.name) for alias in statement.names)


def _cut(text: str, changes: list[Edit], offset: int) -> str:
    shifted = [Edit(edit.start - offset, edit.end - offset, edit.text) for edit in changes if edit.start >= offset]
    return apply_edits(text[offset:], shifted)


def _write_names(head: str, names: list[str], *, long: bool) -> str:
    if not long:
        return f"{head}{', '.join(names)}"
    return f"{head}(\n{''.join(f'    {name},{chr(10)}' for name in names)})"


def _order(name: str) -> tuple[int, str]:
    """Order imported names as isort does: constants, classes, the rest."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


def _module_order(node: ast.Import | ast.ImportFrom) -> tuple[bool, bool, str]:
    """Order imports as isort does: the SDK, then the project's own; `import` before `from`."""
    module = node.names[0].name if isinstance(node, ast.Import) else "." * node.level + (node.module or "")
    return module.split(".")[0] != _SDK, isinstance(node, ast.ImportFrom), module


def _first_lines(node: ast.stmt) -> list[int]:
    return [node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))]


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _is_standard(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.ImportFrom):
        return not node.level and (node.module or "").split(".")[0] in sys.stdlib_module_names
    return all(alias.name.split(".")[0] in sys.stdlib_module_names for alias in node.names)


def _bound_by(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        for alias in statement.names:
            yield (alias.asname or alias.name).split(".")[0]
    else:
        # Assignments, loops, with and try statements, as far as they bind names in this scope.
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
