"""Whatever is committed, a location that is skipped reports the same, byte for byte, on both revisions."""

from __future__ import annotations

import json
import random
import shutil
import sys

import pytest

from atoll_host.workspace.snapshots import write_snapshot

LOCATIONS = {
    # Imports a helper of a shared folder, which imports another, which may read files that only it names.
    "alpha": (
        "import os, sys\n"
        "sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'shared'))\n"
        "import atoll, helper\nVALUE = '{value}'\n\n\n@atoll.asset(description=VALUE + helper.text())\ndef alpha_asset():\n    pass\n\n\n"
        "defs = atoll.Definitions(assets=[alpha_asset])\n"
    ),
    # Reads a data file of the repository and lists a folder.
    "beta": (
        "import os, atoll\nVALUE = '{value}'\ntry:\n    text = open('../data/beta.csv').read()\nexcept OSError:\n    text = 'none'\n"
        "try:\n    parts = sorted(os.listdir('../data/parts'))\nexcept OSError:\n    parts = []\n\n\n"
        "@atoll.asset(deps=['alpha_asset'], description=VALUE + text + ' '.join(parts))\ndef beta_asset():\n    pass\n\n\n"
        "defs = atoll.Definitions(assets=[beta_asset])\n"
    ),
    # Asks for sizes, which leaves no trace: below its own folder, and for inputs that are declared.
    "gamma": (
        "import os, glob, atoll\nVALUE = '{value}'\n\n\ndef size(path):\n    try:\n        return os.stat(path).st_size\n    except OSError:\n"
        "        return -1\n\n\nNUMBERS = [size('settings.json'), size('../data/native/one.bin'), size('../data/native/two.bin')]\n\n\n"
        "@atoll.asset(description=VALUE + str(NUMBERS))\ndef gamma_asset():\n    pass\n\n\n"
        "defs = atoll.Definitions(assets=[gamma_asset])\n"
    ),
    # Reads a variable of its .env file, and a module that may not be there.
    "delta": (
        "import os, sys, atoll\nVALUE = '{value}'\nsys.path.append(os.path.abspath('../shared/optional'))\n"
        "try:\n    import extra\n    more = extra.VALUE\nexcept ImportError:\n    more = 'none'\n\n\n"
        "@atoll.asset(description=VALUE + os.environ.get('DELTA', 'unset') + more)\ndef delta_asset():\n    pass\n\n\n"
        "defs = atoll.Definitions(assets=[delta_asset])\n"
    ),
    # A package from the top of the repository, and a file whose name another file says.
    "epsilon": (
        "import os, sys, atoll\nVALUE = '{value}'\nsys.path.append(os.path.abspath('../lib'))\nfrom common.tables import TABLE\n"
        "try:\n    name = open('which.txt').read().strip()\n    text = open('../data/' + name).read()\nexcept OSError:\n    text = 'none'\n\n\n"
        "@atoll.asset(deps=['delta_asset'], description=VALUE + TABLE + text)\ndef epsilon_asset():\n    pass\n\n\n"
        "defs = atoll.Definitions(assets=[epsilon_asset])\n"
    ),
    # Its working directory is the top of the repository, where it looks for files without opening them.
    "zeta": (
        "import os, atoll\nVALUE = '{value}'\nFOUND = [os.path.exists(name) for name in ('shared/flag', 'data/third.csv', 'lib/common.py')]\n\n\n"
        "@atoll.asset(deps=['gamma_asset'], description=VALUE + str(FOUND))\ndef zeta_asset():\n    pass\n\n\n"
        "defs = atoll.Definitions(assets=[zeta_asset])\n"
    ),
}
FIXED = {
    ".gitignore": ".atoll/\n__pycache__/\n",
    "README.md": "A repository\n",
    "shared/helper.py": "import deeper\n\n\ndef text():\n    return deeper.TEXT\n",
    "shared/deeper.py": "TEXT = 'deep'\n",
    "shared/optional/note.txt": "\n",
    "lib/common/__init__.py": "",
    "lib/common/tables.py": "TABLE = 'table'\n",
    "data/beta.csv": "a,b\n",
    "data/parts/one": "1",
    "data/native/one.bin": "1",
    "data/other.csv": "x\n",
    "gamma/settings.json": "{}",
    "delta/.env": "DELTA=1\n",
    "epsilon/which.txt": "other.csv\n",
    "docs/page.md": "words\n",
}


