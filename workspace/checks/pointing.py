"""Point what is said of a definition at the word that it is about: a location's SDK knows no columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from atoll_host.workspace.checks.places import Spot, find_import, find_name, find_spot, find_start
from atoll_host.workspace.findings.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atoll_host.envs.errors import Problem

_CULPRITS: Mapping[str, int] = {"unknown_target": 1, "unmet_resource": -1, "partition_mapping": 1}
"""Which of the quoted names in a message stands in the source where the mistake is."""
_NAMED = ("not_handed_in", "empty_selection", "duplicate_name")
"""Kinds that are about a whole definition, whose name comes first in the message."""
_DECLARED = ("multiple_definitions", "wrong_type")
"""Kinds of the group of loading whose line is that of a declaration."""
_DEFINITION_GROUPS = "45"
_QUOTED = re.compile(r"(?<!\w)'([^']+)'")


def point_at_word(problem: Problem) -> Problem:
    """Give a problem its column, and the line of the word in a declaration of several lines.

    A problem of a definition of which no word is to blame points at its name, else at where it begins; any other stays
    as it is.

    Args:
        problem: as a location's SDK or a check reported it, at the first line of a declaration.
    """
    if problem.column is not None or problem.file is None or problem.line is None:
        return problem
    spot = _find_word(problem, problem.file, problem.line)
    if spot.column is None and _is_of_declaration(problem.kind):
        spot = find_start(problem.file, problem.line)
    return problem if spot.column is None else problem.replaced(line=spot.line, column=spot.column)


def _find_word(problem: Problem, file: str, line: int) -> Spot:
    if problem.kind == "import_error":
        modules = _QUOTED.findall(problem.message)
        return find_import(file, line, modules[0]) if modules else Spot(file, line)
    # What the sentence goes on to say after a colon is an explanation.
    names = _QUOTED.findall(problem.message.partition(": ")[0])
    place = 0 if problem.kind in _NAMED else _CULPRITS.get(problem.kind)
    if place is None or len(names) <= max(place, 0):
        return Spot(file, line)
    name = names[place]
    item = {"source": {"file": file, "line": line, "function": name}}
    if problem.kind in _NAMED:
        return find_name(item, name, assigned=problem.kind == "not_handed_in")
    return find_spot(item, name, argument=name.rpartition("/")[2])


def _is_of_declaration(kind: str) -> bool:
    """Tell whether a problem is about what is declared at its line, so that it can point there at least."""
    code = CODES.get(kind)
    return kind in _DECLARED or (code is not None and code.number[3] in _DEFINITION_GROUPS)
