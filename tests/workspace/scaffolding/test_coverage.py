"""Patterns and folders that are not there yet."""

from __future__ import annotations

import pytest

from atoll_host.workspace.scaffolding.coverage import covers, joins_uv_workspace


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("locations/*", "locations/sales", True),
        ("./locations/*/", "locations/sales", True),
        ("*", "locations/sales", False),
        ("**", "locations/sales", True),
        ("**/sales", "sales", True),
        ("locations/**/sales", "locations/a/b/sales", True),
        ("locations/[a-m]*", "locations/sales", False),
        ("locations/sales", "locations/sales", True),
        ("locations/*", "locations/sales/deep", False),
    ],
)
def test_a_pattern_covers_what_it_will_match(pattern, path, covered):
    assert covers(pattern, path) == covered


@pytest.mark.parametrize(
    ("text", "joins"),
    [
        pytest.param('members = ["locations/*"]', True, id="member"),
        pytest.param('members = ["locations/*"]\nexclude = ["locations/s*"]', False, id="excluded"),
        pytest.param('members = ["packages/*"]', False, id="elsewhere"),
        pytest.param("", False, id="of-one"),
        pytest.param("members = 1", False, id="nonsense"),
        pytest.param("broken", False, id="broken"),
    ],
)
def test_a_project_joins_the_uv_workspace_that_names_its_folder(tmp_path, text, joins):
    (tmp_path / "pyproject.toml").write_text(f"[tool.uv.workspace]\n{text}\n", encoding="utf-8")
    assert joins_uv_workspace(tmp_path / "locations" / "sales") == joins


def test_the_nearest_uv_workspace_decides(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["**"]\n', encoding="utf-8")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "pyproject.toml").write_text("[tool.uv.workspace]\n", encoding="utf-8")
    assert not joins_uv_workspace(tmp_path / "inner" / "sales")
    assert joins_uv_workspace(tmp_path / "outer" / "sales")
