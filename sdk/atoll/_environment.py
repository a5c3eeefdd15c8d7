"""Environment variables, named where a value is declared and read where it is used."""

from __future__ import annotations

from ._arguments import show
from ._errors import DefinitionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self


def _check_variable(name: Any) -> str:
    if not isinstance(name, str) or not name or "=" in name or "\0" in name or any(c.isspace() for c in name):
        raise DefinitionError(f"EnvVar needs the name of an environment variable, not {show(name)}")
    return name


class EnvVar(str):
    """The value that an environment variable has when it is used; declaring reads nothing.

    A str only so that type checkers take it wherever a string is expected: turning it into text is an error.
    """

    __slots__ = ()

    def __new__(cls, name: str) -> Self:
        return super().__new__(cls, _check_variable(name))

    @classmethod
    def int(cls, name: str) -> IntEnvVar:
        """A variable whose value is a whole number."""
        return IntEnvVar(name)

    @property
    def env_var_name(self) -> str:
        return str.__str__(self)

    def get_value(self, default: str | None = None) -> str | None:
        """The variable's value now, or `default` where it is not set."""
        import os

        return os.environ.get(self.env_var_name, default)

    def __repr__(self) -> str:
        return f"EnvVar({self.env_var_name!r})"

    def __str__(self) -> str:
        raise RuntimeError(f"{self!r} is read when a resource uses it; for its value now, call get_value()")

    def __format__(self, specification: str) -> str:
        return str(self)


class ConfigVariable(EnvVar):
    """A variable that a run's configuration names (`{"env": NAME}`): text, or a whole number where one is wanted."""

    __slots__ = ()


class IntEnvVar(int):
    """The whole number that an environment variable holds when it is used. Made by `EnvVar.int`."""

    env_var_name: str

    def __new__(cls, name: str) -> Self:
        self = super().__new__(cls, 0)
        self.env_var_name = _check_variable(name)
        return self

    def get_value(self, default: int | None = None) -> int | None:
        """The variable's value now, or `default` where it is not set.

        Raises:
            ValueError: the value is no whole number.
        """
        import os

        text = os.environ.get(self.env_var_name)
        if text is None:
            return default
        try:
            return int(text)
        except ValueError:
            raise ValueError(f"environment variable {self.env_var_name} must be a whole number") from None

    def __repr__(self) -> str:
        return f"EnvVar.int({self.env_var_name!r})"

    def __str__(self) -> str:
        raise RuntimeError(f"{self!r} is read when a resource uses it; for its value now, call get_value()")

    __int__ = __index__ = __str__  # type: ignore[assignment]  # none of the three returns anything


def resolve_variable(variable: EnvVar | IntEnvVar, what: str) -> Any:
    """The value of a variable that must be set.

    Raises:
        LookupError: it is not.
    """
    value = variable.get_value()
    if value is None:
        raise LookupError(f"{what} needs the environment variable {variable.env_var_name}, which is not set")
    return value
