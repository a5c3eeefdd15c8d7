"""The order of steps in random graphs with multi-assets, blocking checks, failures and selections."""

import random

import atoll


class World:
    """A random graph: what is executed, in order, is written down by the functions themselves."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        count = self.random.randint(2, 14)
        self.keys = [f"k{number}" for number in range(count)]
        self.above = {key: [up for up in self.keys[:n] if self._happens(0.3)] for n, key in enumerate(self.keys)}
        self.failing = {key for key in self.keys if self._happens(0.1)}
        self.bad = {key for key in self.keys if self._happens(0.1)}
        self.checked = {key for key in self.keys if self._happens(0.4)} | self.bad
        self.groups = self._make_groups()
        self.done = []

    def _happens(self, chance):
        return self.random.random() < chance

    def _make_groups(self):
        left, groups = list(self.keys), []
        self.random.shuffle(left)
        while left:
            size = self.random.choice([1, 1, 1, 2, 3])
            groups.append(left[:size])
            left = left[size:]
        return groups

    def make_assets(self, group):
        def make(context):
            for key in sorted(map(str, context.selected_asset_keys), key=self.keys.index):
                self.done.append(key)
                if key in self.failing:
                    raise ValueError(key)
                yield atoll.MaterializeResult(asset_key=key)

        specs = [atoll.AssetSpec(key, deps=self.above[key]) for key in group]
        return atoll.multi_asset(specs=specs, can_subset=True, name=f"group_{group[0]}")(make)

    def make_check(self, key):
        def check():
            self.done.append(f"check {key}")
            return atoll.AssetCheckResult(passed=key not in self.bad)

        return atoll.asset_check(asset=key, name=f"check_{key}", blocking=True)(check)

    def run(self):
        definitions = [self.make_assets(group) for group in self.groups] + [self.make_check(k) for k in self.checked]
        self.random.shuffle(definitions)
        chosen = [key for key in self.keys if self._happens(0.6)] if self._happens(0.3) else []
        result = atoll.materialize(definitions, selection=chosen or None, raise_on_error=False)
        return set(chosen or self.keys), {event["asset"] for event in result.get_asset_materialization_events()}

    def find_group(self, key):
        return next(group for group in self.groups if key in group)

    def is_well(self, key, chosen):
        """Whether nothing keeps an asset from being made, not even another asset of the same function."""
        if key in self.failing or len(self.find_group(key)) > 1:
            return False
        return all(up not in self.bad and self.is_well(up, chosen) for up in self.above[key] if up in chosen)

    def check(self):
        chosen, made = self.run()
        assert made <= chosen
        assert len(self.done) == len(set(self.done))
        place = {what: number for number, what in enumerate(self.done)}
        for key in made:
            for up in set(self.above[key]) & chosen:
                assert up in made
                assert place[up] < place[key]
                if up in self.checked and up not in self.find_group(key):
                    assert place[f"check {up}"] < place[key]
                    assert up not in self.bad
        for key in chosen - made:
            assert not self.is_well(key, chosen)


def what_is_upstream_and_its_blocking_checks_come_first():
    for seed in range(600):
        try:
            World(seed).check()
        except Exception as error:
            raise AssertionError(f"with seed {seed}") from error
