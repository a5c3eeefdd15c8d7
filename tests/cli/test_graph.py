"""`atoll graph`: all locations in one graph, in four forms."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from file_workspaces import write_workspace
from reports import asset, definitions, drawn, external, report

from atoll_host.cli.views.graphs.dot import write_dot
from atoll_host.cli.views.graphs.mermaid import escape, write_mermaid
from atoll_host.cli.views.graphs.tree import draw_tree
from atoll_host.workspace.graph.merging import merge, merge_reports
from atoll_host.workspace.graph.part import choose_part
from command_line import Folder


def part(locations=None, chosen=None, **assets):
    graph = merge({name: definitions(assets=found) for name, found in assets.items()})
    return choose_part(graph, locations, chosen)


def tree(shown, **console):
    return drawn(lambda out: draw_tree(out, shown), **console).splitlines()


def test_edges_that_cross_are_marked_and_their_locations_named(healthy):
    text = healthy.run("graph").ended(0).out
    assert text.splitlines()[:6] == [
        "raw_orders  sales",
        "└─ sales/orders",
        "   └▶ stock/forecast  stock",
        "feed  stock  ◇ external",
        "└─ stock/levels",
        "   ├▶ availability  sales",
    ]
    assert "nowhere  ? unknown" in text


def test_json_has_nodes_edges_and_cycles(healthy):
    data = healthy.run("graph", "--json").ended(0).json()["data"]
    assert data == healthy.run("graph", "--format", "json").ended(0).json()["data"]
    types = {node["id"]: node["type"] for node in data["nodes"]}
    assert types == {
        "sales:raw_orders": "materializable",
        "sales:sales/orders": "materializable",
        "sales:availability": "materializable",
        "feed": "external",
        "stock:stock/levels": "materializable",
        "stock:stock/forecast": "materializable",
        "nowhere": "unknown",
    }
    crossing = {(edge["upstream"], edge["downstream"]) for edge in data["edges"] if edge["crosses"]}
    assert crossing == {
        ("sales:sales/orders", "stock:stock/forecast"),
        ("sales:availability", "stock:stock/forecast"),
        ("stock:stock/levels", "sales:availability"),
    }
    assert data["cycles"] == []


def test_a_location_is_shown_with_what_it_touches(healthy):
    nodes = healthy.run("graph", "--location", "sales", "--json").ended(0).json()["data"]["nodes"]
    assert [node["id"] for node in nodes if node["outside"]] == [
        "stock:stock/levels",
        "stock:stock/forecast",
        "nowhere",
    ]
    assert "sales:raw_orders" in [node["id"] for node in nodes]


def test_a_selection_restricts_the_graph(healthy):
    nodes = healthy.run("graph", "--select", "raw_orders+1", "--json").ended(0).json()["data"]["nodes"]
    assert [node["key"] for node in nodes] == ["raw_orders", "sales/orders"]
    assert healthy.run("graph", "--select", "kind:nothing").ended(0).out == "No assets to show\n"


def test_a_broken_location_takes_part_with_what_was_last_known(broken):
    outcome = broken.run("graph", "--json").ended(1)
    assert {node["location"] for node in outcome.json()["data"]["nodes"] if node["stale"]} == {"stock"}


def test_a_cycle_across_locations_does_not_crash(tmp_path):
    code = "import atoll\n\n@atoll.asset(deps=['{}'])\ndef {}(): ...\n\ndefs = atoll.Definitions(assets=[{}])\n"
    locations = {"a": ("z", "x", "x"), "b": ("x", "y", "y"), "c": ("y", "z", "z")}
    folder = write_workspace(tmp_path, **{name: code.format(*words) for name, words in locations.items()})
    assert folder.run("graph").ended(0).out.splitlines()[:4] == [
        "x  a",
        "└▶ y  b",
        "   └▶ z  c",
        "      └▶ x  a  ↻ cycle",
    ]
    assert folder.run("graph", "--json").ended(0).json()["data"]["cycles"] == [["a:x", "b:y", "c:z"]]
    for form in ("dot", "mermaid"):
        folder.run("graph", "--format", form).ended(0)


def test_an_asset_with_several_above_is_shown_whole_once():
    shown = part(
        a=[
            asset("top"),
            asset("left", "top"),
            asset("right", "top"),
            asset("end", "left", "right"),
            asset("last", "end"),
        ]
    )
    assert tree(shown) == [
        "top  a",
        "├─ left",
        "│  └─ end",
        "│     └─ last",
        "└─ right",
        "   └─ end  ↑",
        "",
        "↑ what is below it stands further up",
    ]


def test_a_chain_that_is_too_deep_for_the_width_goes_on_at_the_margin():
    lines = tree(part(a=[asset(f"k{number:03}", *[f"k{number - 1:03}"][:number]) for number in range(100)]), width=40)
    assert max(map(len, lines)) <= 40
    assert sum("below" in line for line in lines) > 5
    assert {f"k{number:03}" for number in range(100)} == {
        word for line in lines for word in line.split() if word[0] == "k"
    }


def test_ten_thousand_assets_are_drawn_without_recursion():
    assets = [asset(f"k{number}", *[f"k{number - 1}"][:number]) for number in range(10_000)]
    assert len(tree(part(a=assets), terminal=False)) >= 10_000


def test_every_asset_is_in_the_tree_also_inside_of_cycles():
    assets = [
        asset("a", "c"),
        asset("b", "a"),
        asset("c", "b"),
        asset("d", "c"),
        asset("self", "self"),
        asset("e", "f"),
        asset("f", "e", "d"),
    ]
    lines = tree(part(x=assets))
    assert {word for line in lines for word in line.split()} >= {"a", "b", "c", "d", "self", "e", "f"}


@pytest.mark.parametrize("width", [20, 40, 80])
def test_lines_of_the_tree_fit_the_terminal(width):
    shown = part(north=[asset("a" * 60), asset("売" * 30, "a" * 60)], south=[asset("end", "売" * 30, "gone")])
    from rich.cells import cell_len

    graph = [line for line in tree(shown, width=width) if line[:1] not in "▶?↑"]
    assert max(cell_len(line) for line in graph) <= max(width, 30)


EVIL = 'we"ird\\ #1 <b>&`|\n\x1b[31m{x} -->'


def test_mermaid_text_has_nothing_that_could_be_mistaken_for_its_own_marks():
    assert re.fullmatch(r"[\w ./:,()#;-]*", escape(EVIL))
    text = write_mermaid(part(**{EVIL: [asset("a"), external("b")], "other": [asset("c", "a", "gone")]}))
    assert re.findall(r'"([^"]*)"', text) == [escape(EVIL), "a", "b", "other", "c", "gone ?"]
    assert "n0 ==> n2" in text
    assert text.splitlines()[0] == "flowchart LR"


def test_graphviz_accepts_what_is_written(tmp_path):
    program = shutil.which("dot")
    if program is None:
        pytest.skip("platform: no graphviz on this machine")
    shown = part(
        **{
            EVIL: [asset("a"), external("b", "a")],
            "other": [asset("c", "a", "gone"), asset("a/b.c-d", "c")],
            "third": [asset("a")],
        }
    )
    done = subprocess.run(
        [program, "-Tsvg"], input=write_dot(shown).encode(), capture_output=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, b"")
    svg = done.stdout.decode()
    assert svg.count('class="node"') == 6
    assert svg.count('class="edge"') == 5
    assert "we&quot;ird\\ #1 &lt;b&gt;&amp;`| \\x1b[31m" in svg


def test_dot_strings_are_quoted_by_the_rules_of_its_language():
    text = write_dot(part(**{EVIL: [asset("a")]}))
    label = next(line for line in text.splitlines() if "label=" in line)
    assert label.strip() == 'label="we\\"ird\\\\ #1 <b>&`| \\\\x1b[31m{x} -->"'


def test_stale_and_ambiguous_are_told_in_every_form():
    described = definitions(assets=[asset("x")])
    reports = [
        report("a", described, status="failed"),
        report("b", described),
        report("c", definitions(assets=[asset("y", "x")])),
    ]
    shown = choose_part(merge_reports(reports), None, None)
    assert tree(shown)[:4] == ["x  a  (stale)", "└▶ y  c  ! ambiguous", "x  b", "└▶ y  c  ! ambiguous"]
    assert "class n0 stale" in write_mermaid(shown)
    assert "-.->" in write_mermaid(shown)
    assert "x (stale)" in write_dot(shown)
    assert [edge["ambiguous"] for edge in shown.to_json()["edges"]] == [True, True]


def test_a_form_that_is_not_there_is_wrong_usage(tmp_path):
    assert "tree" in Folder(tmp_path).run("graph", "--format", "svg").ended(2).err
