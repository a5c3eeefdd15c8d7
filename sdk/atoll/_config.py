"""Configuration: the `Config` base, run configuration, and pydantic models in their place."""

from __future__ import annotations

import sys

from ._arguments import check_mapping, refuse_unknown, show
from ._errors import DefinitionError
from ._fields import Model
from ._plain import get_fields
from ._values import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping

_RUN_CONFIG_SECTIONS = ("ops", "resources", "loggers", "execution", "inputs")


class Config(Model):
    """Base of classes that describe a computation's configuration: annotate a parameter `config` with a subclass."""


class RunConfig(Record):
    """Configuration of a run: of ops and assets by computation name, of resources, of loggers and of execution."""

    @refuse_unknown
    def __init__(
        self,
        ops: Mapping[str, Any] | None = None,
        resources: Mapping[str, Any] | None = None,
        loggers: Mapping[str, Any] | None = None,
        execution: Mapping[str, Any] | None = None,
    ) -> None:
        self.ops = check_mapping(ops, "RunConfig: ops")
        self.resources = check_mapping(resources, "RunConfig: resources")
        self.loggers = check_mapping(loggers, "RunConfig: loggers")
        self.execution = check_mapping(execution, "RunConfig: execution")

    def to_config_dict(self) -> dict[str, Any]:
        """The dict form: `{"ops": {name: {"config": {…}}}, "resources": …}`, empty sections left out."""
        sections: dict[str, Any] = {
            "ops": {name: _wrap(value) for name, value in self.ops.items()},
            "resources": {name: _wrap(value) for name, value in self.resources.items()},
            "loggers": dict(self.loggers),
            "execution": dict(self.execution),
        }
        return {name: section for name, section in sections.items() if section}


def _wrap(value: Any) -> Any:
    fields = get_fields(value)
    if fields is not None:
        return {"config": fields}
    return value if isinstance(value, dict) and "config" in value else {"config": value}


def read_run_config(value: Any, what: str) -> dict[str, Any] | None:
    """Run configuration given as a `RunConfig` or a dict, as a dict; None stays None."""
    if value is None:
        return None
    if isinstance(value, RunConfig):
        return value.to_config_dict()
    config = check_mapping(value, what)
    for section in config:
        if section not in _RUN_CONFIG_SECTIONS:
            hint = f"its sections are {', '.join(_RUN_CONFIG_SECTIONS)}"
            raise DefinitionError(f"{what} has an unknown section {section!r}", hint)
    return config


def is_config_class(annotation: Any) -> bool:
    """Whether an annotation is a `Config` subclass or a pydantic model class."""
    return isinstance(annotation, type) and (issubclass(annotation, Config) or is_pydantic_class(annotation))


def is_pydantic_class(kind: Any) -> bool:
    """Whether a class is a pydantic model, version 1 or 2; pydantic is looked for among the loaded modules only."""
    if not isinstance(kind, type):
        return False
    for name in ("pydantic", "pydantic.v1"):
        module = sys.modules.get(name)
        base = getattr(module, "BaseModel", None) if module is not None else None
        if isinstance(base, type) and issubclass(kind, base):
            return True
    return False


def write_config_schema(kind: Any) -> dict[str, Any]:
    """The JSON Schema of a `Config` subclass or pydantic model class."""
    if hasattr(kind, "_atoll_fields"):
        schema: dict[str, Any] = kind.to_config_schema()
    elif hasattr(kind, "model_json_schema"):
        schema = kind.model_json_schema()
    else:
        schema = kind.schema()
    return schema


def make_config(kind: Any, value: Any, what: str) -> Any:
    """The config object for `value`: itself where it is one, else made from a dict (None: all defaults)."""
    if isinstance(value, kind):
        return value
    if value is not None and not isinstance(value, dict):
        raise DefinitionError(f"{what} must be a {kind.__name__} or a dict, not {show(value)}")
    return kind(**(value or {}))
