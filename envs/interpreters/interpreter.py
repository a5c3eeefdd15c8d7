"""A Python interpreter on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What an interpreter said of itself when it was probed.

    Attributes:
        executable: absolute path to start it with.
        version: release, such as `(3, 12, 1)`.
        version_text: with any pre-release suffix, such as `3.14.0rc1`.
        implementation: `cpython`, `pypy`, …
        prefix: `sys.prefix`.
        base_prefix: `sys.base_prefix`; differs from `prefix` in a virtual environment.
        base_executable: the interpreter that a virtual environment was made from; otherwise `executable`.
        platform: such as `linux-x86_64`.
        source: where it was found: `PATH`, `uv`, `pyenv`, `asdf`, `mise`, `executable_path`, `active environment`, …
        externally_managed: whether installing into it is forbidden by PEP 668.
        free_threaded: whether it was built without the global interpreter lock.
    """

    executable: str
    version: tuple[int, int, int]
    version_text: str
    implementation: str
    prefix: str
    base_prefix: str
    base_executable: str
    platform: str
    source: str
    externally_managed: bool = False
    free_threaded: bool = False

    @property
    def is_final(self) -> bool:
        """Whether it is a final release: no alpha, beta or release candidate."""
        return not any(character.isalpha() for character in self.version_text)

    @property
    def in_virtual_environment(self) -> bool:
        """Whether it belongs to a virtual environment that was made from another interpreter."""
        return self.prefix != self.base_prefix

    @property
    def minor(self) -> str:
        """The version without its patch level, such as `3.12`."""
        return f"{self.version[0]}.{self.version[1]}"

    def to_json(self) -> dict[str, Any]:
        """Give every attribute under its own name; the version as text."""
        return {
            "executable": self.executable,
            "version": self.version_text,
            "implementation": self.implementation,
            "prefix": self.prefix,
            "base_prefix": self.base_prefix,
            "base_executable": self.base_executable,
            "platform": self.platform,
            "source": self.source,
            "externally_managed": self.externally_managed,
            "free_threaded": self.free_threaded,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            KeyError, ValueError: the data is not of that shape.
        """
        text = str(data["version"])
        digits = "".join(character if character.isdigit() or character == "." else " " for character in text).split()
        major, minor, patch = (int(part) for part in digits[0].split(".")[:3])
        return cls(
            executable=str(data["executable"]),
            version=(major, minor, patch),
            version_text=text,
            implementation=str(data["implementation"]),
            prefix=str(data["prefix"]),
            base_prefix=str(data["base_prefix"]),
            base_executable=str(data["base_executable"]),
            platform=str(data["platform"]),
            source=str(data["source"]),
            externally_managed=bool(data["externally_managed"]),
            free_threaded=bool(data.get("free_threaded", False)),
        )
