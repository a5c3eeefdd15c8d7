"""The selection language, and what each selection means."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import atoll
from atoll import AssetSelection
from atoll._catalog import Catalog


@pytest.fixture(scope="module")
def catalog():
    """a → b → c → d, x → c; external e → a; group, tag, kind and owner here and there; checks of b and d."""

    def make(name, *ins, **options):
        specs = {"deps": list(ins), **options}
        return atoll.asset(name=name, **specs)(lambda: None)

    assets = [
        atoll.AssetSpec("e", kinds=["table"]),
        make("a", "e", group_name="raw", tags={"tier": "1"}),
        make("b", "a", group_name="raw", kinds=["python"]),
        make("x"),
        make("c", "b", "x", owners=["team:data", "a@b.org"]),
        make("d", "c", tags={"tier": "2"}),
        atoll.asset(key="p/q", deps=["unknown"])(lambda: None),
    ]
    checks = [atoll.asset_check(asset=key, name="ok")(lambda: None) for key in ("b", "d")]
    return Catalog(atoll.Definitions(assets=assets, asset_checks=checks))


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("*", "a b x c d p/q"),
        ("a", "a"),
        ('key:"a"', "a"),
        ("key:p/q", "p/q"),
        ("key:p/*", "p/q"),
        ("p*", "p/q"),
        ("+c", "a b x c"),
        ("1+c", "b x c"),
        ('2+key:"c"', "a b x c"),
        ("a+", "a b c d"),
        ("a+1", "a b"),
        ("+b+", "a b c d"),
        ("1+c+1", "b x c d"),
        ("(a or x)+1", "a b x c"),
        ("+(b and a)", ""),
        ("group:raw", "a b"),
        ('group:"default"', "x c d p/q"),
        ("tag:tier", "a d"),
        ('tag:"tier"="2"', "d"),
        ("tag:tier=1", "a"),
        ("kind:python", "b"),
        ("kind:table", ""),
        ("external(kind:table)", ""),
        ("owner:team:data", "c"),
        ('owner:"a@b.org"', "c"),
        ("owner:*@b.org", "c"),
        ("not group:raw", "x c d p/q"),
        ("NOT group:raw AND NOT x", "c d p/q"),
        ("a or b and x", "a"),
        ("(a or b) and not a", "b"),
        ("roots(group:raw or x)", "a x"),
        ("sinks(+c)", "c"),
        ("sinks(*)", "d p/q"),
        ("materializable(e or a)", "a"),
        ("e+2", "a b"),
        ("unknown+", "p/q"),
        ('+"c" and "b"+', "b c"),
    ],
)
def test_a_text_selects(catalog, text, keys):
    selection = AssetSelection.from_string(text)
    assert [str(key) for key in catalog.resolve_selection(selection)] == keys.split()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("a b", "a stray 'b' at character 3"),
        ("(a", "a ')' is missing before end at character 3"),
        ("a)", "a stray ')'"),
        ("and", "unexpected 'and'"),
        ("a and", "unexpected end"),
        ('key:"a', "a quote without an end"),
        ("keys:a", "unknown attribute 'keys' (did you mean 'key'?)"),
        ("sink(a)", "did you mean sinks()?"),
        ("zork(a)", "there are roots, sinks"),
        ("a++", "a stray '+'"),
        ("tag:=x", "a value is missing"),
        ("key:a$b", "not valid"),
        ("not", "unexpected end"),
        ("/a", "not valid"),
        ("a//b*", "not valid"),
    ],
)
def test_a_text_that_cannot_be_read_says_where(text, said):
    with pytest.raises(atoll.DefinitionError) as caught:
        AssetSelection.from_string(text)
    assert said in f"{caught.value} ({caught.value.hint})"


def test_checks_follow_their_assets(catalog):
    def checks(selection):
        return [f"{key}:{name}" for key, name in catalog.resolve_selection_checks(selection)]

    assert checks(AssetSelection.all()) == ["b:ok", "d:ok"]
    assert checks(AssetSelection.keys("b")) == ["b:ok"]
    assert checks(AssetSelection.all().without_checks()) == []
    assert checks(AssetSelection.all_asset_checks()) == ["b:ok", "d:ok"]
    assert checks(AssetSelection.all() - AssetSelection.checks_for_assets("b")) == ["d:ok"]
    assert checks(AssetSelection.from_string('check:"b:ok"')) == ["b:ok"]
    assert catalog.resolve_selection(AssetSelection.checks_for_assets("b")) == []


def test_the_builders_say_the_same_as_the_texts():
    assert AssetSelection.keys("a").upstream().write() == '+key:"a"'
    assert AssetSelection.keys("a").upstream(depth=2).write() == '2+key:"a"'
    assert AssetSelection.keys("a").downstream(depth=1).write() == 'key:"a"+1'
    assert (AssetSelection.groups("g") & AssetSelection.kind("k")).write() == 'group:"g" and kind:"k"'
    assert (AssetSelection.groups("g") - AssetSelection.keys("a")).write() == 'group:"g" and not key:"a"'
    assert AssetSelection.groups().write() == "not external(*)"


def test_selections_combine_only_with_selections():
    with pytest.raises(atoll.DefinitionError, match="must be an AssetSelection"):
        AssetSelection.all() | "a"
    with pytest.raises(atoll.DefinitionError, match="depth must be 0 or more"):
        AssetSelection.all().upstream(depth=-1)


def extend(inner):
    depth = st.none() | st.integers(0, 3)
    return (
        st.tuples(inner, inner).map(lambda pair: pair[0] & pair[1])
        | st.tuples(inner, inner).map(lambda pair: pair[0] | pair[1])
        | st.tuples(inner, inner).map(lambda pair: pair[0] - pair[1])
        | st.tuples(inner, depth).map(lambda pair: pair[0].upstream(pair[1]))
        | st.tuples(inner, depth).map(lambda pair: pair[0].downstream(pair[1]))
        | inner.map(lambda one: one.roots())
        | inner.map(lambda one: one.sinks())
        | inner.map(lambda one: one.without_checks())
    )


LEAVES = st.sampled_from(
    [
        AssetSelection.all(), AssetSelection.all(include_sources=True), AssetSelection.keys("a"),
        AssetSelection.keys("b", "c"), AssetSelection.groups("raw"), AssetSelection.tag("tier", "1"),
        AssetSelection.kind("python"), AssetSelection.owner("team:data"), AssetSelection.key_prefixes("p"),
        AssetSelection.all_asset_checks(), AssetSelection.key_substring("q"),
    ]
)  # fmt: skip


@given(st.recursive(LEAVES, extend, max_leaves=6))
def test_every_selection_reads_back_from_its_text_with_the_same_meaning(catalog, selection):
    again = AssetSelection.from_string(selection.write())
    assert again.write() == selection.write()
    assert again.resolve(catalog.graph) == selection.resolve(catalog.graph)
    assert again.resolve_checks(catalog.graph) == selection.resolve_checks(catalog.graph)


@given(st.text(alphabet='ab/*()+:="12 \tandorot,', max_size=30))
def test_any_text_is_read_or_refused_with_a_sentence(text):
    with contextlib.suppress(atoll.DefinitionError):
        AssetSelection.from_string(text)
