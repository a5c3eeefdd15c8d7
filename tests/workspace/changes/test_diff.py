"""`atoll diff`: what is defined otherwise than on another revision."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest
from repositories import entry
from schemas import complaints, schema_of

from command_line import ATOLL, Folder
from tests_support import until

SALES = (
    "import os\nimport atoll\n\n\n@atoll.asset(description='{description}')\ndef orders():\n    pass\n\n\n"
    "@atoll.asset(deps=[{deps}])\ndef totals():\n    pass\n\n\n"
    "refresh = atoll.define_asset_job('refresh', selection='*')\n"
    "nightly = atoll.ScheduleDefinition(name='nightly', job=refresh, cron_schedule='{cron}')\n"
    "defs = atoll.Definitions(assets=[orders, totals], jobs=[refresh], schedules=[nightly])\n"
)
STOCK = "import atoll\n\n\n@atoll.asset(metadata={'path': __file__})\ndef levels():\n    pass\n\n\ndefs = atoll.Definitions(assets=[levels])\n"


def sales(description="all of them", deps="'orders'", cron="0 6 * * *"):
    return SALES.format(description=description, deps=deps, cron=cron)


@pytest.fixture
def shop(repo):
    repo.write({".gitignore": "__pycache__/\n", "sales/sales.py": sales(), "stock/stock.py": STOCK})
    repo.workspace_file(entry("sales"), entry("stock"))
    repo.commit()
    return repo


def diff(shop, *words, **options):
    return Folder(shop.path).run("diff", *words, variables={"TMPDIR": str(shop.path.parent)}, **options)


def nothing_left(shop):
    assert "\n" not in shop.git("worktree", "list")
    assert [*shop.path.parent.glob("atoll-revision-*")] == []


def test_where_nothing_changed_that_is_said(shop):
    outcome = diff(shop, "main").ended(0)
    assert outcome.out == "Nothing that is defined changed since main\n"
    assert diff(shop, "main", "--exit-code").ended(0).err == ""
    nothing_left(shop)


def test_what_only_moved_in_a_file_or_to_another_folder_is_no_difference(shop):
    shop.write({"sales/sales.py": "# A comment\n\n" + sales(), "stock/stock.py": "\n" + STOCK})
    data = diff(shop, "main", "--json").ended(0).json()["data"]
    assert data["same"]
    assert data["unchanged"] == ["sales", "stock"]


def test_assets_edges_and_times_that_changed_are_named(shop):
    shop.write({"sales/sales.py": sales("new", "'raw'", "0 7 * * *")})
    outcome = diff(shop, "main", "--json").ended(0)
    assert complaints(schema_of("diff"), outcome.json()) == []
    data = outcome.json()["data"]
    (change,) = data["locations"]
    assert (change["name"], change["status"]) == ("sales", "changed")
    assert change["edges"] == {"added": ["raw → totals"], "removed": ["orders → totals"], "changed": []}
    assert change["assets"]["changed"] == [
        {"name": "orders", "fields": [{"name": "description", "before": "all of them", "after": "new"}]}
    ]
    assert change["schedules"]["changed"] == [
        {"name": "nightly", "fields": [{"name": "cron", "before": ["0 6 * * *"], "after": ["0 7 * * *"]}]}
    ]
    text = diff(shop, "main").ended(0).out
    assert "  ~ schedule nightly: cron 0 6 * * * → 0 7 * * *\n" in text
    assert "  + edge raw → totals\n" in text
    assert diff(shop, "main", "--exit-code").ended(1).out == text
    nothing_left(shop)


def test_locations_that_came_went_or_were_renamed_are_told_apart(shop):
    shop.write({"extra/extra.py": STOCK.replace("levels", "more"), "sales/sales.py": sales("x")})
    shop.workspace_file(
        entry("sales"), entry("extra"), {"python_file": {**entry("stock")["python_file"], "location_name": "store"}}
    )
    found = {one["name"]: one for one in diff(shop, "main", "--json").ended(0).json()["data"]["locations"]}
    assert {name: (one["status"], one["was"]) for name, one in found.items()} == {
        "extra": ("added", None),
        "sales": ("changed", None),
        "store": ("renamed", "stock"),
    }
    assert found["store"]["assets"] == {"added": [], "removed": [], "changed": []}
    shop.workspace_file(entry("sales"))
    assert "stock removed\n  - asset levels\n" in diff(shop, "main").ended(0).out


def test_a_location_that_fails_now_is_a_problem_and_one_that_failed_then_is_a_warning(shop):
    shop.write({"stock/stock.py": "import not_there_at_all\n"})
    outcome = diff(shop, "main").ended(1)
    assert "stock can't be compared" in outcome.out
    assert "not_there_at_all" in outcome.err
    shop.commit()
    shop.write({"stock/stock.py": STOCK})
    outcome = diff(shop, "HEAD").ended(0)
    assert "At HEAD: ModuleNotFoundError" in outcome.err


def test_a_revision_is_loaded_once(shop, tmp_path):
    marker = tmp_path / "marker"
    text = f"import atoll\nopen({str(marker)!r}, 'a').write(__file__ + chr(10))\ndefs = atoll.Definitions()\n"
    shop.write({"stock/stock.py": text})
    shop.commit()
    shop.write({"stock/stock.py": text + "# 1\n"})
    diff(shop, "HEAD").ended(0)
    shop.write({"stock/stock.py": text + "# 2\n"})
    diff(shop, "HEAD").ended(0)
    places = [line.startswith(str(shop.path)) for line in marker.read_text().splitlines()]
    assert places == [True, False, True]


def test_what_was_loaded_of_a_clean_checkout_is_kept_for_later(shop):
    diff(shop, "main").ended(0)
    shop.write({"stock/stock.py": STOCK.replace("levels", "heights")})
    # Without a way to make a temporary folder, only what was kept can be compared with.
    outcome = Folder(shop.path).run("diff", "main", variables={"TMPDIR": "/nonexistent", "PATH": os.environ["PATH"]})
    assert "  + asset heights\n  - asset levels\n" in outcome.ended(0).out


def test_the_markdown_can_be_folded_and_holds_nothing_that_acts(shop):
    shop.write({"sales/sales.py": sales("<script> | @team #1 `x` [a](b) *b* _c_\\n# head")})
    text = diff(shop, "main", "--format", "markdown").ended(0).out
    assert text.startswith("### Definitions\n\n1 changed in 1 location since main\n")
    assert "<details><summary><b>sales</b> changed: 1</summary>\n\n| | | what |\n| --- | --- | --- |\n" in text
    (row,) = [line for line in text.splitlines() if "orders" in line]
    assert row.count("|") == 4
    cell = row.split("|")[3]
    assert not set("<>@`*_[]()") & set(cell)
    assert diff(shop, "main", "--format", "markdown").out == text


@pytest.mark.parametrize(
    ("words", "said"), [(("mian",), "did you mean main?"), (("--", "-x"), "There is no revision '-x'")]
)
def test_a_revision_that_is_not_there_is_said(shop, words, said):
    assert said in diff(shop, *words).ended(2).err


def test_outside_of_a_repository_that_is_said(tmp_path):
    folder = Folder(tmp_path).write({"workspace.yaml": "load_from:\n  - python_file: a.py\n", "a.py": STOCK})
    outcome = folder.run("diff", "main", variables={"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
    assert "is in no git repository" in outcome.ended(2).err


def test_after_an_interrupt_no_worktree_is_left(shop):
    text = "import atoll, os, time\nif not os.path.exists('here'):\n    time.sleep(200)\ndefs = atoll.Definitions()\n"
    shop.write({"stock/stock.py": text, ".gitignore": "__pycache__/\nhere\n"})
    shop.commit()
    shop.write({"here": "", "stock/stock.py": text + "# 1\n"})
    variables = {**shop.variables, "TMPDIR": str(shop.path.parent)}
    process = subprocess.Popen(
        [*ATOLL, "diff", "HEAD"],
        cwd=shop.path,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert until(lambda: [*shop.path.parent.glob("atoll-revision-*/*/stock/__pycache__")] or _is_loading(shop))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    nothing_left(shop)


def _is_loading(shop):
    return [*shop.path.parent.glob("atoll-revision-*/*/.atoll/sdk")]


def test_a_worktree_that_a_killed_command_left_is_removed_by_the_next_one(shop):
    gone = subprocess.Popen(["true"])
    gone.wait()
    above = Path(tempfile.mkdtemp(prefix=f"atoll-revision-{gone.pid}-", dir=shop.path.parent))
    shop.git("worktree", "add", "-q", "--detach", str(above / "repo"), "HEAD")
    shop.write({"stock/stock.py": STOCK + "# 1\n"})
    diff(shop, "main").ended(0)
    nothing_left(shop)
