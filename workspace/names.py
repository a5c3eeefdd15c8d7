"""Names of code locations and of definitions: which are valid, why others are not, and what to use instead."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
import unicodedata
from dataclasses import dataclass

from atoll_host.envs.errors import UsageError

_LOCATION = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?")
_LONGEST = 80
"""Characters. A location's name is a folder's name, with a fingerprint's folder and site-packages below it."""
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
"""What Windows keeps for devices, whatever the extension
(https://learn.microsoft.com/windows/win32/fileio/naming-a-file)."""
_OTHER_STANDARD_MODULES = frozenset(
    {
        "aifc",
        "asynchat",
        "asyncore",
        "audioop",
        "binhex",
        "cgi",
        "cgitb",
        "chunk",
        "crypt",
        "distutils",
        "formatter",
        "imghdr",
        "imp",
        "lib2to3",
        "mailcap",
        "msilib",
        "nis",
        "nntplib",
        "ossaudiodev",
        "parser",
        "pipes",
        "smtpd",
        "sndhdr",
        "spwd",
        "sunau",
        "symbol",
        "telnetlib",
        "uu",
        "xdrlib",
        "annotationlib",
        "compression",
    }
)
"""Modules of the standard library of other Pythons from 3.8 on, which a location may well run on."""
_OUR_PACKAGES = frozenset({"atoll", "atoll_host"})
_PROJECT_FOLDERS = frozenset({"src", "test", "tests"})
_SDK_NAMES = frozenset(
    {
        "Definitions",
        "asset",
        "asset_check",
        "asset_sensor",
        "atoll",
        "context",
        "definitions",
        "defs",
        "graph",
        "job",
        "multi_asset",
        "op",
        "resource",
        "run_failure_sensor",
        "run_status_sensor",
        "schedule",
        "sensor",
    }
)
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "Oe", "ł": "l", "Ł": "L"}
)


@dataclass(frozen=True, slots=True)
class NameFault:
    """Why a name can't be used.

    Attributes:
        message: one sentence.
        hint: what to use instead.
        suggestion: a valid name near the one that was given.
    """

    message: str
    hint: str
    suggestion: str

    def to_error(self) -> UsageError:
        """Give the exception for a name that was typed on the command line."""
        return UsageError(self.message, hint=self.hint, kind="invalid_name")


def find_location_fault(name: str) -> NameFault | None:
    """Check a location's name as a file states it.

    It becomes a folder's name and is typed on command lines and in selections, so that it has only ASCII letters,
    digits, `-`, `_` and `.`, and is no Python keyword (`and`, `or` and `not` are words of selections). A name that the
    standard library has too is fine here: nothing is imported by it.
    """
    why = _why_not_a_folder(name)
    if why is None and keyword.iskeyword(name):
        why = "is a word of Python's"
    return None if why is None else _location_fault(name, why)


def find_new_location_fault(name: str) -> NameFault | None:
    """Check a name that is being chosen for a location, and which a package may get its name from."""
    fault = find_location_fault(name)
    if fault is not None:
        return fault
    why = _why_not_a_new_name(name)
    return None if why is None else _location_fault(name, why)


def find_definition_fault(name: str, what: str = "asset") -> NameFault | None:
    """Check a name that is being chosen for a definition, which becomes a function's or a variable's.

    Args:
        name: what was asked for.
        what: `asset`, `check`, `job`, `schedule`, `sensor` or `resource`, for the message.
    """
    if not name:
        why = "is empty"
    elif not name.isascii():
        why = f"has {_describe_first(name)} in it"
    elif not name.isidentifier():
        why = "starts with a digit" if name[0].isdigit() and f"_{name}".isidentifier() else "is not a Python identifier"
    else:
        shadowed = _why_not_a_variable(name)
        if shadowed is None:
            return None
        why = shadowed
    suggestion = suggest_definition_name(name, what)
    return NameFault(
        f"{name!r} can't be the name of {_article(what)} {what}: it {why}",
        f"letters, digits and _ make a name; try {suggestion}",
        suggestion,
    )


def check_new_location_name(name: str) -> None:
    """Refuse a name that can't be a new location's.

    Raises:
        UsageError: with a hint that proposes another.
    """
    fault = find_new_location_fault(name)
    if fault is not None:
        raise fault.to_error()


