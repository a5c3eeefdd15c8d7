"""Executors and loggers: how a run works and where its log goes."""

from __future__ import annotations

from ._arguments import check_function, check_integer, check_mapping, check_text, refuse_unknown, suggest
from ._errors import DefinitionError
from ._sources import find_caller, find_function
from ._values import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Mapping


class ExecutorDefinition(Record):
    """How the steps of a run are carried out: `in_process_executor` or `multiprocess_executor`."""

    def __init__(self, name: str, config: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
        self.name = name
        self.config = dict(config)
        self._fields = fields
        self.source = find_caller()

    def configured(self, config: Mapping[str, Any]) -> ExecutorDefinition:
        """The same executor with other settings: `max_concurrent`, at least 1, of `multiprocess_executor`.

        Raises:
            DefinitionError: there is no such setting, or its value is wrong.
        """
        settings = check_mapping(config, f"{self.name}: config")
        for setting, value in settings.items():
            if setting not in self._fields:
                suggestion = suggest(setting, self._fields)
                hint = f"did you mean {suggestion!r}?" if suggestion else None
                raise DefinitionError(f"{self.name} has no setting {setting!r}", hint)
            check_integer(value, f"{self.name}: {setting}", self._fields[setting])
        return ExecutorDefinition(self.name, {**self.config, **settings}, self._fields)


in_process_executor = ExecutorDefinition("in_process", {}, {})
multiprocess_executor = ExecutorDefinition("multiprocess", {}, {"max_concurrent": 1})


class LoggerDefinition:
    """A function of an init context that returns a `logging.Logger`. Made by `@logger`."""

    @refuse_unknown
    def __init__(self, logger_fn: Callable[..., Any], description: str | None = None) -> None:
        self.logger_fn = check_function(logger_fn, "LoggerDefinition: logger_fn")
        self.description = check_text(description, "LoggerDefinition: description")
        self.source = find_function(logger_fn)

    def __call__(self, *positional: Any, **named: Any) -> Any:
        return self.logger_fn(*positional, **named)


@refuse_unknown
def logger(*, description: str | None = None) -> Callable[[Callable[..., Any]], LoggerDefinition]:
    """Declare a logger."""
    return lambda function: LoggerDefinition(function, description)


def check_executor(value: Any, what: str) -> ExecutorDefinition | None:
    if value is not None and not isinstance(value, ExecutorDefinition):
        raise DefinitionError(f"{what} must be in_process_executor or multiprocess_executor, not {value!r}")
    return value


def check_loggers(value: Any, what: str) -> dict[str, LoggerDefinition]:
    loggers = check_mapping(value, what)
    for name, item in loggers.items():
        if not isinstance(item, LoggerDefinition):
            raise DefinitionError(f"{what}[{name!r}] must be made with @logger, not {item!r}")
    return loggers


def read_hooks(values: Any, what: str) -> list[Any]:
    """What `hooks=` was given; the module of hooks is only imported where there are some."""
    if not values:
        return []
    from ._hooks import check_hooks

    return check_hooks(values, what)
