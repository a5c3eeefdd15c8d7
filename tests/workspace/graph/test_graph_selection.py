"""Selections over the merged graph: the SDK's language, across locations."""

from __future__ import annotations

import pytest
from reports import asset, definitions, external

from atoll_host.envs.errors import UsageError
from atoll_host.workspace.graph.merging import merge
from atoll_host.workspace.graph.selection import select

GRAPH = merge(
    {
        "sales": definitions(
            assets=[
                asset("raw", group="raw", kinds=["csv"], owners=["team:sales"], tags={"domain": "sales", "core": ""}),
                asset("sales/orders", "raw", kinds=["table"], owners=["ann@example.org"]),
            ]
        ),
        "stock": definitions(
            assets=[external("feed"), asset("levels", "feed", "nowhere"), asset("forecast", "levels", "sales/orders")]
        ),
    }
)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("*", "raw sales/orders feed levels forecast nowhere"),
        ("raw", "raw"),
        ('key:"sales/orders"', "sales/orders"),
        ("key:sales/*", "sales/orders"),
        ('"sales/orders"', "sales/orders"),
        ("group:raw", "raw"),
        ("kind:csv or kind:table", "raw sales/orders"),
        ("kind:csv and kind:table", ""),
        ("owner:team:sales", "raw"),
        ('owner:"ann@example.org"', "sales/orders"),
        ("tag:domain", "raw"),
        ("tag:domain=sales", "raw"),
        ("tag:domain=stock", ""),
        ('tag:"core"=""', "raw"),
        ("location:stock", "feed levels forecast"),
        ("location:st* and not key:feed", "levels forecast"),
        ("not location:stock", "raw sales/orders nowhere"),
        ("not not raw", "raw"),
        ("+forecast", "forecast levels feed nowhere sales/orders raw"),
        ("1+forecast", "forecast levels sales/orders"),
        ("raw+", "raw sales/orders forecast"),
        ("raw+1", "raw sales/orders"),
        ("+levels+", "feed nowhere levels forecast"),
        ("(raw or feed)+1", "raw sales/orders feed levels"),
        ("roots(location:stock)", "feed"),
        ("sinks(*)", "forecast"),
        ("materializable(*)", "raw sales/orders levels forecast"),
        ("external(*)", "feed nowhere"),
        ("RAW OR raw AND NOT feed", "raw"),
        ("key:[a-z]*", ""),
        ("key:ra?", ""),
    ],
)
def test_a_selection_chooses(text, keys):
    assert {GRAPH.nodes[name].key for name in select(GRAPH, text)} == set(keys.split())


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("", "The selection is empty", "'*'"),
        ("   ", "The selection is empty", "'*'"),
        ("group:", "the end at character 7", "such as"),
        ("group:raw )", "a stray ')' at character 11", "such as"),
        ("(raw", "a ')' is missing before the end at character 5", "such as"),
        ("raw and", "the end at character 8", "such as"),
        ("and raw", "an unexpected 'and' at character 1", "such as"),
        ('key:"raw', "a quote without an end at character 5", None),
        ("grup:raw", "unknown attribute 'grup'", "did you mean group?"),
        ("colour:red", "unknown attribute 'colour'", "there are key, group"),
        ("root(*)", "unknown function root()", "did you mean roots?"),
    ],
)
def test_what_cannot_be_read_is_said_with_the_place(text, said, hint):
    with pytest.raises(UsageError) as raised:
        select(GRAPH, text)
    (problem,) = raised.value.problems
    assert said in problem.message
    assert (hint or "") in (problem.hint or "")
