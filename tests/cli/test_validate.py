"""`atoll validate`: what it prints and writes, what it ends with, and how it is told what matters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest
from file_workspaces import write_workspace

from command_line import ATOLL, Folder

GOOD = "import atoll\n\n\n@atoll.asset\ndef orders() -> None: ...\n\n\ndefs = atoll.Definitions(assets=[orders])\n"
UNSET = (
    "import atoll\n\n\nclass Warehouse(atoll.ConfigurableResource):\n    url: str\n\n\n"
    'defs = atoll.Definitions(resources={"warehouse": Warehouse(url=atoll.EnvVar("SURELY_NOT_SET"))})\n'
)
"""It loads, with a warning."""
BROKEN = "import atoll\n\nimport surely_not_there\n\ndefs = atoll.Definitions()\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Give a workspace of a location that is well, one with a warning, and one that is broken."""
    return write_workspace(tmp_path_factory.mktemp("shop"), good=GOOD, warned=UNSET, broken=BROKEN)


def codes(outcome):
    return [problem["code"] for problem in outcome.problems]


def test_text_says_what_is_wrong_where_and_how_to_learn_more(shop):
    out = shop.run("validate").ended(1).out
    assert "error[ATL301]: broken: ModuleNotFoundError: No module named 'surely_not_there'\n  --> broken.py:3" in out
    assert "  3 | import surely_not_there\n    |        ^\n" in out
    assert out.count("atoll explain") == 1


def test_several_reports_are_written_beside_what_is_printed(shop, tmp_path):
    words = [
        f"--output={name}={tmp_path}/new/atoll.{name}"
        for name in ("json", "github", "gitlab", "junit", "sarif", "text")
    ]
    outcome = shop.run("validate", *words).ended(1)
    assert "error[ATL301]" in outcome.out
    files = {file.suffix[1:]: file.read_text(encoding="utf-8") for file in (tmp_path / "new").iterdir()}
    assert len(files) == 6  # and nothing left over from writing them
    assert json.loads(files["json"])["exit_status"] == 1
    assert json.loads(files["sarif"])["runs"][0]["results"][-1]["ruleId"] == "ATL301"
    assert json.loads(files["gitlab"])[-1]["location"] == {"path": "broken.py", "lines": {"begin": 3}}
    assert ET.fromstring(files["junit"]).find("testsuite[@name='broken']").get("failures") == "1"  # our own file
    assert "::error file=broken.py,line=3,col=8,title=ATL301 an import failed::broken: Module" in files["github"]
    assert "error[ATL301]: broken: " in files["text"]


@pytest.mark.parametrize("name", ["github", "gitlab", "junit", "sarif"])
def test_what_is_printed_in_a_format_is_what_is_written_in_it(shop, tmp_path, name):
    outcome = shop.run("validate", "broken", "--format", name, "--output", f"{name}={tmp_path}/report").ended(1)
    written = (tmp_path / "report").read_text(encoding="utf-8")
    assert outcome.out == written
    assert outcome.err == "1 error\n"


def test_a_report_replaces_the_old_one_also_behind_a_link(shop, tmp_path):
    (tmp_path / "real").write_text("old" * 1000)
    (tmp_path / "link").symlink_to("real")
    shop.run("validate", "good", "--output", f"gitlab={tmp_path}/link").ended(0)
    assert (tmp_path / "real").read_text() == "[]\n"
    assert (tmp_path / "link").is_symlink()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link", "real"]


def test_a_report_can_go_to_where_nothing_can_be_replaced(shop):
    outcome = shop.run("validate", "good", "--output", "gitlab=/dev/stderr").ended(0)
    assert outcome.err == "[]\n"


def test_what_goes_to_a_device_that_leads_to_a_file_comes_after_what_is_there(shop, tmp_path):
    log = tmp_path / "log"
    log.write_text("before\n")
    with log.open("a") as stream:
        words = ["validate", "good", "--output", "gitlab=/dev/stderr"]
        subprocess.run([*ATOLL, *words], cwd=shop.path, stdout=subprocess.DEVNULL, stderr=stream, check=True)
    assert log.read_text() == "before\n[]\n"


def test_where_a_report_cannot_be_written_the_others_are_and_it_is_a_failure_of_the_tool(shop, tmp_path):
    (tmp_path / "file").write_text("")
    words = ["--output", f"sarif={tmp_path}/file/report", "--output", f"gitlab={tmp_path}/report"]
    outcome = shop.run("validate", "good", *words).ended(2)
    assert "All well in 1 location" in outcome.out
    assert "The sarif report could not be written: " in outcome.err
    assert (tmp_path / "report").read_text() == "[]\n"
    assert shop.run("validate", "good", "--json", *words).ended(2).json()["exit_status"] == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["--output", "sarif"], "is not FORMAT=FILE", id="no-file"),
        pytest.param(["--output", "html=x"], "the formats are: text, json, github", id="no-format"),
        pytest.param(["--output", "sarif=."], "names a folder", id="folder"),
        pytest.param(["--output", "sarif=x", "--output", "json=./x"], "Two reports would go to", id="same-file"),
        pytest.param(["--json", "--format", "sarif"], "exclude each other", id="json-and-another"),
        pytest.param(["--select", "ATL9"], "--select: 'ATL9' is no code", id="no-code"),
        pytest.param(["--ignore", "ATL301,import_error"], "did you mean ATL301", id="kind-for-code"),
        pytest.param(["goods"], "did you mean good?", id="no-location"),
    ],
)
def test_a_command_line_that_makes_no_sense_ends_with_2_before_anything_is_loaded_or_written(shop, words, told):
    def names():
        return {path.name for path in shop.path.iterdir()} - {".atoll"}

    before = names()
    outcome = shop.run("validate", *words).ended(2)
    assert told in outcome.err + outcome.out
    assert names() == before


