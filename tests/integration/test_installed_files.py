"""Code that writes into an installed file changes its own environment, and nobody else's."""

from __future__ import annotations

import json
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="platform: what is said of links is of POSIX")

GOOD = """\
# /// script
# requires-python = ">=3.8"
# dependencies = ["six"]
# ///
import os

import atoll
import six


@atoll.asset(description=f"{six.__version__} {os.stat(six.__file__).st_mode:o} {len(open(six.__file__).read())}")
def good():
    return 1


defs = atoll.Definitions(assets=[good])
"""
HEAD = """\
# /// script
# requires-python = ">=3.8"
# dependencies = ["six"]
# ///
import os
import atoll
import six
defs = atoll.Definitions()
FILE = six.__file__
"""
WAYS = {
    "appends": "with open(FILE, 'a') as file: file.write('\\nraise RuntimeError')",
    "replaces_the_text": "__import__('pathlib').Path(FILE).write_text('raise RuntimeError')",
    "opens_by_descriptor": "os.write(os.open(FILE, os.O_WRONLY | os.O_TRUNC), b'raise RuntimeError')",
    "opens_by_bytes": "open(os.fsencode(FILE), 'r+b').write(b'raise RuntimeError#')",
    "truncates": "os.truncate(FILE, 0)",
    "maps": "file = open(FILE, 'r+b')\nmapped = __import__('mmap').mmap(file.fileno(), 0)\nmapped[:20] = b'raise RuntimeError#\\n'\nmapped.flush()",
    "copies_over_it": "__import__('shutil').copyfile(__file__, FILE)",
    "takes_rights_away": "os.chmod(FILE, 0)",
    "goes_by_a_link": "link = __import__('tempfile').mkdtemp() + '/link'\nos.symlink(FILE, link)\nopen(link, 'w').write('raise RuntimeError')",
    "goes_by_a_relative_path": "os.chdir(os.path.dirname(FILE))\nopen('six.py', 'w').write('raise RuntimeError')",
    "writes_in_a_child": "if os.fork() == 0:\n    open(FILE, 'w').write('raise RuntimeError')\n    os._exit(0)\nos.wait()",
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A workspace whose environments share the files of a cache of their own."""
    from command_line import Folder

    folder = Folder(tmp_path_factory.mktemp("shared"))
    names = ["good", *WAYS]
    entries = "".join(f"  - python_file: {name}.py\n" for name in names)
    texts = {name: HEAD + WAYS[name] + "\n" if name in WAYS else GOOD for name in names}
    folder.write({"workspace.yaml": f"load_from:\n{entries}", **{f"{name}.py": text for name, text in texts.items()}})
    return folder


def variables(folder):
    return {"UV_CACHE_DIR": str(folder.path / "cache"), "UV_LINK_MODE": "hardlink"}


def row(outcome):
    (found,) = [row for row in outcome.json()["data"] if row["name"] == "good"]
    return json.dumps({key: value for key, value in found.items() if key not in {"seconds", "loaded_at"}})


def six_of(folder, name):
    return next((folder.path / ".atoll/envs" / name).glob("*/lib/**/site-packages/six.py"))


def test_whoever_writes_into_an_installed_file_costs_nobody_else_anything(shared):
    given = variables(shared)
    # One first: several at once would each unpack the package.
    shared.run("sync", "good", variables=given).ended(0)
    shared.run("sync", variables=given).ended(0)
    (cached,) = (shared.path / "cache").glob("archive-v*/**/six.py")
    before, mode = cached.read_bytes(), cached.stat().st_mode
    assert six_of(shared, "good").samefile(cached)
    assert six_of(shared, "appends").samefile(cached)
    alone = row(shared.run("list", "--json", variables=given))
    # Whoever had written into the shared file would show now.
    again = shared.run("list", "--json", variables=given)
    assert row(again) == alone
    assert (cached.read_bytes(), cached.stat().st_mode) == (before, mode)
    assert six_of(shared, "good").samefile(cached)
    for name in WAYS:
        own = six_of(shared, name)
        assert not own.samefile(cached), name
        assert (own.stat().st_mode, own.stat().st_size) != (mode, len(before)) or own.read_bytes() != before, name
        assert [path.name for path in own.parent.glob("six.py*")] == ["six.py"]


def test_a_rebuilt_environment_has_the_files_as_they_were(shared):
    given = variables(shared)
    shared.run("sync", variables=given).ended(0)
    shared.run("list", variables=given)
    shared.run("sync", "appends", "--rebuild", variables=given).ended(0)
    code = "import six; print(six.__version__)"
    assert "1." in shared.run("exec", "appends", "--", "python", "-c", code, variables=given).ended(0).out