def check_definition_name(name: str, what: str = "asset") -> None:
    """Refuse a name that can't be a new definition's.

    Raises:
        UsageError: with a hint that proposes another.
    """
    fault = find_definition_fault(name, what)
    if fault is not None:
        raise fault.to_error()


def make_package_name(location: str) -> str:
    """Give the name of the package that a new location of this name has."""
    return re.sub(r"[-.]+", "_", location).lower()


def suggest_location_name(name: str) -> str:
    """Give a valid name for a location near the one that was wanted."""
    plain = re.sub(r"[^A-Za-z0-9_.]+", "-", _to_ascii(name)).strip("-.")
    plain = re.sub(r"\.{2,}", ".", plain)[:_LONGEST].strip("-.") or "location"
    if plain[0].isdigit():
        plain = f"location-{plain}"
    if _DEVICES.fullmatch(plain):
        plain = f"location-{plain}"
    return f"{plain}-data" if _why_not_a_new_name(plain) else plain


def suggest_definition_name(name: str, what: str = "asset") -> str:
    """Give a valid name for a definition near the one that was wanted."""
    plain = re.sub(r"[^A-Za-z0-9]+", "_", _to_ascii(name)).strip("_").lower() or f"my_{what}"
    if plain[0].isdigit():
        plain = f"{what}_{plain}"
    return f"{plain}_{what}" if _why_not_a_variable(plain) else plain


def _location_fault(name: str, why: str) -> NameFault:
    suggestion = suggest_location_name(name)
    return NameFault(
        f"{name!r} can't be the name of a location: it {why}",
        f"letters, digits, -, _ and . make a name; try {suggestion}",
        suggestion,
    )


def _why_not_a_folder(name: str) -> str | None:
    if not name:
        return "is empty"
    if not name.isascii():
        return f"has {_describe_first(name)} in it"
    for character, word in ((" ", "a space"), ("/", "a /"), ("\\", "a backslash")):
        if character in name:
            return f"has {word} in it"
    if name[0] in ".-":
        return f"starts with a {'dot' if name[0] == '.' else 'hyphen'}"
    if not _LOCATION.fullmatch(name):
        odd = next((character for character in name if not re.fullmatch(r"[A-Za-z0-9._-]", character)), None)
        return f"has {odd!r} in it" if odd else f"ends with a {'dot' if name[-1] == '.' else 'hyphen'}"
    if ".." in name:
        return "has two dots in a row"
    if len(name) > _LONGEST:
        return f"has {len(name)} characters, which is more than {_LONGEST}"
    return "is a device's name on Windows" if _DEVICES.fullmatch(name) else None


def _why_not_a_new_name(name: str) -> str | None:
    return "is a word of Python's" if keyword.iskeyword(name) else _why_not_a_package(make_package_name(name))


def _why_not_a_package(package: str) -> str | None:
    if not package.isidentifier():
        return "starts with a digit, which a package can't"
    if keyword.iskeyword(package):
        return "is a word of Python's"
    if _is_standard_module(package):
        return f"would hide the module {package} of the standard library"
    if package in _OUR_PACKAGES:
        return f"would hide the package {package}, which locations import"
    return "is the name of a folder that every project has" if package in _PROJECT_FOLDERS else None


def _why_not_a_variable(name: str) -> str | None:
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        return "is a word of Python's"
    if hasattr(builtins, name):
        return f"would hide Python's own {name}"
    if _is_standard_module(name):
        return f"would hide the module {name} of the standard library"
    if name in _SDK_NAMES:
        return f"would hide {name}, which the code around it uses"
    return "starts with two underscores" if name.startswith("__") else None


def _is_standard_module(name: str) -> bool:
    return name in sys.stdlib_module_names or name in _OTHER_STANDARD_MODULES


def _to_ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text.translate(_LETTERS)).encode("ascii", "ignore").decode("ascii")


def _describe_first(text: str) -> str:
    odd = next(character for character in text if not character.isascii())
    if odd.isprintable() and odd.isalpha():
        return f"the letter {odd}"
    return f"the character {odd}" if odd.isprintable() else f"the character U+{ord(odd):04X}"


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"