def test_codes_choose_what_counts(shop):
    assert codes(shop.run("validate", "--json").ended(1)) == ["ATL410", "ATL301"]
    assert codes(shop.run("validate", "--json", "--select", "ATL4").ended(0)) == ["ATL410"]
    assert codes(shop.run("validate", "--json", "--ignore", "ATL301,ATL4").ended(0)) == []
    assert codes(shop.run("validate", "--json", "--select", "ATL", "--ignore", "ATL3").ended(0)) == ["ATL410"]


def test_warnings_fail_only_where_it_is_strict(shop):
    assert "1 warning\n" in shop.run("validate", "warned").ended(0).out
    strict = shop.run("validate", "warned", "--strict").ended(1)
    assert "1 warning, a failure as this is strict" in strict.out
    assert shop.run("validate", "warned", "--strict", "--json").ended(1).json()["data"]["strict"] is True


def test_what_the_workspace_says_of_being_strict_can_be_switched_off(shop):
    text = (shop.path / "workspace.yaml").read_text()
    shop.write({"strict.yaml": f'{text.rstrip()[:-1]}, "validate": {{"strict": true}}}}'})
    shop.run("validate", "warned", "-w", "strict.yaml").ended(1)
    shop.run("validate", "warned", "-w", "strict.yaml", "--no-strict").ended(0)


def test_all_is_well_in_every_format(shop):
    assert "All well in 1 location" in shop.run("validate", "good").ended(0).out
    for name in ("github", "gitlab", "junit", "sarif"):
        assert shop.run("validate", "good", "--format", name).ended(0).err == "All well in 1 location\n"


@pytest.mark.parametrize("name", ["text", "json", "github", "gitlab", "junit", "sarif"])
def test_a_workspace_that_cannot_be_read_is_a_finding_in_every_format(folder, name):
    folder.write({"workspace.yaml": "load_from:\n  - python_fil: a.py\n"})
    outcome = folder.run("validate", "--format", name).ended(1)
    assert "ATL101" in outcome.out
    assert "workspace.yaml" in outcome.out
    assert folder.run("validate", "--format", name, "--ignore", "ATL101").ended(1).out.count("All well") == 0


def test_paths_are_relative_to_the_checkout_that_the_workspace_is_in(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    folder = write_workspace(tmp_path / "data" / "shop", broken=BROKEN)
    variables = {"GITHUB_WORKSPACE": None, "CI_PROJECT_DIR": None}
    assert "file=data/shop/broken.py," in folder.run("validate", "--format", "github", variables=variables).ended(1).out


def test_the_report_has_the_order_of_the_workspace_whichever_is_the_fastest(tmp_path):
    slow = "import time\n\ntime.sleep(1)\n"
    folder = write_workspace(tmp_path, zebra=slow + BROKEN, ant=BROKEN, bee=slow + BROKEN, cat=BROKEN)
    assert [problem["location"] for problem in folder.run("validate", "--json").ended(1).problems] == [
        "zebra",
        "ant",
        "bee",
        "cat",
    ]


def test_verbose_unfolds_the_frames_of_libraries(tmp_path):
    folder = write_workspace(tmp_path, deep="import json\n\njson.loads('{')\n")
    folded, unfolded = (folder.run("validate", *words).ended(1).out for words in ([], ["--verbose"]))
    assert "… 2 library frames: `atoll validate --verbose` shows them" in folded
    assert "called from …/lib/python3" in unfolded
    assert "library frames" not in unfolded


def test_with_sync_environments_are_built_first_and_with_locked_no_lock_is_written(tmp_path, python):
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    python(version)
    folder = Folder(tmp_path).write(
        {
            "workspace.yaml": "load_from:\n  - project: sales\n",
            "sales/pyproject.toml": f'[project]\nname = "sales"\nversion = "1"\nrequires-python = "=={version}.*"\n\n'
            '[tool.atoll]\nmodule = "definitions"\n',
            "sales/definitions.py": GOOD,
        }
    )
    assert "ATL201" in codes(folder.run("validate", "--json").ended(1))
    locked = folder.run("validate", "--sync", "--locked", "--json").ended(1)
    assert "ATL208" in codes(locked)
    assert not (tmp_path / "sales" / "uv.lock").exists()
    assert folder.run("validate", "--sync", "--json").ended(0).json()["data"]["locations"][0]["status"] == "loaded"
    assert (tmp_path / "sales" / "uv.lock").exists()
    assert folder.run("validate", "--locked").ended(0)


@pytest.mark.skipif(sys.platform == "win32", reason="platform: no pseudo-terminals on Windows")
@pytest.mark.parametrize("terminal", ["xterm-256color", "dumb"])
def test_results_appear_while_slower_locations_still_load(tmp_path, terminal):
    import pty

    waiting = "import os, time\n\nwhile not os.path.exists('go'):\n    time.sleep(0.02)\n"
    folder = write_workspace(tmp_path, slow=waiting + GOOD, broken=BROKEN)
    ours, theirs = pty.openpty()
    variables = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "CI", "COLUMNS"}}
    process = subprocess.Popen(
        [*ATOLL, "validate"],
        cwd=folder.path,
        env={**variables, "TERM": terminal, "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while b"surely_not_there" not in shown:
        shown += os.read(ours, 4096)  # ends by the test's own time limit where nothing comes
    (folder.path / "go").touch()
    out, _ = process.communicate(timeout=120)
    os.close(ours)
    assert process.returncode == 1
    assert out.decode().splitlines()[-2] == "1 error"
