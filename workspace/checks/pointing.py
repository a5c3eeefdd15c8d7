"""Point what a location's SDK says of a definition at the word that it is about: the SDK knows no columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from atoll_host.workspace.checks.places import find_name, find_spot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atoll_host.envs.errors import Problem

_CULPRITS: Mapping[str, int] = {"unknown_target": 1, "unmet_resource": -1, "partition_mapping": 1}
"""Which of the quoted names in a message stands in the source where the mistake is."""
_NAMED = ("not_handed_in", "empty_selection", "duplicate_name")
"""Kinds that are about a whole definition, whose name comes first in the message."""
_QUOTED = re.compile(r"(?<!\w)'([^']+)'")


def point_at_word(problem: Problem) -> Problem:
    """Give a problem its column, and the line of the word in a declaration of several lines; else the problem as it is.

    Args:
        problem: as a location's SDK reported it, at the first line of a declaration.
    """
    if problem.column is not None or problem.file is None or problem.line is None:
        return problem
    # What the sentence goes on to say after a colon is an explanation.
    names = _QUOTED.findall(problem.message.partition(": ")[0])
    place = 0 if problem.kind in _NAMED else _CULPRITS.get(problem.kind)
    if place is None or len(names) <= max(place, 0):
        return problem
    name = names[place]
    item = {"source": {"file": problem.file, "line": problem.line, "function": name}}
    if problem.kind in _NAMED:
        spot = find_name(item, name, assigned=problem.kind == "not_handed_in")
    else:
        spot = find_spot(item, name, argument=name.rpartition("/")[2])
    return problem if spot.column is None else problem.replaced(line=spot.line, column=spot.column)
