"""Which object of a module is its location's definitions."""

import textwrap

import pytest
from support_sdk import import_file

HEAD = "import atoll\nfrom atoll import Definitions, asset, AssetSpec, definitions\n"


def load(load_text, body, attribute=None):
    return load_text(HEAD + textwrap.dedent(body), attribute)


def test_the_only_definitions_of_a_module_are_taken(load_text, tmp_path):
    snapshot = load(load_text, "anything = Definitions(assets=[AssetSpec('a')])")
    assert snapshot["source"] == {"file": str(tmp_path / "location.py"), "line": 3, "attribute": "anything"}
    assert snapshot["format"] == 1


def test_two_different_ones_are_refused_with_both_lines(load_text, tmp_path):
    (problem,) = load(load_text, "a = Definitions()\nb = Definitions()")
    assert problem["kind"] == "multiple_definitions"
    assert problem["message"].startswith("Cannot have more than one Definitions object defined at module scope")
    assert f"'a' at {tmp_path}/location.py:3" in problem["message"]
    assert f"'b' at {tmp_path}/location.py:4" in problem["message"]
    assert "merge(a, b)" in problem["hint"]
    assert problem["line"] == 4


def test_the_same_object_under_two_names_is_one(load_text):
    assert load(load_text, "a = Definitions()\nb = a")["source"]["attribute"] == "a"


def test_operands_of_a_merge_do_not_count(load_text):
    body = "a = Definitions()\nb = Definitions()\nc = Definitions.merge(a, b)\nd = Definitions.merge(c, Definitions())"
    assert load(load_text, body)["source"]["attribute"] == "d"


def test_a_functions_definitions_are_the_modules_own(load_text):
    body = "def build():\n    return Definitions()\ndefs = build()"
    assert load(load_text, body)["source"]["line"] == 4


def test_a_definitions_function_is_called_at_load(load_text):
    snapshot = load(load_text, "@definitions\ndef anything():\n    return Definitions(assets=[AssetSpec('a')])")
    assert snapshot["source"]["attribute"] == "anything"
    assert snapshot["source"]["line"] == 3
    assert [asset["key"] for asset in snapshot["assets"]] == ["a"]


def test_what_a_definitions_function_raises_is_raised(load_text):
    with pytest.raises(ZeroDivisionError):
        load(load_text, "@definitions\ndef anything():\n    return 1 / 0")
    with pytest.raises(ValueError, match="a Definitions object, not 3"):
        load(load_text, "@definitions\ndef anything():\n    return 3")


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    """Load a module that imports from another beside it."""
    from atoll._errors import LoadError
    from atoll._loading import load

    def run(other, body):
        import sys

        monkeypatch.syspath_prepend(str(tmp_path))
        (tmp_path / "sdk_other.py").write_text(HEAD + other)
        (tmp_path / "main.py").write_text(HEAD + body)
        try:
            return load(import_file(tmp_path / "main.py", "main"))
        except LoadError as error:
            return error.problems
        finally:
            sys.modules.pop("sdk_other", None)

    return run


def test_a_modules_own_come_before_imported_ones(in_folder):
    snapshot = in_folder("theirs = Definitions()", "from sdk_other import theirs\nmine = Definitions()")
    assert snapshot["source"]["attribute"] == "mine"


def test_exactly_one_imported_one_counts_where_there_is_no_own(in_folder, tmp_path):
    snapshot = in_folder("theirs = Definitions()", "from sdk_other import theirs")
    assert snapshot["source"] == {"file": str(tmp_path / "sdk_other.py"), "line": 3, "attribute": "theirs"}
    (problem,) = in_folder("a = Definitions()\nb = Definitions()", "from sdk_other import a, b")
    assert problem["kind"] == "multiple_definitions"


def test_definitions_that_a_helper_module_builds_are_the_callers_own(in_folder):
    body = "from sdk_other import build, theirs\ndefs = build()"
    snapshot = in_folder("def build():\n    return Definitions()\ntheirs = build()", body)
    assert snapshot["source"]["attribute"] == "defs"


def test_a_module_without_definitions_is_told_what_to_add(load_text, tmp_path):
    (problem,) = load(load_text, "@asset\ndef a(): ...\nspec = AssetSpec('b')\n")
    assert problem["kind"] == "no_definitions"
    assert problem["hint"] == "add: defs = Definitions(assets=[a, spec])"
    assert problem["file"] == str(tmp_path / "location.py")


def test_a_function_that_returns_definitions_is_pointed_out(load_text):
    (problem,) = load(load_text, "def build() -> Definitions:\n    return Definitions()")
    assert "@definitions on build()" in problem["hint"]


def test_something_else_called_defs_is_of_the_wrong_type(load_text):
    (problem,) = load(load_text, "defs = [AssetSpec('a')]")
    assert problem["kind"] == "wrong_type"
    assert "of type list" in problem["message"]


ATTRIBUTES = """
one = Definitions()
two = Definitions(assets=[AssetSpec("a")])
number = 3
def build():
    return two
def build_nothing():
    pass
def build_with(x):
    return two
def build_later():
    @definitions
    def inner():
        return two
    return inner
class space:
    inside = two
"""


@pytest.mark.parametrize("attribute", ["two", "build", "build_later", "space.inside"])
def test_an_attribute_names_definitions_or_a_function_that_returns_them(load_text, attribute):
    snapshot = load(load_text, ATTRIBUTES, attribute)
    assert snapshot["source"]["attribute"] == attribute
    assert [asset["key"] for asset in snapshot["assets"]] == ["a"]


@pytest.mark.parametrize(
    ("attribute", "kind", "message", "hint"),
    [
        pytest.param("twoo", "no_definitions", "no attribute 'twoo'", "did you mean 'two'?", id="mistyped"),
        pytest.param("xyzzy", "no_definitions", "no attribute 'xyzzy'", "it has 'one', 'two'", id="unknown"),
        pytest.param("number", "wrong_type", "of type int", "it has 'one', 'two'", id="number"),
        pytest.param("build_nothing", "wrong_type", "returned no Definitions object but None", "return", id="nothing"),
        pytest.param("build_with", "wrong_type", "takes arguments", "no argument", id="arguments"),
    ],
)
def test_an_attribute_that_will_not_do_is_said(load_text, attribute, kind, message, hint):
    (problem,) = load(load_text, ATTRIBUTES, attribute)
    assert problem["kind"] == kind
    assert message in problem["message"]
    assert hint in problem["hint"]


def test_what_is_declared_and_not_handed_in_is_a_warning_at_its_line(load_text):
    body = """
    @asset
    def used(): ...
    @asset
    def forgotten(): ...
    spec = AssetSpec("s")
    @atoll.asset_check(asset=used)
    def check(): ...
    job = atoll.define_asset_job("j")
    defs = Definitions(assets=[used])
    """
    warnings = load(load_text, body)["warnings"]
    assert [(w["line"], w["message"].split("'")[1]) for w in warnings] == [
        (6, "forgotten"), (8, "spec"), (9, "check"), (11, "job"),
    ]  # fmt: skip
    assert {w["kind"] for w in warnings} == {"not_handed_in"}
