"""Definitions put into files that somebody wrote: what is understood, how it looks afterwards, what is refused."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atoll_host.workspace.scaffolding.imports import UnknownShapeError
from atoll_host.workspace.scaffolding.splicing import (
    append_definition,
    find_package_loader,
    quote,
    splice_definition,
    splice_resource,
)

ASSET = '"""The asset."""\n\nfrom atoll import asset\n\n\n@asset\ndef new() -> list:\n    """Rows."""\n    return []\n'
BODY = '@asset\ndef new() -> list:\n    """Rows."""\n    return []\n\n\n'
SENSOR = (
    "from pathlib import Path\n\nfrom atoll import SkipReason, sensor\n\n\n"
    "@sensor\ndef new(context):\n    return SkipReason(str(Path()))\n"
)
SDK = "from atoll import Definitions, SkipReason, sensor\n"
MANY = ", ".join(f"asset_{number}" for number in range(7))
RESOURCE = "from atoll import ConfigurableResource\n\n\nclass New(ConfigurableResource):\n    pass\n\n\nnew = New()\n"


def splice(text, kind="asset", snippet=ASSET, attribute=None):
    return splice_definition(text, kind=kind, name="new", snippet=snippet, attribute=attribute)


def last_statement(text):
    """What stands behind the new definition."""
    return text.partition("return []\n\n\n")[2]


@pytest.mark.parametrize(
    ("call", "becomes"),
    [
        pytest.param("Definitions()", "Definitions(assets=[new])", id="nothing-yet"),
        pytest.param("Definitions(assets=[])", "Definitions(assets=[new])", id="an-empty-list"),
        pytest.param("Definitions(assets=None)", "Definitions(assets=[new])", id="none"),
        pytest.param("Definitions(assets=[a])", "Definitions(assets=[a, new])", id="one"),
        pytest.param("Definitions(assets=[a, ])", "Definitions(assets=[a, new, ])", id="a-trailing-comma"),
        pytest.param("Definitions(assets=(a,))", "Definitions(assets=(a, new))", id="a-tuple-of-one"),
        pytest.param("Definitions(assets=(a, b))", "Definitions(assets=(a, b, new))", id="a-tuple"),
        pytest.param("Definitions(assets=[(a)])", "Definitions(assets=[(a), new])", id="parentheses"),
        pytest.param("Definitions([a])", "Definitions([a, new])", id="by-position"),
        pytest.param("Definitions(jobs=[j])", "Definitions(jobs=[j], assets=[new])", id="another-argument"),
        pytest.param("Definitions(jobs=[j],)", "Definitions(jobs=[j], assets=[new],)", id="another-and-a-comma"),
        pytest.param("Definitions(assets=every)", "Definitions(assets=[*every, new])", id="a-variable"),
        pytest.param("Definitions(assets=load())", "Definitions(assets=[*load(), new])", id="a-call"),
        pytest.param("Definitions(assets=x or y)", "Definitions(assets=[*(x or y), new])", id="an-or"),
        pytest.param("Definitions(assets=a + b)", "Definitions(assets=[*a + b, new])", id="a-sum"),
        pytest.param(
            "Definitions(assets=[x for x in y])", "Definitions(assets=[*[x for x in y], new])", id="a-comprehension"
        ),
        pytest.param("Definitions(assets=['é', a])", "Definitions(assets=['é', a, new])", id="letters-of-two-bytes"),
        pytest.param(
            "Definitions(\n    assets=[a],\n)", "Definitions(\n    assets=[a, new],\n)", id="arguments-on-lines"
        ),
        pytest.param(
            "Definitions(\n    jobs=[j]\n)", "Definitions(\n    jobs=[j],\n    assets=[new],\n)", id="no-last-comma"
        ),
        pytest.param(
            "Definitions(assets=[\n    a,  # one\n    b  # two\n    # end\n])",
            "Definitions(assets=[\n    a,  # one\n    b,  # two\n    new,\n    # end\n])",
            id="comments",
        ),
        pytest.param(
            "Definitions(assets=[\n    # none yet\n])",
            "Definitions(assets=[\n    # none yet\n    new,\n])",
            id="only-a-comment",
        ),
        pytest.param(
            f"Definitions(assets=[{MANY}], executor=in_process)",
            f"Definitions(\n    assets=[{MANY}, new],\n    executor=in_process,\n)",
            id="a-line-that-gets-too-long",
        ),
    ],
)
def test_the_name_is_handed_in(call, becomes):
    before = f"from atoll import Definitions, asset\n\ndefs = {call}\n"
    assert splice(before) == f"from atoll import Definitions, asset\n\n\n{BODY}defs = {becomes}\n"


@pytest.mark.parametrize(
    ("kind", "call", "becomes"),
    [
        pytest.param("resource", "Definitions()", 'Definitions(resources={"new": new})', id="nothing-yet"),
        pytest.param(
            "resource", "Definitions(resources={'a': a})", "Definitions(resources={'a': a, \"new\": new})", id="one"
        ),
        pytest.param(
            "resource", "Definitions(resources=given)", 'Definitions(resources={**given, "new": new})', id="a-variable"
        ),
        pytest.param(
            "resource", "Definitions(resources={**a})", 'Definitions(resources={**a, "new": new})', id="unpacked"
        ),
        pytest.param("check", "Definitions()", "Definitions(asset_checks=[new])", id="check"),
        pytest.param("job", "Definitions()", "Definitions(jobs=[new])", id="job"),
        pytest.param("schedule", "Definitions([a], [s])", "Definitions([a], [s, new])", id="schedule-by-position"),
        pytest.param("sensor", "Definitions()", "Definitions(sensors=[new])", id="sensor"),
        pytest.param(
            "asset", "load_definitions_from_current_module()", "load_definitions_from_current_module()", id="current"
        ),
        pytest.param(
            "resource",
            "load_definitions_from_current_module()",
            'load_definitions_from_current_module(resources={"new": new})',
            id="current-with-resource",
        ),
    ],
)
def test_each_kind_has_its_argument(kind, call, becomes):
    head = "from atoll import Definitions, asset, load_definitions_from_current_module\n\n"
    assert last_statement(splice(f"{head}defs = {call}\n", kind)) == f"defs = {becomes}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("from atoll import Definitions", "from atoll import Definitions, asset", id="added"),
        pytest.param("from atoll import Definitions, job", "from atoll import Definitions, asset, job", id="in-order"),
        pytest.param(
            "from atoll import job, Definitions", "from atoll import job, Definitions, asset", id="in-no-order"
        ),
        pytest.param(
            "from atoll import (\n    Definitions,  # all\n)",
            "from atoll import (\n    Definitions,  # all\n    asset,\n)",
            id="in-parentheses",
        ),
        pytest.param(
            "from atoll import (\n    Definitions,\n    job,\n)",
            "from atoll import (\n    Definitions,\n    asset,\n    job,\n)",
            id="in-parentheses-in-order",
        ),
        pytest.param(
            "from atoll import Definitions  # noqa", "from atoll import Definitions, asset  # noqa", id="a-comment"
        ),
    ],
)
def test_what_the_definition_needs_is_imported_the_way_the_file_does_it(before, after):
    text = splice(f"{before}\n\ndefs = Definitions()\n")
    assert text == f"{after}\n\n\n{BODY}defs = Definitions(assets=[new])\n"


@pytest.mark.parametrize(("imported", "word"), [("import atoll", "atoll"), ("import atoll as at", "at")])
def test_names_are_qualified_where_the_file_imports_the_whole_sdk(imported, word):
    text = splice(f"{imported}\n\ndefs = {word}.Definitions()\n")
    assert f"\n\n\n@{word}.asset\ndef new() -> list:" in text
    assert text.startswith(f"{imported}\n\n\n@")


def test_names_that_are_imported_under_another_name_are_used_under_it():
    text = splice("from atoll import Definitions as D, asset as made\n\ndefs = D()\n")
    assert "@made\ndef new" in text
    assert "defs = D(assets=[new])" in text


@pytest.mark.parametrize(
    ("head", "becomes"),
    [
        pytest.param(
            "from __future__ import annotations\n\n" + SDK,
            "from __future__ import annotations\n\nfrom pathlib import Path\n\n" + SDK,
            id="no-group-yet",
        ),
        pytest.param(
            '"""Doc."""\nimport csv\nfrom os import sep\n\n' + SDK,
            '"""Doc."""\nimport csv\nfrom os import sep\nfrom pathlib import Path\n\n' + SDK,
            id="in-its-group",
        ),
        pytest.param(
            "from pathlib import Path, PurePath\n\n" + SDK,
            "from pathlib import Path, PurePath\n\n" + SDK,
            id="there-already",
        ),
    ],
)
def test_other_imports_go_where_such_imports_are(head, becomes):
    text = splice(f"{head}\ndefs = Definitions()\n", "sensor", SENSOR)
    assert text.partition("\n\n\n@sensor")[0] + "\n" == becomes


def test_a_definition_goes_above_the_comment_and_the_decorator_of_what_it_is_handed_to():
    before = (
        "from atoll import Definitions, asset, definitions\n\n"
        "# all there is\n@definitions\ndef defs():\n    return Definitions()\n"
    )
    head, _, rest = splice(before).partition(BODY)
    assert head == "from atoll import Definitions, asset, definitions\n\n\n"
    assert rest == "# all there is\n@definitions\ndef defs():\n    return Definitions(assets=[new])\n"


def test_one_of_several_is_chosen_by_its_name():
    text = "from atoll import Definitions, asset\n\na = Definitions()\nb = Definitions()\n"
    spliced = splice(text, attribute="b")
    assert spliced.startswith("from atoll import Definitions, asset\n\na = Definitions()\n\n\n@asset")
    assert spliced.endswith("b = Definitions(assets=[new])\n")


def test_a_class_and_its_object_go_in_together():
    text = splice("from atoll import Definitions\n\ndefs = Definitions()\n", "resource", RESOURCE)
    assert "from atoll import ConfigurableResource, Definitions\n\n\nclass New(" in text
    assert text.endswith('new = New()\n\n\ndefs = Definitions(resources={"new": new})\n')


def test_line_ends_and_a_byte_order_mark_stay():
    text = splice("\ufefffrom atoll import Definitions, asset\r\n\r\ndefs = Definitions()\r\n")
    assert text.startswith("\ufefffrom atoll")
    assert text.count("\r\n") == text.count("\n")
    ast.parse(text.removeprefix("\ufeff"))


def test_every_other_character_stays():
    head = (
        "#!/usr/bin/env python\n# /// script\n# dependencies = []\n# ///\n\n'''Döc\x0c'''\n"
        "from atoll import Definitions, asset\nx = {  'a':1 }  # odd\n\n"
    )
    tail = "defs = Definitions()   # keep\n\nif __name__ == '__main__':\n  print( x )"
    assert splice(head + tail) == f"{head}\n{BODY}{tail.replace('Definitions()', 'Definitions(assets=[new])')}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("x = 1\n", "there is no Definitions(...) in it", id="none"),
        pytest.param("from other import Definitions\nd = Definitions()\n", "there is no Definitions", id="another-one"),
        pytest.param(
            "from atoll import Definitions\na = Definitions()\nb = Definitions()\n",
            "several .* lines 2, 3",
            id="several",
        ),
        pytest.param(
            "from atoll import Definitions\nd = Definitions(**given)\n", "line 2 are unpacked", id="unpacked-names"
        ),
        pytest.param("from atoll import Definitions\nd = Definitions(*given)\n", "are unpacked", id="unpacked"),
        pytest.param(
            "from atoll import Definitions\nnew = 1\nd = Definitions()\n", "has a new already, in line 2", id="taken"
        ),
        pytest.param(
            "from atoll import Definitions\nasset = 1\nd = Definitions()\n",
            "asset means something else there, since line 2",
            id="another-meaning",
        ),
        pytest.param("def broken(:\n", "can't read it: ", id="no-python"),
        pytest.param("from atoll import Definitions\r\rd = Definitions()\n", "line ends", id="old-line-ends"),
        pytest.param(
            "from atoll import load_definitions_from_package_module as load\nimport p\nd = load(p)\n",
            "a package that is not among",
            id="another-package",
        ),
    ],
)
def test_what_is_not_understood_is_refused(text, said):
    with pytest.raises(UnknownShapeError, match=said.replace("(...)", r"\(\.\.\.\)")):
        splice(text)


def test_a_resource_of_another_module_is_imported_and_handed_in():
    before = (
        "from atoll import load_definitions_from_package_module\n\nimport sales.defs\n"
        "from sales.defs.resources.zoo import zoo\n\n"
        'defs = load_definitions_from_package_module(sales.defs, resources={"zoo": zoo})\n'
    )
    assert splice_resource(before, name="bank", module_name="sales.defs.resources.bank") == (
        "from atoll import load_definitions_from_package_module\n\nimport sales.defs\n"
        "from sales.defs.resources.bank import bank\nfrom sales.defs.resources.zoo import zoo\n\n"
        "defs = load_definitions_from_package_module(\n    sales.defs,\n"
        '    resources={"zoo": zoo, "bank": bank},\n)\n'
    )


def test_a_definition_is_appended_where_being_there_is_enough():
    before = "from atoll import asset\n\n\n@asset\ndef old():\n    return 1\n\n\n\n"
    assert append_definition(before, snippet=ASSET) == f"{before.rstrip()}\n\n\n{BODY.rstrip()}\n"


@pytest.mark.parametrize(
    ("imports", "argument", "package"),
    [
        ("import sales.defs", "sales.defs", "sales.defs"),
        ("import sales.defs as d", "d", "sales.defs"),
        ("from sales import defs", "defs", "sales.defs"),
        ("from . import defs as everything", "everything", ".defs"),
        ("from ..shop import defs", "defs", "..shop.defs"),
        ("import sales", "other", None),
    ],
)
def test_the_package_whose_definitions_are_loaded_is_found_by_the_imports(imports, argument, package):
    text = f"from atoll import load_definitions_from_package_module as load\n{imports}\nd = load({argument})\n"
    assert find_package_loader(text) == package


@pytest.mark.parametrize("text", ["*", 'key:"orders"+', "it's", "a\\b", "both ' and \"", "line\nbreak", ""])
def test_a_text_is_quoted_so_that_python_reads_the_same(text):
    assert ast.literal_eval(quote(text)) == text


ELEMENTS = st.lists(
    st.sampled_from(["a", "(b)", "f(x, [y])", "'é,]'", "*c", "lambda: (1, 2)", "{1: 2}[1]"]), max_size=4
)
BETWEEN = st.sampled_from([", ", ",", " ,\n        ", ",  # ein Kommentar, mit ]\n        ", ",\n\n        "])
AROUND = st.sampled_from(["", " ", "\n        ", "  # nichts )\n        "])


@st.composite
def written_lists(draw):
    """A list as somebody may have written it."""
    elements = draw(ELEMENTS)
    text = draw(AROUND)
    for position, element in enumerate(elements):
        text += element + (draw(BETWEEN) if position < len(elements) - 1 else "")
    return f"[{text}{draw(st.sampled_from(['', ',', ' ,'])) if elements else ''}{draw(AROUND)}]"


@settings(deadline=None)
@given(written_lists(), st.sampled_from(["", "\n    ", "jobs=[j], ", "\n    jobs=[j],\n    "]))
def test_whatever_a_list_looks_like_its_elements_stay_and_the_new_one_comes_last(written, before):
    text = f"from atoll import Definitions, asset\n\ndefs = Definitions({before}assets={written})\n"
    wanted = [ast.unparse(element) for element in assets_of(text)]
    spliced = splice(text)
    assert [ast.unparse(element) for element in assets_of(spliced)] == [*wanted, "new"]
    assert [line.partition("#")[2] for line in spliced.splitlines() if "#" in line] == [
        line.partition("#")[2] for line in text.splitlines() if "#" in line
    ]


def assets_of(text):
    call = ast.parse(text).body[-1].value
    return next(keyword.value.elts for keyword in call.keywords if keyword.arg == "assets")
