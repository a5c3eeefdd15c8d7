"""What is saved is loaded: that location alone, its newest content, and nothing where nothing changed."""

from __future__ import annotations

import json
import os
import random
import shutil
import time

import pytest
from small_modules import module

SLOW = "import time\ntime.sleep(0.6)\n"


def test_a_saved_file_reloads_its_location_alone(bench):
    bench.locate("a", "b").write({"a/defs.py": module("one"), "b/defs.py": module("other")})
    bench.start()
    bench.save("a/defs.py", module("one", "two"))
    bench.until_assets("a", "one", "two")
    assert bench.history("a") == [("start", "loaded"), ("saved a/defs.py", "loaded")]
    assert bench.history("b") == [("start", "loaded")]
    latest = bench.state("a").history[0]
    assert latest.delay is not None
    assert latest.delay < 30


def test_a_file_written_in_place_is_noticed(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start()
    bench.write({"a/defs.py": module("two")})
    bench.until_assets("a", "two")
    assert bench.history("a")[1:] == [("saved a/defs.py", "loaded")]


def test_a_touch_and_equal_content_reload_nothing(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start()
    os.utime(bench.path / "a/defs.py")
    bench.save("a/defs.py", module("one"))
    bench.write({"a/defs.py": module("one")})
    assert bench.quiet() == 1


def test_an_edit_of_equal_size_within_the_same_moment_is_noticed(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start()
    for name in ("two", "six", "ten"):
        before = (bench.path / "a/defs.py").stat()
        bench.save("a/defs.py", module(name))
        os.utime(bench.path / "a/defs.py", ns=(before.st_atime_ns, before.st_mtime_ns))
        bench.until_assets("a", name)


def test_a_module_that_is_imported_is_watched(bench):
    bench.locate("a").write({"a/defs.py": "from helper import *\n", "a/helper.py": module("one")})
    bench.start()
    bench.save("a/helper.py", module("two"))
    bench.until_assets("a", "two")
    assert bench.history("a")[-1] == ("saved a/helper.py", "loaded")


def test_after_a_failed_first_load_a_missing_module_mends_it(bench):
    bench.locate("a").write({"a/defs.py": "from helper import *\n"})
    bench.start()
    assert bench.state("a").word == "failed"
    bench.save("a/helper.py", module("one"))
    bench.until_assets("a", "one")
    assert bench.state("a").word == "loaded"


def test_a_broken_save_keeps_the_last_definitions_as_stale_and_mending_it_brings_it_back(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start()
    bench.save("a/defs.py", "import atoll\n)")
    bench.until(lambda: bench.state("a").word == "stale")
    assert bench.assets("a") == ["one"]
    assert bench.state("a").as_of is not None
    (problem,) = bench.state("a").report.problems
    assert problem.line == 2
    bench.save("a/defs.py", module("two"))
    bench.until_assets("a", "two")
    assert bench.state("a").word == "loaded"


def test_a_save_while_it_loads_supersedes_that_load(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start()
    bench.save("a/defs.py", module("old", before=SLOW))
    bench.until(lambda: bench.state("a").activity == "loading")
    bench.save("a/defs.py", module("new"))
    bench.until_assets("a", "new")
    assert len(bench.history("a")) == 2


def test_a_file_that_several_locations_share_reloads_all_of_them(bench):
    bench.locate("a", "b", "c").write({"shared/common.py": "NAME = 'one'\n", "c/defs.py": module("alone")})
    path = f"import sys\nsys.path.insert(0, {str(bench.path / 'shared')!r})\n"
    made = "from common import NAME\nimport atoll\nx = atoll.AssetSpec(NAME + '_{}')\ndefs = atoll.Definitions(assets=[x])\n"
    bench.write({"a/defs.py": path + made.format("a"), "b/defs.py": path + made.format("b")})
    bench.start()
    bench.save("shared/common.py", "NAME = 'two'\n")
    bench.until_assets("a", "two_a")
    bench.until_assets("b", "two_b")
    assert len(bench.history("c")) == 1


def test_a_data_file_that_is_read_and_inputs_that_come_are_watched(bench):
    text = (
        "import pathlib, atoll\nhere = pathlib.Path(__file__).parent\n"
        "names = (here / 'names.txt').read_text().split() + [file.stem for file in sorted((here / 'tables').glob('*.sql'))]\n"
        "defs = atoll.Definitions(assets=[atoll.AssetSpec(name) for name in names])\n"
    )
    bench.locate("a").write({"a/defs.py": text, "a/names.txt": "one\n", "a/tables/two.sql": ""})
    bench.start()
    assert bench.assets("a") == ["one", "two"]
    bench.save("a/names.txt", "three\n")
    bench.until_assets("a", "three", "two")
    assert bench.history("a")[-1][0] == "saved a/names.txt"
    bench.save("a/tables/four.sql", "")
    bench.until_assets("a", "four", "three", "two")
    (bench.path / "a/tables/two.sql").unlink()
    bench.until_assets("a", "four", "three")


def test_a_deleted_module_is_noticed_and_so_is_its_return(bench):
    bench.locate("a").write(
        {"a/defs.py": "from pack.inner import *\n", "a/pack/__init__.py": "", "a/pack/inner.py": module("one")}
    )
    bench.start()
    shutil.rmtree(bench.path / "a/pack")
    bench.until(lambda: bench.state("a").word == "stale")
    bench.settle()
    bench.write({"a/pack/__init__.py": "", "a/pack/inner.py": module("two")})
    bench.until_assets("a", "two")
    (bench.path / "a/pack").rename(bench.path / "a/packed")
    bench.until(lambda: bench.state("a").word == "stale")
    bench.settle()
    (bench.path / "a/packed").rename(bench.path / "a/pack")
    bench.until_assets("a", "two")
    bench.save("a/pack/inner.py", module("three"))
    bench.until_assets("a", "three")


def test_a_variables_file_that_changes_is_read_again(bench):
    text = "import os, atoll\ndefs = atoll.Definitions(assets=[atoll.AssetSpec(os.environ.get('NAME', 'none'))])\n"
    bench.locate("a").write({"a/defs.py": text, ".env": "NAME=one\n"})
    yaml = (bench.path / "workspace.yaml").read_text()
    bench.save("workspace.yaml", "env_file: .env\n" + yaml)
    bench.start()
    assert bench.assets("a") == ["one"]
    bench.save(".env", "NAME=two\n")
    bench.until_assets("a", "two")
    assert bench.history("a")[-1] == (".env changed", "loaded")
    assert bench.state("a").history[0].way == "fresh"


def test_a_location_that_rewrites_what_it_reads_does_not_load_for_ever(bench):
    text = module(
        "one",
        before="import time, pathlib\nf = pathlib.Path(__file__).with_name('seen.txt')\nf.write_text(str(time.time_ns()))\nf.read_text()\n",
    )
    bench.locate("a").write({"a/defs.py": text})
    bench.start(settle=False)
    bench.until(lambda: bench.live.states and bench.state("a").report is not None)
    first = bench.quiet(2.0)
    assert first < 8
    assert bench.quiet(1.0) == first
    bench.save("a/defs.py", text.replace("def one", "def two").replace("[one]", "[two]"))
    bench.until(lambda: bench.assets("a") == ["two"])


def test_reload_loads_what_is_named_or_everything_and_refuses_what_is_not_there(bench):
    bench.locate("a", "b").write({"a/defs.py": module("one"), "b/defs.py": module("other")})
    bench.start()
    assert bench.supervisor.reload(["b"]) == ["b"]
    bench.until(lambda: len(bench.history("b")) == 2)
    assert bench.history("b")[1] == ("asked for", "loaded")
    assert bench.supervisor.reload() == ["a", "b"]
    bench.until(lambda: len(bench.history("a")) == 2 and len(bench.history("b")) == 3)
    with pytest.raises(Exception, match="no location 'c'"):
        bench.supervisor.reload(["c"])
    bench.settle()


def test_polling_notices_too(bench):
    bench.locate("a").write({"a/defs.py": module("one")})
    bench.start(poll=True)
    bench.save("a/defs.py", module("two"))
    bench.until_assets("a", "two")


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
def test_two_hundred_saves_in_random_order_end_with_the_newest_content(bench, seed):
    chance = random.Random(seed)
    files = {
        "a/defs.py": "import atoll, first, second\ndefs = atoll.Definitions.merge(first.defs, second.defs)\n",
        "a/first.py": module("f0"),
        "a/second.py": module("s0"),
    }
    bench.locate("a").write(files)
    bench.start()
    for number in range(200):
        which = chance.choice(["first", "second"])
        text = module(f"{which[0]}{number}") if chance.random() > 0.1 else "import atoll\n)"
        if chance.random() < 0.3:
            bench.write({f"a/{which}.py": text})
        else:
            bench.save(f"a/{which}.py", text)
        time.sleep(chance.choice([0, 0, 0.003, 0.01, 0.03, 0.1, 0.3]))
    bench.save("a/second.py", module("last"))
    bench.write({"a/first.py": module("end")})
    bench.until_assets("a", "end", "last")
    time.sleep(1)
    shown = bench.state("a").shown.snapshot.definitions
    bench.run("list", "--json").ended(0)
    fresh = json.loads((bench.path / ".atoll/snapshots/a.json").read_text())["definitions"]
    assert fresh == shown
