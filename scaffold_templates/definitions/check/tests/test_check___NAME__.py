from __MODULE__ import __NAME__


def test___NAME___passes_where_there_are_rows():
    assert __NAME__([{"id": 1}]).passed


def test___NAME___fails_where_there_are_none():
    assert not __NAME__([]).passed
