from __MODULE__ import __CLASS__


def test___NAME___knows_where_its_files_are():
    assert __CLASS__(folder="elsewhere").path_of("a.csv") == "elsewhere/a.csv"
