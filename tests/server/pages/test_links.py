"""Links to pages lead back to the name that they were made of; links into editors open the place."""

import pytest
from starlette.routing import Route, Router

from atoll_host.envs.errors import UsageError
from atoll_host.server.web.links import EDITORS, check_editor, definition_url, editor_url, location_url, read_name

NAMES = [
    pytest.param("orders", id="plain"),
    pytest.param("shop/core/orders", id="path"),
    pytest.param("a b%2Fc?d#e&f=g+h", id="marks-of-addresses"),
    pytest.param("שלום/🏝️/é", id="other-scripts"),
    pytest.param("../..", id="only-dots"),
    pytest.param("./~./~~../.../~", id="dots-and-tildes"),
    pytest.param("<script>\"'", id="html"),
    pytest.param("x" * 80, id="long"),
    pytest.param("/leading//double/", id="empty-parts"),
    pytest.param("a:b:c", id="colons"),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_link_leads_back_to_its_name(name):
    from urllib.parse import unquote, urlsplit

    url = definition_url("asset", "sales", name)
    assert url.isascii()
    assert not set(url) & set(" \"'<>")
    parts = urlsplit(url)
    assert not parts.query
    assert not parts.fragment
    # Browsers resolve these before they ask.
    assert not {".", "..", "%2e", "%2E%2E"} & set(parts.path.split("/"))
    route = Route("/assets/{location}/{name:path}", lambda request: None)
    _, scope = route.matches({"type": "http", "path": unquote(parts.path), "method": "GET", "root_path": ""})
    assert Router([route]).routes
    assert scope["path_params"]["location"] == "sales"
    assert read_name(scope["path_params"]["name"]) == name


def test_each_kind_has_its_address():
    assert definition_url("check", "sales", "not_empty", "shop/orders") == "/checks/sales/shop/orders:not_empty"
    assert definition_url("job", "sales", "nightly") == "/jobs/sales/nightly"
    assert definition_url("schedule", "sales", "daily") == "/schedules/sales/daily"
    assert definition_url("asset", None, "feed") == "/assets/-/feed"
    assert definition_url("location", None, "sales") == location_url("sales") == "/locations/sales"


def test_editors_open_the_line_and_column():
    assert editor_url("/data/a.py", 3, 7) == "vscode://file/data/a.py:3:7"
    assert editor_url("/data/a.py") == "vscode://file/data/a.py:1:1"
    assert editor_url("/data/a.py", 3, editor="pycharm") == "pycharm://open?file=/data/a.py&line=3&column=1"
    assert editor_url("/data/a.py", 3, editor="sublime") == "subl://open?url=file:///data/a.py&line=3&column=1"
    assert editor_url("C:\\data\\a.py", 3) == "vscode://file/C:/data/a.py:3:1"
    assert editor_url("/a.py", 2, editor="my://{file}@{line}") == "my:///a.py@2"


@pytest.mark.parametrize("editor", EDITORS)
def test_a_path_can_add_nothing_to_a_link(editor):
    url = editor_url('/data/a b&line=9#é?\n".py', 3, editor=editor)
    assert "a%20b%26line%3D9%23%C3%A9%3F%0A%22.py" in url


@pytest.mark.parametrize(
    ("editor", "said"),
    [
        pytest.param("vim", "no editor named 'vim'", id="unknown"),
        pytest.param("", "no editor named ''", id="empty"),
        pytest.param("my://open?{file}&{row}", "{row}", id="unknown-placeholder"),
        pytest.param("javascript:alert('{file}')", "no scheme", id="script"),
        pytest.param("{file}", "no scheme", id="no-scheme"),
    ],
)
def test_a_wrong_editor_is_a_usage_error_that_lists_those_there_are(editor, said):
    with pytest.raises(UsageError) as caught:
        check_editor(editor)
    problem = caught.value.problems[0]
    assert said in problem.message
    assert "vscode, vscode-insiders, cursor, windsurf, zed, idea, pycharm, sublime" in (problem.hint or "")
