"""Which countries are islands: the list that the other locations start from."""
