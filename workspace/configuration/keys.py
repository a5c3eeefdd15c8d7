"""The keys that configuration files may have, and what their values are.

`workspace/schemas/workspace.schema.json` describes the same keys to editors; a test keeps both in step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Form = Literal["project", "python_file", "python_module", "python_package", "autoload_defs_module"]
ValueKind = Literal["text", "path", "paths", "number", "size", "texts", "validate"]

BACKENDS = ("uv", "virtualenv")
LONGEST_TIMEOUT = 86_400.0
"""Seconds: a day. A load that takes longer than that is a mistake in the unit."""
SMALLEST_MEMORY = 16 * 1024**2
"""Bytes, which an interpreter alone may take. A limit below that is a mistake in the unit."""

WORKSPACE_KEYS: Mapping[str, ValueKind | Literal["entries"]] = {
    "load_from": "entries",
    "env_file": "paths",
    "timeout": "number",
    "memory": "size",
    "cpu": "number",
    "backend": "text",
    "validate": "validate",
}
VALIDATE_KEYS = ("select", "ignore", "strict")
"""Keys of `validate` in workspace.yaml and in an entry, and of `[tool.atoll.validate]`."""
_EVERY_ENTRY: Mapping[str, ValueKind] = {
    "location_name": "text",
    "attribute": "text",
    "executable_path": "path",
    "python": "text",
    "timeout": "number",
    "memory": "size",
    "cpu": "number",
    "env_file": "paths",
    "tags": "texts",
    "backend": "text",
    "validate": "validate",
}
_WITHOUT_PROJECT: Mapping[str, ValueKind] = {
    "working_directory": "path",
    "requirements": "path",
    "inputs": "texts",
}
MAIN_KEYS: Mapping[Form, str] = {
    "project": "path",
    "python_file": "relative_path",
    "python_module": "module_name",
    "python_package": "package_name",
    "autoload_defs_module": "module_name",
}
"""What the short form `- project: VALUE` is short for."""
ENTRY_KEYS: Mapping[Form, Mapping[str, ValueKind]] = {
    "project": {"path": "path", **_EVERY_ENTRY, "module": "text"},
    "python_file": {"relative_path": "path", **_EVERY_ENTRY, **_WITHOUT_PROJECT},
    "python_module": {"module_name": "text", **_EVERY_ENTRY, **_WITHOUT_PROJECT},
    "python_package": {"package_name": "text", **_EVERY_ENTRY, **_WITHOUT_PROJECT},
    "autoload_defs_module": {
        "module_name": "text",
        **{key: kind for key, kind in _EVERY_ENTRY.items() if key != "attribute"},
        **_WITHOUT_PROJECT,
    },
}
UNSUPPORTED_ENTRIES: Mapping[str, tuple[str, str]] = {
    "grpc_server": (
        "grpc_server is not supported: locations are loaded with their own interpreter, no server is involved",
        "name the code itself: `- project: PATH`, or `- python_file:` with an executable_path",
    ),
}
"""Entries that others understand: what to say, and what to write instead."""

PROJECT_KEYS = (
    "name",
    "module",
    "attribute",
    "timeout",
    "memory",
    "cpu",
    "env-file",
    "inputs",
    "tags",
    "extras",
    "groups",
    "backend",
    "search-path",
    "validate",
)
"""Keys of `[tool.atoll]` in a pyproject.toml."""
MISPLACED_PROJECT_KEYS: Mapping[str, str] = {
    "python": "the Python version comes from .python-version and from requires-python in [project]",
    "python-version": "the Python version comes from .python-version and from requires-python in [project]",
    "requires-python": "write it in [project]",
    "dependencies": "write them in [project]",
    "location-name": "it is called name here",
    "location_name": "it is called name here",
    "module-name": "it is called module here",
    "module_name": "it is called module here",
    "working-directory": "a project's working directory is its own folder",
    "working_directory": "a project's working directory is its own folder",
}
"""Keys that people write in `[tool.atoll]` for what is said elsewhere."""
