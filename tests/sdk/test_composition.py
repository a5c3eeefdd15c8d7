"""The body of a graph: calls of ops become nodes, and what can't be one is said."""

import textwrap

import pytest

import atoll


@atoll.op
def one():
    return 1


@atoll.op(out={"left": atoll.Out(), "right": atoll.Out()})
def split(x):
    return x, x


@atoll.op(out={})
def end(x): ...


def compose(body):
    return atoll.graph(name="g")(body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (lambda: split(3), "must be the output of another op, not 3"),
        (lambda: split(one(), one()), "op 'split' has 1 inputs, and 2 are given"),
        (lambda: split(one(), x=one()), "input 'x' twice"),
        (lambda: split(y=one()), "op 'split' has no input 'y'"),
        (lambda: [one.alias("a")(), one.alias("a")()], "graph 'g' has two nodes named 'a'"),
        (lambda: list(one()), "can't look into"),
        (lambda: one.alias("a b"), "not a valid name"),
        (lambda: one.tag({"a b": "c"}), "invalid key"),
        (lambda: one.with_retry_policy(3), "must be a RetryPolicy"),
        (lambda: {"a": 1}, "graph 'g' returns"),
        (lambda: one() and one(), "can't look into"),
    ],
)
def test_a_body_that_does_not_compose_is_said_at_the_users_line(body, said):
    with pytest.raises(atoll.DefinitionError) as caught:
        compose(body)
    assert said in str(caught.value)
    frames, trace = [], caught.value.__traceback__
    while trace is not None:
        frames.append(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    assert __file__ in frames[1:]


def test_an_error_in_a_body_leaves_the_next_one_alone():
    with pytest.raises(ZeroDivisionError):
        compose(lambda: 1 / 0)
    assert [node.name for node in compose(lambda: one()).nodes] == ["one"]
    assert one() == 1


def test_outputs_of_several_have_names_and_an_order():
    graph = compose(lambda: split(one()).right)
    assert graph.outputs["result"].output == "right"
    graph = compose(lambda: dict(zip("ab", split(one()), strict=True)))
    assert [handle.output for handle in graph.outputs.values()] == ["left", "right"]
    graph = compose(lambda: split(one()))
    assert graph.output_names == ["left", "right"]
    assert compose(lambda: end(one())).output_names == []


def test_a_graph_in_a_graph_is_one_node_with_edges(load_text):
    snapshot = load_text(
        textwrap.dedent(
            """
            import atoll
            @atoll.op
            def start(): ...
            @atoll.op
            def both(x, y): ...
            @atoll.graph
            def inner(a):
                return both(a, a)
            @atoll.job
            def outer():
                inner(inner(start()))
            defs = atoll.Definitions(jobs=[outer])
            """
        )
    )
    names = [entry["name"] for entry in snapshot["computations"]]
    assert names == ["start", "both", "inner"]
    nodes = {node["name"]: node for node in snapshot["jobs"][0]["nodes"]}
    assert list(nodes) == ["start", "inner", "inner_2"]
    assert nodes["inner_2"]["dependencies"] == [
        {"input": "a", "from": [{"node": "inner", "output": "result"}], "fan_in": False}
    ]
    assert nodes["inner"]["source"]["line"] == 12
