"""A run's configuration: read from a file or the command line, and split among locations."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any

import yaml

from atoll_host.envs.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PARTS = ("ops", "resources", "loggers", "execution")


def read_config(text: str, directory: Path) -> dict[str, Any]:
    """Read configuration: JSON in the text itself, or a file of JSON or YAML that it names.

    Args:
        text: begins with `{` where it is JSON.
        directory: that a file's name is relative to.

    Raises:
        UsageError: it can't be read; the problem says where in the file.
    """
    if text.lstrip().startswith("{"):
        try:
            return _check(json.loads(text), "--config", None)
        except json.JSONDecodeError as error:
            message = f"--config is no JSON: {error.msg} at line {error.lineno}, column {error.colno}"
            raise UsageError(message, hint='such as \'{"ops": {"NAME": {"config": {}}}}\', or a file') from None
    file = directory / text
    try:
        content = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"The configuration file {text} is not there", hint="write JSON itself in quotes") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The configuration file {text} cannot be read: {error}", file=str(file)) from None
    try:
        return _check(yaml.safe_load(content), text, file)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"The configuration file {text} is neither YAML nor JSON: {error.problem or error.context}"
        line, column = (None, None) if mark is None else (mark.line + 1, mark.column + 1)
        raise UsageError(message, file=str(file), line=line, column=column) from None
    except yaml.YAMLError as error:
        raise UsageError(f"The configuration file {text} is neither YAML nor JSON: {error}", file=str(file)) from None


def _check(value: Any, name: str, file: Path | None) -> dict[str, Any]:
    where = None if file is None else str(file)
    if value is None:
        return {}
    if not isinstance(value, dict):
        hint = "begin with ops: or resources:"
        raise UsageError(f"{name} must be a mapping, not {type(value).__name__}", hint=hint, file=where)
    for key in value:
        if key not in _PARTS:
            close = difflib.get_close_matches(str(key), _PARTS, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(_PARTS)}"
            raise UsageError(f"{name} has an unknown entry {key!r}", hint=hint, file=where)
    return {str(key): part for key, part in json.loads(json.dumps(value, default=str)).items()}


def split_config(
    config: Mapping[str, Any] | None, definitions: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any] | None]:
    """Give each location what of the configuration is meant for it.

    What no location knows goes to all of them, so that each says what it does know.

    Args:
        config: as it was given.
        definitions: of the locations that take part.
    """
    if not config:
        return dict.fromkeys(definitions)
    if len(definitions) == 1:
        return {location: dict(config) for location in definitions}
    known = {location: _list_known(definition) for location, definition in definitions.items()}
    split: dict[str, dict[str, Any] | None] = {}
    for location, own in known.items():
        others = [found for name, found in known.items() if name != location]
        parts: dict[str, Any] = {}
        for part, entries in config.items():
            if part not in own or not isinstance(entries, dict):
                parts[part] = entries
                continue
            parts[part] = {
                name: entry
                for name, entry in entries.items()
                if name in own[part] or not any(name in found[part] for found in others)
            }
        split[location] = parts
    return split


def _list_known(definition: Mapping[str, Any]) -> dict[str, set[str]]:
    computations = {item["name"] for item in definition.get("computations", ())}
    resources = {item["name"] for item in definition.get("resources", ())} | {"io_manager"}
    return {"ops": computations, "resources": resources}
