"""What uv and pip say when they fail, turned into a problem that a person can act on.

uv writes `error: …`, then its causes (`  cause: …`), then `hint: …`; the resolver's explanation is one of the causes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atoll_host.envs.errors import EnvironmentFailedError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from atoll_host.envs.processes import Completed

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_REQUIREMENT = rf"({_NAME}(?:\[[^\]]*\])?(?:[=<>!~]=?=?[^\s,]+(?:,[=<>!~]=?[^\s,]+)*)?)"
_DIRECT = re.compile(rf"(?:your project|\byou|{_NAME})(?:\[[^\]]*\]|:\S+)? (?:depends on|requires?) {_REQUIREMENT}")
_SUBJECT = re.compile(r"your (?:project|workspace|script)|\byou\b")
_TOML_POSITION = re.compile(r"TOML parse error at line (\d+), column (\d+)")
_PARSED_FILE = re.compile(r"[Ff]ailed to parse:? `?([^`\n]+?)`?(?:\n|$| during)")
_REQUIREMENTS_FILE = re.compile(r"(?:in|file) `([^`]+)` at position (\d+)")
_BUILD_LINES = 25


@dataclass(frozen=True, slots=True)
class Context:
    """What was being built.

    Attributes:
        location: its name.
        file: the file that declares what is wanted, absolute.
        lock: its lock, absolute; None where there is none.
        directory: where the tool ran; its relative paths start there.
        first_line: line of `file` before the first line of what the tool parsed (inline metadata of a script).
    """

    location: str
    file: Path
    directory: Path
    lock: Path | None = None
    first_line: int = 0


def failed(completed: Completed, context: Context) -> EnvironmentFailedError:
    """Make the error for a run of uv or pip that failed."""
    return EnvironmentFailedError.of((explain(completed, context),))


def explain(completed: Completed, context: Context) -> Problem:
    """Say in one sentence what went wrong, with the tool's own explanation as detail."""
    said = completed.stderr.strip() or completed.stdout.strip()
    text = _error_part(said)
    if completed.returncode < 0 and not text.startswith("error:"):
        return Problem(
            "environment",
            f"building the environment of {context.location} was ended by signal {-completed.returncode}",
            "run the command again",
            detail=_tail(said) or None,
        )
    flat = " ".join(text.split())  # long lines are wrapped
    for pattern, make in _RULES:
        if re.search(pattern, flat):
            problem = make(text, context)
            break
    else:
        problem = _other(text, context)
    return problem.replaced(detail=problem.detail or _readable(text)) if problem.detail != "" else problem


def _error_part(said: str) -> str:
    start = re.search(r"^(?:error|ERROR): ", said, re.MULTILINE)
    return said[start.start() :] if start else said


def _readable(text: str) -> str:
    """Take away the marks and the hanging indentation of uv's causes."""
    body = re.split(r"\n\s*\nhint: ", text)[0]
    lines = [re.sub(r"^(?:error: |  cause: | {9})", "", line) for line in body.splitlines()]
    return "\n".join(lines).strip()


def _tail(text: str, count: int = _BUILD_LINES) -> str:
    return "\n".join(text.strip().splitlines()[-count:])


def _first(text: str) -> str:
    line = _readable(text).split("\n", 1)[0] if text else ""
    return line.rstrip(".").replace("`", "") or "it said nothing"


def find_line(file: Path, name: str) -> int | None:
    """Find the line of a file that names a package."""
    spelling = re.sub(r"[-_.]+", "[-_.]+", name)
    pattern = re.compile(rf"(?:^|[\s\"'#]){spelling}(?![\w.-]*\w)", re.IGNORECASE)
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    likely = [number for number, line in enumerate(lines, 1) if pattern.search(line) and not line.startswith("name")]
    return likely[0] if likely else None


def _disk_full(text: str, context: Context) -> Problem:
    return disk_full(context.location, _readable(text))


def disk_full(location: str, detail: str | None = None) -> Problem:
    """Make the problem of a disk that is full."""
    return Problem(
        "disk_full",
        f"no space is left on the disk for the environment of {location}; the one before is unchanged",
        "free some space (atoll clean removes unused environments, uv cache prune unused downloads), then sync again",
        detail=detail,
    )


def _malformed(text: str, context: Context) -> Problem:
    position = _TOML_POSITION.search(text)
    named = _PARSED_FILE.search(text)
    file = context.directory / named[1] if named else context.file
    line, column = (int(position[1]), int(position[2])) if position else (None, None)
    if line is not None and file == context.file:
        line += context.first_line
        column = None if context.first_line else column
    hint = "correct the line"
    if file.name.endswith(".lock"):
        hint = "take the file back from version control, or remove it and run atoll lock"
    what = _readable(text).splitlines()[-1].strip().replace("`", "").rstrip(".")
    return Problem("configuration", f"{file.name} is malformed: {what}", hint, str(file), line, column)


