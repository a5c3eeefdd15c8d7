"""Check outputs against the published schemas, more strictly than readers need: nothing may be there untold."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import atoll_host.cli
import atoll_host.runs
import atoll_host.workspace

CLI = Path(atoll_host.cli.__file__).parent / "schemas"
WORKSPACE = Path(atoll_host.workspace.__file__).parent / "schemas"
RUNS = Path(atoll_host.runs.__file__).parent / "schemas"
_BASE = "file:///atoll_host/"


def schema_files() -> dict[str, Path]:
    """Give every published schema by the address that references between them lead to."""
    rooms = {"cli": CLI, "workspace": WORKSPACE, "runs": RUNS}
    return {
        f"{_BASE}{room}/schemas/{file.name}": file
        for room, folder in rooms.items()
        for file in sorted(folder.glob("*.json"))
    }


def schema_of(command: str) -> str:
    """Give the address of the schema of a command's output."""
    return f"{_BASE}cli/schemas/{command.replace(' ', '-')}.schema.json"


def complaints(address: str, instance, pointer: str = "", *, strict: bool = True) -> list[str]:
    """Give what is wrong with an instance, or with the schema itself."""
    registry = Registry().with_resources(
        (
            name,
            Resource.from_contents(
                _strict(json.loads(file.read_text("utf-8"))) if strict else json.loads(file.read_text("utf-8"))
            ),
        )
        for name, file in schema_files().items()
    )
    validator = Draft202012Validator({"$ref": f"{address}#{pointer}"}, registry=registry)
    return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(instance)]


def _strict(schema):
    """Forbid what no schema tells of, wherever properties are listed; not in what holds the schema of a command."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {name: _strict(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "type" in schema and "additionalProperties" not in schema:
        changed["additionalProperties"] = False
    return changed
