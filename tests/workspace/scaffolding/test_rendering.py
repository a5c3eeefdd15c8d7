"""Rendering of template trees."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from atoll_host.workspace.scaffolding.rendering import RenderedFile, TemplateError, render_text, render_tree


@pytest.fixture
def tree(tmp_path):
    """Give a function that writes a template tree."""

    def write(files):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_placeholders_are_replaced_in_names_and_in_texts(tree):
    folder = tree({"src/__PACKAGE__/__init__.py": "name = '__NAME__'\n", ".hidden/a": "__PACKAGE____NAME__"})
    assert render_tree(folder, {"PACKAGE": "sales", "NAME": "über"}) == (
        RenderedFile(PurePosixPath(".hidden/a"), "salesüber"),
        RenderedFile(PurePosixPath("src/sales/__init__.py"), "name = 'über'\n"),
    )


def test_names_with_underscores_around_a_placeholder_are_read_from_the_right():
    assert render_text("test___NAME___is_there", {"NAME": "x"}) == "test_x_is_there"


def test_what_python_itself_calls_so_is_no_placeholder():
    text = "if __name__ == '__main__': __all__, __A, B__, __init__"
    assert render_text(text, {}) == text


def test_a_value_is_not_rendered_again():
    assert render_text("__A__", {"A": "__B__", "B": "no"}) == "__B__"


def test_executable_files_stay_executable(tree):
    folder = tree({"run": "", "read": ""})
    (folder / "run").chmod(0o755)
    assert {str(file.path): oct(file.mode) for file in render_tree(folder, {})} == {"read": "0o644", "run": "0o755"}


def test_caches_beside_templates_are_not_part_of_them(tree):
    folder = tree({"a.py": "", "__pycache__/a.cpython-311.pyc": "", "b/.DS_Store": "", "b.pyc": ""})
    assert [str(file.path) for file in render_tree(folder, {})] == ["a.py"]


@pytest.mark.parametrize(
    ("files", "values", "said"),
    [
        pytest.param({"a": "__B__"}, {}, "a: nothing stands for __B__", id="no-value"),
        pytest.param({"__B__": ""}, {}, "__B__: nothing stands for __B__", id="no-value-in-a-name"),
        pytest.param({"a": "__B__"}, {"B": "", "C": "x"}, "asks for C", id="no-placeholder"),
        pytest.param({"a": "__Package__"}, {}, "a: __Package__ is no placeholder", id="not-in-capitals"),
        pytest.param({"__A__": "", "x": ""}, {"A": "x"}, "x would be written to x", id="two-at-one-place"),
        pytest.param({"__A__": ""}, {"A": "../x"}, "__A__ would be written to ../x", id="out-of-the-tree"),
        pytest.param({}, {}, "there is no template in", id="nothing"),
    ],
)
def test_a_template_and_values_that_do_not_fit_are_refused(tree, files, values, said):
    with pytest.raises(TemplateError, match=said.replace(".", r"\.")):
        render_tree(tree(files), values)