def _bad_requirement(text: str, context: Context) -> Problem:
    found = _REQUIREMENTS_FILE.search(text)
    file = context.directory / found[1] if found else context.file
    line = None
    if found:
        try:
            before = file.read_bytes()[: int(found[2])]
        except OSError:
            before = b""
        line = before.count(b"\n") + 1
    included = re.search(r"file `([^`]+)`: No such file", " ".join(text.split()))
    if included:
        message = f"{file.name} includes {Path(included[1]).name}, which is not there"
    else:
        causes = [one for one in _readable(text).splitlines()[1:] if one.strip()]
        message = f"{file.name} has a line that is no requirement: {causes[0].strip() if causes else _first(text)}"
    return Problem("configuration", message, "correct the line", str(file), line)


def _lock_missing(_: str, context: Context) -> Problem:
    name = context.lock.name if context.lock else "the lock"
    file = str(context.lock) if context.lock else None
    return Problem(
        "lock_missing", f"{name} of {context.location} is not there", f"run: atoll lock {context.location}", file=file
    )


def _lock_stale(_: str, context: Context) -> Problem:
    name = context.lock.name if context.lock else "the lock"
    return Problem(
        "lock_stale",
        f"{name} of {context.location} does not fit {context.file.name} any more",
        f"run: atoll lock {context.location} (or sync without --locked)",
        file=str(context.lock) if context.lock else None,
    )


def _hash_mismatch(text: str, context: Context) -> Problem:
    text = " ".join(text.split())
    found = re.search(r"[Hh]ash mismatch for `([^`]+)`", text)
    what = found[1] if found else "a package"
    return Problem(
        "hash_mismatch",
        f"what was downloaded for {what} is not what {context.lock.name if context.lock else 'was asked for'} "
        f"records, so {context.location} was not built",
        "find out who changed it: the index, a proxy on the way, or the lock; atoll lock records the file anew",
        file=str(context.lock) if context.lock else None,
    )


def _network(text: str, context: Context) -> Problem:
    text = " ".join(text.split())
    offline = "network was disabled" in text or "network connectivity is disabled" in text
    where = re.search(r"https?://([^/\s`)]+)", text)
    package = re.search(rf"({_NAME}) was not found in the cache", text)
    if offline:
        what = package[1] if package else "a package"
        message = f"{what} is not in the cache and the network is off, so {context.location} cannot be built"
        hint = "sync once with the network on (UV_OFFLINE unset)"
    else:
        message = f"{where[1] if where else 'the package index'} cannot be reached, so {context.location} was not built"
        hint = "check the network, the proxy (HTTPS_PROXY) and the index (UV_INDEX_URL), then sync again"
    return Problem("network", message, hint)


def _refused(text: str, context: Context) -> Problem:
    text = " ".join(text.split())
    where = re.search(r"https?://(?:[^/\s`)@]*@)?([^/\s`)]+)", text)
    status = re.search(r"\b(401|403)\b", text)
    return Problem(
        "index_refused",
        f"the package index {where[1] if where else ''} refused us ({status[1] if status else 'no access'}), "
        f"so {context.location} was not built".replace("  ", " "),
        "give credentials: UV_INDEX_<NAME>_USERNAME and _PASSWORD, a netrc entry, or a keyring",
    )


def _not_found(text: str, context: Context) -> Problem:
    text = " ".join(text.split())
    found = re.search(
        rf"({_NAME}) was not found in the (?:package registry|provided package locations)|distribution found for (\S+)",
        text,
    )
    name = (found[1] or found[2]) if found else "a package"
    direct = {re.split(r"[\[=<>!~]", one)[0] for one in _DIRECT.findall(text)}
    line = find_line(context.file, name)
    wanted = "asks for" if name in direct or line else "needs"
    return Problem(
        "package_not_found",
        f"{context.location} {wanted} {name}, and the package index has no such package",
        "correct its name, or add the index that has it (UV_INDEX, [[tool.uv.index]])",
        str(context.file),
        line,
    )


def _no_version(text: str, context: Context) -> Problem:
    text = " ".join(text.split())
    found = re.search(rf"there (?:is|are) no versions? of {_REQUIREMENT}", text)
    what = found[1] if found else "a requirement"
    return Problem(
        "unsatisfiable",
        f"{context.location} asks for {what}, and there is no such version",
        "ask for a version that exists",
        str(context.file),
        find_line(context.file, re.split(r"[\[=<>!~]", what)[0]),
    )


def _unsatisfiable(text: str, context: Context) -> Problem:
    sentence = " ".join(_readable(text).split())
    names = list(dict.fromkeys(_conflicting_for_pip(sentence) or _conflicting(sentence, context)))
    if re.search(r"requested Python version|does not satisfy Python", sentence) and not names:
        message = f"the requirements of {context.location} do not fit its Python version"
    elif names:
        message = f"the requirements of {context.location} contradict each other: {', '.join(names)}"
    else:
        message = f"the requirements of {context.location} contradict each other"
    lines = [find_line(context.file, re.split(r"[\[=<>!~]", name)[0]) for name in names]
    return Problem(
        "unsatisfiable",
        message,
        "loosen or remove one of them; a package that cannot live beside the others gets a location of its own",
        str(context.file),
        next((line for line in lines if line), None),
    )


