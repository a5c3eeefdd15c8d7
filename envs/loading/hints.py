"""Add to what a worker reports the hints that only the host can give: which environment, and what to type."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from atoll_host.envs.errors import Problem

if TYPE_CHECKING:
    from atoll_host.envs.loading.target import LoadRequest

_DISTRIBUTIONS = {
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
"""Distributions whose name is not that of what they bring; the ones that people meet most."""


def problem(sent: dict[str, Any], request: LoadRequest) -> Problem:
    """Read a problem as a worker sent it, and give it a hint where it has none."""
    found = Problem.from_json(sent)
    missing = sent.get("missing_module")
    if found.hint is not None or not isinstance(missing, str):
        return found
    top = missing.partition(".")[0]
    if sent.get("missing_target"):
        return found.replaced(
            message=f"No module named {missing!r}, which this location names as the home of its definitions",
            hint=f"looked in {request.directory}: is the name right, and is the project installed?",
        )
    if top in sys.stdlib_module_names:
        return found.replaced(hint=f"{top} is in the standard library of other Python versions, not of this one")
    return found.replaced(hint=_how_to_add(_DISTRIBUTIONS.get(top, top.replace("_", "-")), request))


def _how_to_add(distribution: str, request: LoadRequest) -> str:
    if not request.isolated:
        return f"install {distribution} for {request.executable}, or name another interpreter for this location"
    if request.target.form == "file":
        return f'add "{distribution}" to the dependencies in the script\'s metadata, then `atoll sync`'
    return f"`uv add {distribution}` in {request.directory}, then `atoll sync`"
