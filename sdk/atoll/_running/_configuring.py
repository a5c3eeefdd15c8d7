"""Configuration of a run held against what its steps and resources take: every problem at once, each with its path."""

from __future__ import annotations

from .._annotations import find_mismatch, is_enum, split_union, strip_annotation
from .._arguments import show, suggest
from .._config import is_config_class, is_pydantic_class, make_config
from .._environment import ConfigVariable, EnvVar, IntEnvVar
from .._fields import Model, convert_value
from .._resource_functions import ResourceDefinition
from ._problems import make_problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Iterator, Mapping, Sequence

    from ._steps import Step

_SECTIONS = ("ops", "resources", "loggers", "execution", "inputs")
_PAIR = 2


class ConfigReader:
    """Reads the configuration of one run; `problems` has what is wrong so far."""

    def __init__(self, config: Mapping[str, Any] | None) -> None:
        self.config = dict(config or {})
        self.problems: list[dict[str, Any]] = []
        for section, value in self.config.items():
            if section not in _SECTIONS:
                self._add_unknown(section, "there is no section", section, _SECTIONS)
            elif not isinstance(value, dict):
                self.add(section, f"must be an object, not {show(value)}")

    def add(self, path: str, message: str, hint: str | None = None, kind: str = "invalid_config") -> None:
        self.problems.append(make_problem(kind, message, hint=hint, path=path))

    def _add_unknown(self, path: str, what: str, name: str, known: Iterable[str]) -> None:
        names = list(known)
        suggestion = suggest(str(name), names)
        hint = f"did you mean {suggestion!r}?" if suggestion else f"there are: {', '.join(names) or 'none'}"
        self.add(path, f"{what} {str(name)!r}", hint)

    def _get_section(self, name: str) -> dict[str, Any]:
        section = self.config.get(name)
        return section if isinstance(section, dict) else {}

    def read_steps(self, steps: Sequence[Step], names: Iterable[str] = ()) -> None:
        """Give each step its configuration; `names` are those of other computations, whose entries are left alone."""
        tree: dict[str, Any] = {}
        for step in steps:
            branch = tree
            for part in step.config_path[1::2]:
                branch = branch.setdefault(part, {})
        self._check_entries(self._get_section("ops"), tree, "ops", set(names))
        for step in steps:
            self._read_step(step)

    def _check_entries(self, section: dict[str, Any], tree: dict[str, Any], path: str, others: set[str]) -> None:
        for name, entry in section.items():
            if name not in tree:
                if name not in others:
                    self._add_unknown(f"{path}.{name}", "there is no op or asset", name, tree)
                continue
            if not isinstance(entry, dict):
                self.add(f"{path}.{name}", f"must be an object with 'config', not {show(entry)}")
                continue
            known = ("config", "inputs", *(["ops"] if tree[name] else []))
            for key in entry:
                if key not in known:
                    self._add_unknown(f"{path}.{name}.{key}", "there is no entry", key, known)
            if tree[name] and isinstance(entry.get("ops"), dict):
                self._check_entries(entry["ops"], tree[name], f"{path}.{name}.ops", set())

    def _find_given(self, parts: Sequence[str]) -> Any:
        section: Any = self.config
        for part in [*parts, "config"]:
            section = section.get(part) if isinstance(section, dict) else None
        return section

    def _read_step(self, step: Step) -> None:
        given = self._find_given(step.config_path)
        kind = step.computation.get_config_class()
        path = ".".join([*step.config_path, "config"])
        if kind is None:
            step.config = replace_variables(given)
            return
        has_default = any(p.has_default and p.annotation is kind for p in step.computation.signature.parameters)
        if given is None and has_default:
            step.config = None
        else:
            step.config = self.read_object(kind, given, path)

    def read_object(self, kind: Any, value: Any, path: str) -> Any:
        """The config object; None where something is wrong with it."""
        count = len(self.problems)
        if isinstance(value, kind):
            return value
        if value is not None and not isinstance(value, dict):
            self.add(path, f"must be an object, not {show(value)}")
        elif is_pydantic_class(kind):
            return self._make(kind, resolve_variables(value or {}), path)
        else:
            self._check_model(kind, value or {}, path)
        if len(self.problems) > count:
            return None
        return self._make(kind, replace_variables(value), path)

    def _make(self, kind: Any, value: Any, path: str) -> Any:
        try:
            return make_config(kind, value, path)
        except Exception as error:  # noqa: BLE001 -- pydantic and the user's own validation may raise anything
            found = getattr(error, "errors", None)
            details = list(found()) if callable(found) else []
            for detail in details:
                parts = ".".join(str(part) for part in detail.get("loc", ()))
                self.add(f"{path}.{parts}" if parts else path, str(detail.get("msg")))
            if not details:
                self.add(path, str(error), getattr(error, "hint", None))
            return None

    def _check_model(self, kind: Any, value: dict[str, Any], path: str, *, partial: bool = False) -> None:
        fields = kind._atoll_fields  # noqa: SLF001 -- ours
        for name in value:
            if name not in fields:
                self._add_unknown(f"{path}.{name}", f"{kind.__name__} has no field", name, fields)
        for name, field in fields.items():
            if name in value:
                self._check_value(field.resolve(), value[name], f"{path}.{name}")
            elif not field.has_default and not partial:
                self.add(f"{path}.{name}", f"{kind.__name__} needs a value")

    def _check_value(self, annotation: Any, value: Any, path: str) -> None:
        annotation, _ = strip_annotation(annotation)
        variable = read_variable(value)
        if variable is not None:
            value = convert_value(annotation, variable)
        if isinstance(value, dict):
            models = [m for m in split_union(annotation) or (annotation,) if hasattr(m, "_atoll_fields")]
            if len(models) == 1:
                self._check_model(models[0], value, path)
                return
        if is_enum(annotation) and any(value in (member.value, member.name) for member in annotation):
            return
        origin = getattr(annotation, "__origin__", None)
        arguments: tuple[Any, ...] = getattr(annotation, "__args__", None) or ()
        if isinstance(value, (list, tuple)) and origin in (list, set, frozenset) and len(arguments) == 1:
            for position, item in enumerate(value):
                self._check_value(arguments[0], item, f"{path}[{position}]")
            return
        if isinstance(value, dict) and origin is dict and len(arguments) == _PAIR:
            for name, item in value.items():
                self._check_value(arguments[1], item, f"{path}.{name}")
            return
        expected = find_mismatch(tuple(value) if isinstance(value, list) and origin is tuple else value, annotation)
        if expected is not None:
            self.add(path, f"must be {expected}, not {show(value)}")

    def read_resources(self, values: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
        """The resources with what the configuration changes of them; `known` are the names of all there are."""
        names = list(known)
        changed = dict(values)
        for name, entry in self._get_section("resources").items():
            path = f"resources.{name}"
            if name not in names:
                self._add_unknown(path, "there is no resource", name, names)
            elif not isinstance(entry, dict) or set(entry) - {"config"}:
                self.add(path, f"must be an object with 'config', not {show(entry)}")
            elif name in values:
                changed[name] = self._configure(values[name], entry.get("config"), f"{path}.config")
        return changed

    def _configure(self, value: Any, config: Any, path: str) -> Any:
        if isinstance(value, ResourceDefinition):
            return value.with_config(replace_variables(config))
        if not isinstance(config, dict):
            self.add(path, f"must be an object, not {show(config)}")
            return value
        count = len(self.problems)
        if isinstance(value, Model):
            self._check_model(type(value), config, path, partial=True)
            if len(self.problems) > count:
                return value
            return self._remake(lambda: value.copy_with(**replace_variables(config)), value, path)
        if is_config_class(type(value)):
            from .._plain import get_fields

            fields = {**(get_fields(value) or {}), **resolve_variables(config)}
            return self._make(type(value), fields, path) or value
        self.add(path, "this resource takes no configuration", f"it is {show(value)}")
        return value

    def _remake(self, make: Any, value: Any, path: str) -> Any:
        try:
            return make()
        except Exception as error:  # noqa: BLE001 -- the user's own constructor may raise anything
            self.add(path, str(error), getattr(error, "hint", None))
            return value

    def check_variables(self, value: Any, path: str, names: set[str]) -> list[str]:
        """Check that every environment variable in a value is set; the values of those that are secret."""
        secrets = []
        for where, variable in iterate_variables(value, path):
            try:
                found = variable.get_value()
            except ValueError as error:
                self.add(where, str(error), kind="unset_variable")
                continue
            if found is None:
                if where not in names:
                    names.add(where)
                    message = f"environment variable {variable.env_var_name} is not set"
                    self.add(where, message, f"set it: export {variable.env_var_name}=…", "unset_variable")
            else:
                secrets += list_secrets(where, variable.env_var_name, str(found))
        return secrets


def list_secrets(path: str, variable: str, value: str) -> list[str]:
    """What of a variable's value is secret: all where a name looks so, else the password of an address in it."""
    from .._plain import looks_secret

    if looks_secret(variable) or looks_secret(path.rpartition(".")[2]):
        return [value]
    _, separator, rest = value.partition("://")
    credentials, at, _ = rest.partition("@")
    _, colon, password = credentials.partition(":")
    return [password] if separator and at and colon and "/" not in credentials else []


def iterate_variables(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """(path, variable) of the environment variables in a value, at any depth."""
    if isinstance(value, (EnvVar, IntEnvVar)):
        yield path, value
    elif isinstance(value, Model):
        for name, inner in value._atoll_values.items():  # noqa: SLF001 -- ours
            yield from iterate_variables(inner, f"{path}.{name}")
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from iterate_variables(inner, f"{path}.{name}")
    elif isinstance(value, (list, tuple)):
        for position, inner in enumerate(value):
            yield from iterate_variables(inner, f"{path}[{position}]")


def read_variable(value: Any) -> EnvVar | None:
    """`{"env": "NAME"}` as a variable; None for anything else."""
    if isinstance(value, dict) and len(value) == 1 and isinstance(value.get("env"), str) and value["env"]:
        return ConfigVariable(value["env"])
    return None


def replace_variables(value: Any) -> Any:
    """The value with each `{"env": "NAME"}` as an `EnvVar`."""
    variable = read_variable(value)
    if variable is not None:
        return variable
    if type(value) is dict:
        return {name: replace_variables(item) for name, item in value.items()}
    return [replace_variables(item) for item in value] if type(value) is list else value


def resolve_variables(value: Any) -> Any:
    """The value with each `{"env": "NAME"}` and `EnvVar` as what the variable has now."""
    variable = value if isinstance(value, (EnvVar, IntEnvVar)) else read_variable(value)
    if variable is not None:
        return variable.get_value()
    if type(value) is dict:
        return {name: resolve_variables(item) for name, item in value.items()}
    return [resolve_variables(item) for item in value] if type(value) is list else value