def _conflicting(sentence: str, context: Context) -> list[str]:
    """Name the location's own requirements in the resolver's explanation, without what it concludes from them."""
    first, *others = sentence.split("we can conclude that ")
    premises = " ".join([first, *(other.partition("And because ")[2] for other in others)])
    return [
        match[1].rstrip(".,")
        for match in _DIRECT.finditer(premises)
        if _SUBJECT.match(match[0]) or match[0].startswith(context.location)
    ]


def _conflicting_for_pip(sentence: str) -> list[str]:
    """Name the requirements that pip cannot install together; of a file's lines it only gives the numbers."""
    found = re.search(r"Cannot install (.+?) because these package versions", sentence)
    names = []
    for word in re.split(r", | and ", found[1]) if found else []:
        line = re.match(r"-r (.+) \(line (\d+)\)", word)
        try:
            names.append(Path(line[1]).read_text(encoding="utf-8").splitlines()[int(line[2]) - 1] if line else word)
        except (OSError, IndexError, UnicodeDecodeError):
            continue
    return names


def _build_failed(text: str, context: Context) -> Problem:
    found = re.search(r"Failed to (?:build|download and build|prepare)[^`\n]*`([^`]+)`", text)
    name = re.split(r"\s+@\s|==", found[1])[0] if found else "a package"
    output = text.split("[stderr]", 1)[-1] if "[stderr]" in text else text
    if "[stderr]" not in text and "[stdout]" in text:
        output = text.split("[stdout]", 1)[-1]
    output = re.split(r"\n\s*\nhint: ", output)[0]
    lines = [line.removeprefix("         ") for line in output.strip("\n").splitlines()]
    causes = [line.strip() for line in lines if line.strip()]
    detail = _tail("\n".join(lines))
    return Problem(
        "build_failed",
        f"{name}, which {context.location} needs, could not be built"
        + (f": {causes[-1][:160].rstrip('.')}" if causes else ""),
        "ask for a version of it that has a wheel for this Python, or install what its build needs",
        str(context.file),
        find_line(context.file, name),
        detail=detail,
    )


def _wrong_python(text: str, context: Context) -> Problem:
    return Problem(
        "environment",
        f"the Python that was chosen for {context.location} does not fit: {_first(text)}",
        "change requires-python, or the version in .python-version",
        str(context.file),
        find_line(context.file, "requires-python"),
    )


def _undefined(text: str, context: Context) -> Problem:
    found = re.search(r"(Extra|Group) `([^`]+)`", text)
    kind, name = (found[1].lower(), found[2]) if found else ("extra", "?")
    return Problem(
        "configuration",
        f"{context.location} is set to install the {kind} {name}, which {context.file.name} does not define",
        "define it there, or take it out of the location's settings",
        str(context.file),
    )


def _no_metadata(_: str, context: Context) -> Problem:
    return Problem(
        "configuration",
        f"{context.file.name} has no inline metadata that says which packages it needs",
        "begin it with a `# /// script` block that has dependencies = [], closed by `# ///`",
        str(context.file),
        1,
    )


def _other(text: str, context: Context) -> Problem:
    return Problem(
        "environment",
        f"the environment of {context.location} could not be built: {_first(text)}",
        "see the explanation; uv's own command shows more with -v",
        str(context.file),
    )


_RULES: tuple[tuple[str, Callable[[str, Context], Problem]], ...] = (
    (r"No space left on device|os error 28\)|os error 112\)|Errno 28", _disk_full),
    (r"Error parsing included file|Couldn't parse requirement|Invalid requirement:", _bad_requirement),
    (r"^error: (?:[Ff]ailed to parse|TOML parse error)", _malformed),
    (r"Unable to find lockfile", _lock_missing),
    (r"The lockfile at .* needs to be updated", _lock_stale),
    (r"Hash mismatch|hash mismatch|DO NOT MATCH THE HASHES", _hash_mismatch),
    (r"network was disabled|network connectivity is disabled", _network),
    (r"\b401 Unauthorized|\b403 Forbidden|\(401\b|\(403\b|status code: 40[13]|\b40[13] Client Error", _refused),
    (r"^error: Failed to (?:build|prepare|download and build)|The build backend returned an error", _build_failed),
    (r"was not found in the (?:package registry|provided package locations)", _not_found),
    (r"Failed to fetch|Request failed after|error sending request|dns error|tcp connect|timed out", _network),
    (r"Failed to establish a new connection|NewConnectionError|ConnectTimeoutError", _network),
    (r"there (?:is|are) no versions? of \S+ and (?:your project|you) ", _no_version),
    (r"No solution found|ResolutionImpossible", _unsatisfiable),
    (r"No matching distribution found for", _not_found),
    (r"incompatible with the (?:project|script)'s Python requirement", _wrong_python),
    (r"^error: (?:Extra|Group) `", _undefined),
    (r"does not contain a PEP 723 metadata tag", _no_metadata),
)
