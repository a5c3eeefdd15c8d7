"""A server over a workspace of everything: each kind of definition, a location that fails, one that is stale."""

from __future__ import annotations

import functools
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from dev_server import DevServer
from file_workspaces import BROKEN, SALES, STOCK, write_workspace
from jsonschema import Draft202012Validator

SAMPLE = Path(__file__).parents[2] / "sdk" / "samples" / "everything.py"


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """Give a server whose locations have all settled."""
    path = tmp_path_factory.mktemp("web") / "demo"
    sample = SAMPLE.read_text("utf-8")
    folder = write_workspace(path, sales=SALES, stock=STOCK, sample=sample, reports=BROKEN)
    folder.run("list", "--location", "stock").ended(0)
    folder.write({"stock.py": "import surely_not_there_either\n"})
    with DevServer(path) as server:
        words = {name: row["word"] for name, row in server.until_settled().items()}
        assert words == {"sales": "loaded", "stock": "stale", "sample": "loaded", "reports": "failed"}, server.output
        yield server
        assert "Traceback" not in server.output


@pytest.fixture
def client(served):
    """Give a client of that server which follows no redirects."""
    with httpx.Client(base_url=served.url, timeout=60) as found:
        yield found


@pytest.fixture
def connect(served):
    """Give a function that opens a connection to that server, sends bytes, and gives the socket."""
    opened = []

    def connected(data):
        parts = urlsplit(served.url)
        found = socket.create_connection((parts.hostname, parts.port), timeout=30)
        opened.append(found)
        found.sendall(data)
        return found

    yield connected
    for found in opened:
        found.close()


@pytest.fixture(scope="session")
def described(served):
    """Give the description of the API."""
    return served.get("/api/openapi.json")


@pytest.fixture(scope="session")
def ask(described):
    """Give a function that asks, fails where the answer is not as described, and gives its JSON."""

    def asked(client, method, path, *, template=None, status=200, **more):
        answer = client.request(method, path, **more)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/json"
        operation = described["paths"][template or path.partition("?")[0]][method.lower()]
        schema = operation["responses"][str(status)]["content"]["application/json"]["schema"]
        validator = Draft202012Validator({**schema, "components": described["components"]})
        said = answer.json()
        assert [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(said)] == []
        return said

    return asked


@pytest.fixture
def check(client, ask):
    """Give such a function that asks the server over everything."""
    return functools.partial(ask, client)
