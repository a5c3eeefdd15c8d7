"""What the cases share."""

import contextlib

import atoll


@contextlib.contextmanager
def raises(kind, text=""):
    """Expect an exception of a kind, whose text (or hint) holds a text; its object is in the list that is given."""
    caught = []
    try:
        yield caught
    except kind as error:
        shown = f"{error} {getattr(error, 'hint', None) or ''}"
        assert text in shown, f"{text!r} is not in {shown!r}"
        caught.append(error)
    else:
        raise AssertionError(f"{kind.__name__} was not raised")


def kinds(result):
    """The types of a run's events, in order."""
    return [event["type"] for event in result.events]


def failed(assets, **options):
    """The problem of the only step that failed."""
    result = atoll.materialize(assets, raise_on_error=False, **options)
    assert not result.success
    (event,) = result.get_step_failure_events()
    return event["problem"]


class Watched(atoll.ConfigurableResource):
    """A resource that writes down what happens to it."""

    name: str
    fails_at: str = ""

    def setup_for_execution(self, context):
        self._write("up")

    def teardown_after_execution(self, context):
        self._write("down")

    def _write(self, what):
        LOG.append(f"{what} {self.name}")
        if self.fails_at == what:
            raise ValueError(f"{self.name} fails at {what}")


LOG = []


def taken():
    """What was written down, which starts anew."""
    found = list(LOG)
    LOG.clear()
    return found
