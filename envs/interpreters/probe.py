"""Say what the interpreter that runs this file is, as one line of JSON behind a marker.

Started by path as `python -E -s -S -B probe.py`: without `site`, nobody's `sitecustomize`, `.pth` files or user site can
fail or print. (`-I` would say most of that in one flag, but Python 2 does not know it.) Parses on Python 2.7 and later, so
that an interpreter which is too old for code locations can still be listed with its version.

The line is `atoll-interpreter: {...}`, with the keys

    version, implementation, prefix, base_prefix, executable, base_executable, platform: text
    externally_managed, free_threaded: booleans

`executable` is what the interpreter calls itself, which differs from the path it was started by where that was a shim.
Other programs may write to the same stream before and after; the last line with the marker counts.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# (Python 2 has no annotations.)

import sys

MARKER = "atoll-interpreter: "


def version_text():
    """Spell `sys.version_info` as PEP 440 does: `3.12.1`, `3.14.0rc1`."""
    info = sys.version_info
    text = "%d.%d.%d" % (info[0], info[1], info[2])
    suffix = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(info[3])
    return text if suffix is None else "%s%s%d" % (text, suffix, info[4])


def virtual_environment(os):
    """Find the `pyvenv.cfg` that belongs to this interpreter: its folder and its settings, or None.

    `site` does this before Python 3.14, and `site` is switched off here.
    """
    if not sys.executable:
        return None
    beside = os.path.dirname(os.path.abspath(sys.executable))
    for folder in (os.path.dirname(beside), beside):
        try:
            with open(os.path.join(folder, "pyvenv.cfg"), "rb") as file:
                text = file.read().decode("utf-8", "replace")
        except (IOError, OSError):
            continue
        pairs = [line.partition("=") for line in text.splitlines()]
        settings = dict((name.strip().lower(), value.strip()) for name, equals, value in pairs if equals)
        if "home" in settings:
            return folder, settings
    return None


def names():
    """Give the file names that this interpreter may have, the most particular one first."""
    implementation = getattr(getattr(sys, "implementation", None), "name", "cpython")
    stem = "pypy" if implementation == "pypy" else "python"
    ends = ("%d.%d" % sys.version_info[:2], "%d" % sys.version_info[0], "")
    suffix = ".exe" if sys.platform == "win32" else ""
    return [stem + end + suffix for end in ends]


def base_executable(os, settings):
    """Find the interpreter that a virtual environment was made from; None where it is gone."""
    for name in ("base-executable", "executable"):
        if settings.get(name) and os.path.isfile(settings[name]):
            return settings[name]
    for name in names():
        path = os.path.join(settings["home"], name)
        if os.path.isfile(path):
            return path
    return None


def describe():
    """Collect everything."""
    import os
    import sysconfig

    executable = sys.executable or ""
    prefix = sys.prefix
    base_prefix = getattr(sys, "base_prefix", sys.prefix)
    base = getattr(sys, "_base_executable", None) or executable
    found = virtual_environment(os)
    if found is not None:
        prefix = found[0]
        base = base_executable(os, found[1]) or os.path.realpath(executable)
    elif prefix != base_prefix:
        base = os.path.realpath(base)
    stdlib = sysconfig.get_path("stdlib") or os.path.dirname(os.__file__)
    managed = prefix == base_prefix and os.path.isfile(os.path.join(stdlib, "EXTERNALLY-MANAGED"))
    return {
        "version": version_text(),
        "implementation": getattr(getattr(sys, "implementation", None), "name", "cpython"),
        "prefix": prefix,
        "base_prefix": base_prefix,
        "executable": executable,
        "base_executable": base,
        "platform": sysconfig.get_platform(),
        "externally_managed": managed,
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    }


def main():
    """Print the description on a line of its own."""
    # The folder of this file comes first on sys.path and holds modules that are none of the interpreter's.
    del sys.path[0]
    import json

    sys.stdout.write("\n" + MARKER + json.dumps(describe()) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
