from __MODULE__ import __NAME__


def test_each_row_of___NAME___has_an_id_of_its_own():
    rows = __NAME__()
    assert len({row["id"] for row in rows}) == len(rows) > 0
