"""Thousands of files at once cause one reload or two, and the supervisor answers afterwards as before."""

from __future__ import annotations

import subprocess
import time

from small_modules import module


def test_five_thousand_files_written_at_once_are_few_reloads(bench):
    bench.locate("a", "b").write({"a/defs.py": "from pack.m0 import *\n", "b/defs.py": module("other")})
    bench.write({f"a/pack/m{number}.py": module("one") for number in range(5000)})
    bench.write(
        {
            "a/pack/__init__.py": "import glob, pathlib\nfor f in sorted(pathlib.Path(__file__).parent.glob('m*.py')):\n    f.read_text()\n"
        }
    )
    bench.start()
    before = len(bench.history("a"))
    bench.write({f"a/pack/m{number}.py": module("two") for number in range(5000)})
    bench.until_assets("a", "two")
    bench.quiet(0.5)
    bench.settle()
    assert len(bench.history("a")) - before <= 6
    assert len(bench.history("b")) == 1
    began = time.monotonic()
    bench.save("b/defs.py", module("another"))
    bench.until_assets("b", "another")
    assert time.monotonic() - began < 10


def test_a_checkout_that_replaces_folders_ends_with_what_is_there(bench):
    bench.locate("a").write(
        {
            "a/defs.py": "from pack.inner import *\n",
            "a/pack/__init__.py": "",
            "a/pack/inner.py": module("one"),
            ".gitignore": ".atoll\n__pycache__\n",
        }
    )

    def git(*words):
        command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *words]
        subprocess.run(command, cwd=bench.path, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    git("checkout", "-q", "-b", "other")
    git("mv", "a/pack", "a/parcel")
    bench.write({"a/defs.py": "from parcel.inner import *\n", "a/parcel/inner.py": module("two")})
    bench.write({f"a/parcel/more{number}.py": "x = 1\n" for number in range(300)})
    git("add", ".")
    git("commit", "-q", "-m", "two")
    bench.start()
    for _ in range(3):
        git("checkout", "-q", "main")
        bench.until_assets("a", "one")
        git("checkout", "-q", "other")
        bench.until_assets("a", "two")
    bench.save("a/parcel/inner.py", module("three"))
    bench.until_assets("a", "three")
