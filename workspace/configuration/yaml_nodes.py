"""YAML as PyYAML's nodes, which know where in the file they stand, with errors that say it in our words.

libyaml reads the good files, because it is ten times as fast; PyYAML's own parser explains the bad ones, because its
messages name the character and it is the same everywhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from atoll_host.envs.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|(?<!^)\ufeff")
"""Characters that YAML has no place for (YAML 1.1, 5.1), and a byte order mark that isn't at the beginning."""
_EXPLANATIONS = (
    (
        re.compile(r"found character '\\t' that cannot start any token"),
        "a tab stands where YAML wants spaces",
        "replace the tab by spaces",
    ),
    (
        re.compile(r"mapping values are not allowed here"),
        "a second `: ` stands on this line, or the line is indented too far",
        "put text that has `: ` in it between quotes, and indent keys of one level alike",
    ),
    (
        re.compile(r"could not find expected ':'"),
        "the line before this one is no `key: value`",
        "write `key: value`, or indent the line",
    ),
    (
        re.compile(r"found undefined alias '(?P<what>[^']*)'"),
        "the alias *{what} refers to nothing",
        "mark what is meant with &{what}, or put text that begins with * between quotes",
    ),
    (
        re.compile(r"expected a single document in the stream|but found another document"),
        "a second document begins here",
        "keep everything in one document: remove this `---`",
    ),
    (
        re.compile(r"found character '(?P<what>[@`%])' that cannot start any token"),
        "text can't begin with {what}",
        "put it between quotes",
    ),
    (
        re.compile(r"found unexpected end of stream"),
        "a quotation mark is opened and never closed",
        "close it",
    ),
    (
        re.compile(r"expected ',' or '(?P<what>[\]}])', but got"),
        "a comma or a closing {what} is missing",
        "write it before this place",
    ),
    (
        re.compile(r"expected the node content, but found '<stream end>'"),
        "the file ends inside of a bracket",
        "close the bracket",
    ),
    (
        re.compile(r"expected <block end>, but found '(?P<what>[^']*)'"),
        "this line fits neither the list nor the mapping that it is in",
        "indent lines of one level alike",
    ),
)  # fmt: skip


def compose(text: str, file: Path) -> yaml.Node | None:
    """Parse a document into nodes, or None when there is nothing in it.

    Raises:
        ConfigurationError: it is not YAML, with line and column.
    """
    forbidden = _FORBIDDEN.search(text)
    if forbidden is not None:
        line = text.count("\n", 0, forbidden.start()) + 1
        column = forbidden.start() - (text.rfind("\n", 0, forbidden.start()) + 1) + 1
        raise ConfigurationError(
            f"{file.name} has the character U+{ord(forbidden[0]):04X} in it, which YAML forbids",
            hint="remove the character",
            file=str(file),
            line=line,
            column=column,
        )
    try:
        return _compose_with(_Loader, text.removeprefix("\ufeff"))
    except yaml.YAMLError as error:
        raise _explain(error, text.removeprefix("\ufeff"), file) from None
    except RecursionError:
        raise _too_deep(file) from None


def _compose_with(kind: type, text: str) -> yaml.Node | None:
    loader = kind(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
    finally:
        loader.dispose()
    return node


def _explain(error: yaml.YAMLError, text: str, file: Path) -> ConfigurationError:
    try:
        _compose_with(yaml.SafeLoader, text)
    except yaml.YAMLError as clearer:
        error = clearer
    except RecursionError:
        return _too_deep(file, error)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    context = getattr(error, "context", None)
    hint = "correct the line"
    if "unexpected end of stream" in problem:
        mark = getattr(error, "context_mark", None) or mark
    for pattern, explanation, step in _EXPLANATIONS:
        found = pattern.search(problem) or (pattern.search(context) if context else None)
        if found:
            problem, hint = explanation.format(**found.groupdict()), step.format(**found.groupdict())
            break
    return ConfigurationError(
        f"{file.name} is not valid YAML: {problem.splitlines()[0] if problem else 'it makes no sense'}",
        hint=hint,
        file=str(file),
        line=None if mark is None else mark.line + 1,
        column=None if mark is None else mark.column + 1,
    )


def _too_deep(file: Path, error: yaml.YAMLError | None = None) -> ConfigurationError:
    mark = getattr(error, "problem_mark", None)
    return ConfigurationError(
        f"{file.name} is nested too deeply",
        hint="write it flatter",
        file=str(file),
        line=None if mark is None else mark.line + 1,
        column=None if mark is None else mark.column + 1,
    )
