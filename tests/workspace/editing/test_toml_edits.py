"""`[tool.atoll]` gets a value, and the rest of pyproject.toml stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atoll_host.workspace.editing.toml_edits import set_project_value
from atoll_host.workspace.editing.transaction import EditRefusedError

FILE = Path("/w/pyproject.toml")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", '[tool.atoll]\nname = "new"\n', id="empty"),
        pytest.param('[project]\nname = "a"\n', '[project]\nname = "a"\n\n[tool.atoll]\nname = "new"\n', id="no-table"),
        pytest.param('[project]\nname = "a"', '[project]\nname = "a"\n\n[tool.atoll]\nname = "new"\n', id="no-newline"),
        pytest.param(
            "[tool.uv]\nx = 1 # x\n\n# of other\n[tool.other]\n",
            '[tool.uv]\nx = 1 # x\n\n# of other\n[tool.other]\n\n[tool.atoll]\nname = "new"\n',
            id="other-tools",
        ),
        pytest.param(
            "[tool.atoll]\nname = 'old' # c\nmodule='m'\n\n[tool.b]\n",
            "[tool.atoll]\nname = \"new\" # c\nmodule='m'\n\n[tool.b]\n",
            id="another-value",
        ),
        pytest.param(
            "[tool.atoll] # t\nmodule='m' # m\n\n# of b\n[tool.b]\ny=1\n",
            "[tool.atoll] # t\nname = \"new\"\nmodule='m' # m\n\n# of b\n[tool.b]\ny=1\n",
            id="another-key",
        ),
        pytest.param("[tool]\natoll.module = 'm'\n", "[tool]\natoll.module = 'm'\natoll.name = \"new\"\n", id="dotted"),
        pytest.param(
            "tool = {atoll = {module = 'm'}} # t\n",
            "tool = {atoll = {module = 'm',name = \"new\"}} # t\n",
            id="inline",
        ),
        pytest.param(
            "[tool.atoll]\r\nname = 'old' # c\r\n\r\n[b]\r\n",
            '[tool.atoll]\r\nname = "new" # c\r\n\r\n[b]\r\n',
            id="crlf",
        ),
        pytest.param("[a]\r\nb = 1\r\n", '[a]\r\nb = 1\r\n\r\n[tool.atoll]\r\nname = "new"\r\n', id="crlf-no-table"),
    ],
)
def test_a_value_is_set(before, after):
    assert set_project_value(before, "name", "new", FILE) == after


@pytest.mark.parametrize("text", ["[tool", "tool = 3\n", "[tool]\natoll = 3\n", "[[tool.atoll]]\n", "tool = {}\n"])
def test_what_can_not_be_changed_is_refused(text):
    with pytest.raises(EditRefusedError, match="was not changed"):
        set_project_value(text, "name", "new", FILE)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.sampled_from(
            [
                "[project]\nname = 'a' # p\n",
                "[tool.uv] # u\nx = [\n  1, # one\n]\n",
                "[tool.atoll] # a\n# in\nmodule = 'm'\n",
                "[[tool.list]]\nx = 1\n",
                "# apart\n",
                "\n",
                "[tool.other.deep]\ny = '''\n# text\n'''\n",
                "[tool.atoll.x]\n",
            ]
        ),
        unique=True,
        max_size=8,
    )
)
def test_every_line_stays_and_keeps_its_order(parts):
    text = "".join(parts)
    try:
        new = set_project_value(text, "name", "new", FILE)
    except EditRefusedError:
        assert "[tool.atoll.x]" in text  # a table below ours may leave no place for a key
        return

    lines = iter(new.splitlines())
    assert all(line in lines for line in text.splitlines())