TRUTH = ".atoll/truth"
"""Where loads are kept that no plan looks at."""


class History:
    """A repository that random commits are made in, and what every location reported at each."""

    def __init__(self, repo, seed):
        self.repo = repo
        self.random = random.Random(seed)
        self.names = list(LOCATIONS)
        self.timeout = 60
        self.comment = 0
        self.reports: dict[str, dict[str, bytes]] = {}
        self.commits: list[str] = []
        self.skipped = 0
        self.judged = 0
        repo.write(FIXED)
        for name in LOCATIONS:
            self.write_location(name)
        self.write_workspace()

    def write_location(self, name):
        text = LOCATIONS[name].format(value=self.random.randrange(1000))
        if self.random.random() < 0.1:
            text = (
                text.replace("defs =", "defs = undefined_name or", 1)
                if self.random.random() < 0.5
                else text + "def (\n"
            )
        self.repo.write({f"{name}/{name}_defs.py": text})

    def write_workspace(self):
        entries = []
        for name in self.names:
            inside = {
                "module_name": f"{name}_defs",
                "working_directory": name,
                "location_name": name,
                "executable_path": sys.executable,
            }
            if name == "zeta":
                inside = {
                    "relative_path": "zeta/zeta_defs.py",
                    "location_name": name,
                    "executable_path": sys.executable,
                }
                entries.append({"python_file": inside})
                continue
            if name == "gamma":
                inside["inputs"] = ["../data/native/*.bin"]
            if name == "delta":
                inside["env_file"] = ["delta/.env"]
            if name == "beta":
                inside["timeout"] = self.timeout
            entries.append({"python_module": inside})
        head = f"# {self.comment}\n"
        self.repo.write({"workspace.yaml": head + json.dumps({"load_from": entries}, indent=1)})

    def mutate(self):
        """Change something as a commit would."""
        choose, path = self.random.choice, self.repo.path
        number = str(self.random.randrange(10_000))

        def toggle(name, text):
            file = path / name
            if file.exists():
                file.unlink()
            else:
                self.repo.write({name: text})

        def move(name, other):
            one, two = (name, other) if (path / name).exists() else (other, name)
            if (path / one).exists():
                (path / two).parent.mkdir(parents=True, exist_ok=True)
                (path / one).rename(path / two)

        def remove_location():
            if len(self.names) > 3:
                self.names.remove(choose(self.names))
            else:
                self.names = list(LOCATIONS)
            self.write_workspace()

        def reorder():
            self.random.shuffle(self.names)
            self.comment += 1
            self.write_workspace()

        def set_timeout():
            self.timeout = choose([50, 60, 70])
            self.write_workspace()

        deeper = [
            f"TEXT = {number!r}\n",
            "import os\nTEXT = open(os.path.join(os.path.dirname(__file__), '..', 'data', 'other.csv')).read()\n",
            "import os\nhere = os.path.dirname(__file__)\nTEXT = str(os.path.exists(os.path.join(here, 'flag')))\n",
            "import os\nTEXT = os.environ.get('DEEPER', 'none')\n",
            "import subprocess, sys\nTEXT = subprocess.run([sys.executable, '-I', '-c', 'print(1)'], capture_output=True).stdout.decode()\n",
            "raise RuntimeError('deep')\n",
        ]
        actions = [
            lambda: self.write_location(choose(self.names)),
            lambda: self.write_location(choose(self.names)),
            lambda: self.repo.write({"shared/deeper.py": choose(deeper)}),
            lambda: self.repo.write({"shared/deeper.py": choose(deeper[:3])}),
            lambda: self.repo.write({"lib/common/tables.py": f"TABLE = {number!r}\n"}),
            lambda: self.repo.write(
                {"lib/common/tables.py": f"from common.{choose(['tables_a', 'tables_b'])} import TABLE\n"}
            ),
            lambda: toggle(f"lib/common/{choose(['tables_a', 'tables_b'])}.py", f"TABLE = {number!r}\n"),
            lambda: toggle("lib/common.py", "TABLE = 1\n"),
            lambda: toggle("epsilon/common/__init__.py", ""),
            lambda: self.repo.write({"data/beta.csv": number}),
            lambda: move("data/beta.csv", "data/beta-old.csv"),
            lambda: toggle(f"data/parts/{choose('abc')}", number),
            lambda: toggle(f"data/parts/folder/{choose('abc')}", number),
            lambda: toggle("data/native/two.bin", number * 3),
            lambda: self.repo.write({"data/native/one.bin": "1" * self.random.randrange(9)}),
            lambda: self.repo.write({"data/other.csv": number}),
            lambda: toggle("data/third.csv", number),
            lambda: self.repo.write({"gamma/settings.json": json.dumps(number * self.random.randrange(3))}),
            lambda: self.repo.write({"delta/.env": f"DELTA={number}\n"}),
            lambda: toggle("shared/optional/extra.py", f"VALUE = {number!r}\n"),
            lambda: toggle("shared/flag", ""),
            lambda: move("shared/optional/extra.py", "shared/optional/kept.py"),
            lambda: self.repo.write({"epsilon/which.txt": choose(["other.csv", "third.csv", "beta.csv", "gone.csv"])}),
            lambda: self.repo.write({"README.md": number, f"docs/page {number}.md": number}),
            lambda: self.repo.write({f"{choose(self.names)}/uv.lock": number}),
            lambda: self.repo.write({"docs/gr\u00fc\u00dfe\n.md": number}),
            remove_location,
            reorder,
            set_timeout,
        ]
        for _ in range(choose([1, 1, 1, 2, 3])):
            choose(actions)()

    def load(self):
        """Load everything as it is, beside the state that plans look at."""
        shutil.rmtree(self.repo.path / TRUTH / "snapshots", ignore_errors=True)
        # Two edits of equal size within a second would have Python take old bytecode for current.
        for folder in [*self.repo.path.rglob("__pycache__")]:
            shutil.rmtree(folder)
        return self.repo.load(state=TRUTH)

    def commit(self, reports):
        commit = self.repo.commit()
        self.commits.append(commit)
        self.reports[commit] = {name: told(report) for name, report in reports.items()}

    def step(self):
        """Change something, plan against an earlier commit, and compare what is skipped with the truth."""
        self.mutate()
        reference = self.random.choice(self.commits[-4:])
        reports = None
        if self.random.random() < 0.5:
            # What is not committed yet counts as well.
            reports = self.load()
            self.commit(reports)
        plan = self.repo.plan(reference)
        reports = reports or self.load()
        for name in plan.skipped:
            assert told(reports[name]) == self.reports[reference][name], (name, reference, dict(plan.changes.statuses))
            assert plan.known[name].definitions == reports[name].definitions, name
        assert plan.skipped.keys() | plan.affected.keys() == set(self.names)
        self.judged += len(reports)
        self.skipped += len(plan.skipped)
        for name in plan.affected:
            # A command loads the affected ones, unless it was given others or interrupted.
            if reports[name].status == "loaded" and self.random.random() < 0.8:
                write_snapshot(self.repo.environments().state, reports[name].snapshot)
        if self.repo.git("status", "--porcelain"):
            self.commit(reports)


def told(report):
    """Give everything that a report says, without how long that took."""
    said = {
        "status": report.status,
        "problems": [problem.to_json() for problem in report.problems],
        "definitions": report.definitions if report.status == "loaded" else None,
        "output": report.output.text,
    }
    return json.dumps(said, sort_keys=True).encode()


def run(repo, seed, steps):
    history = History(repo, seed)
    history.commit(history.load())
    for _ in range(steps):
        history.step()
    return history


def test_what_is_skipped_reports_the_same_on_both_revisions(repo):
    history = run(repo, seed=20, steps=40)
    assert history.skipped > history.judged / 20


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(3))
def test_what_is_skipped_reports_the_same_on_both_revisions_of_a_long_history(repo, seed):
    history = run(repo, seed=1000 + seed, steps=110)
    assert history.skipped > history.judged / 20
