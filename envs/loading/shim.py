"""The one file of ours that a location's interpreter is started with. It speaks the protocol of `envs/protocol.md`.

Started by path: ``python -I -X utf8 shim.py --faults DESCRIPTOR-OR-PATH [--lifeline DESCRIPTOR]``. Standard library only. It
parses on Python 3.6, so that an interpreter which is too old gets a sentence instead of a SyntaxError, and runs on
Python 3.8 and later. Its top level does nothing, because `multiprocessing` imports it again in spawned processes, and
it imports nothing before that is needed, because every millisecond here is one for every load.
"""

import sys

PROTOCOL = 1
TOO_OLD = (3, 8)
CHANNEL_LOST = 87
"""Exit status that says: the answer was ready, but user code had closed the channel."""


def main(arguments):
    if sys.version_info < TOO_OLD:
        refuse_old_python()
        return
    import os

    here = os.path.dirname(os.path.abspath(__file__))
    if sys.path and os.path.abspath(sys.path[0]) == here:
        del sys.path[0]
    options = dict(zip(arguments[::2], arguments[1::2]))
    arm_lifeline(options.get("--lifeline"))
    offer_to_the_system()
    channel = Channel()
    faults = options["--faults"]
    faults = int(faults) if faults.isdigit() else os.open(faults, os.O_WRONLY | os.O_APPEND)
    worker = Worker(channel, move_up(faults))
    if "--control" in options:
        worker = make_parent(worker, here, int(options["--control"]))
    worker.serve()


def make_parent(worker, here, control):
    """Make a worker the parent of warm loads. What only parents need is in a file of its own."""
    import os

    file = os.path.join(here, "warm_shim.py")
    # As an import would, but without a module that others could see.
    code = sys.modules["_frozen_importlib_external"].SourceFileLoader("warm_shim", file).get_code("warm_shim")
    scope = {"__name__": "warm_shim", "__file__": file}
    exec(code, scope)
    return scope["Parent"](worker, control)


def offer_to_the_system():
    """Be the first to go when the machine runs out of memory (proc(5), oom_score_adj)."""
    if sys.platform.startswith("linux"):
        import os

        try:
            score = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
            os.write(score, b"900")
            os.close(score)
        except OSError:
            pass


def refuse_old_python():
    text = ".".join(str(part) for part in sys.version_info[:3])
    sys.stdout.write(
        '\n{"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "too old", "data": {"problems": [{'
        '"kind": "python_too_old", "message": "Python %s is too old: code locations need Python 3.8 or later"}]}}}\n'
        % text
    )
    sys.stdout.flush()


def move_up(descriptor):
    """Move a descriptor out of the way of code that closes all the low ones."""
    import os

    try:
        import fcntl

        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 200)
    except (ImportError, OSError, AttributeError):
        return descriptor
    os.close(descriptor)
    return moved


def arm_lifeline(descriptor):
    """End this process when the host ends, even while the GIL is held in a C call.

    The host holds the other end of the pipe. Linux: when that closes, SIGIO arrives, whose default action ends the
    process without any Python code (fcntl(2), F_SETOWN and O_ASYNC). Elsewhere a thread waits for it.
    """
    if descriptor is None:
        return
    import os

    lifeline = move_up(int(descriptor))
    if sys.platform.startswith("linux"):
        import fcntl
        import signal

        signal.signal(signal.SIGIO, signal.SIG_DFL)
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
        flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | os.O_ASYNC | os.O_NONBLOCK)
        try:
            if os.read(lifeline, 1) == b"":
                os._exit(1)
        except BlockingIOError:
            pass
    else:
        import threading

        def watch():
            os.read(lifeline, 1)
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()


class Channel:
    """Private copies of descriptors 0 and 1, taken before any user code runs."""

    def __init__(self):
        import os

        self.requests = os.fdopen(move_up(os.dup(0)), "rb")
        self.answers = move_up(os.dup(1))
        os.dup2(2, 1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.reconfigure(line_buffering=True)
            except (AttributeError, ValueError):
                pass
        # User code may put other functions in their place.
        import json

        self.encode, self.decode = json.dumps, json.loads
        # What a sitecustomize printed on descriptor 1 may have left a line open.
        self.write(b"\n")

    def write(self, data):
        import os

        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self.answers, view) :]
        except OSError:
            os._exit(CHANNEL_LOST)

    def send(self, message):
        message["jsonrpc"] = "2.0"
        self.write(self.encode(message).encode("ascii") + b"\n")

    def receive(self):
        line = self.requests.readline()
        return self.decode(line.decode("utf-8")) if line.endswith(b"\n") else None


class Failure(Exception):
    """Carries the problems of a request that failed, and what is known by then of what shaped the load."""

    def __init__(self, problems, trace=None, read=None):
        Exception.__init__(self, problems[0]["message"])
        self.problems = problems
        self.trace = trace
        self.read = read


class Worker:
    def __init__(self, channel, faults):
        self.channel = channel
        self.faults = faults
        self.directory = None
        self.temporary = None
        self.libraries = ()
        self.sdk = None
        self.sources = None
        self.catalog = None
        self.marks = None
        self.methods = {
            "initialize": self.initialize,
            "load": self.load,
            "plan": self.plan,
            "execute": self.execute,
            "evaluate_schedule": lambda **parameters: self.evaluate("schedule", **parameters),
            "evaluate_sensor": lambda **parameters: self.evaluate("sensor", **parameters),
        }

    def serve(self):
        import os

        while True:
            request = self.channel.receive()
            if request is None or request["method"] == "shutdown":
                flush()
                os._exit(0)
            self.answer(request)

    def answer(self, request):
        answer = {"id": request["id"]}
        method = self.methods.get(request["method"])
        if method is None:
            answer["error"] = {"code": -32601, "message": "no such method: " + request["method"]}
        else:
            try:
                answer["result"] = method(**request.get("params", {}))
            except Failure as failure:
                data = {"problems": failure.problems, "trace": failure.trace, "read": failure.read}
                answer["error"] = {"code": -32000, "message": str(failure), "data": data}
            except BaseException as error:
                # User code left an interpreter in which not even its error can be described.
                text = "%s: %s" % (name_of(error), message_of(error))
                answer["error"] = {
                    "code": -32000,
                    "message": text,
                    "data": {"problems": [{"kind": "exception", "message": text}]},
                }
        flush()
        try:
            self.channel.send(answer)
        except Exception as error:
            # Something in it is no JSON: a snapshot that another SDK wrote, a name that user code made.
            text = "its answer cannot be written: " + message_of(error)
            problem = {"kind": "protocol", "message": text}
            data = {"problems": [problem]}
            self.channel.send({"id": request["id"], "error": {"code": -32000, "message": text, "data": data}})

    def initialize(self, protocol, directory, search_paths, sdk, temporary=None):
        import os

        if protocol != PROTOCOL:
            raise Failure(
                [{"kind": "protocol", "message": "The worker speaks protocol %d, not %s" % (PROTOCOL, protocol)}]
            )
        if sys.prefix != sys.base_prefix:
            Separation()
        self.directory = directory
        self.temporary = temporary
        self.libraries = list_libraries(sdk)
        self.sources = Sources(self.libraries)
        sys.path[:0] = search_paths
        sys.path.append(sdk)
        sys.argv[:] = [""]
        version = sys.version.split()[0]
        self.sdk = find_sdk()
        return {
            "protocol": PROTOCOL,
            "pid": os.getpid(),
            "python": {
                "version": version,
                "implementation": sys.implementation.name,
                "executable": sys.executable,
                "prefix": sys.prefix,
            },
            "sdk": self.sdk,
        }

    def load(self, form, module, file, attribute, timeout, cpu=None, memory=None, debug=None, execute=False):
        import faulthandler
        import time

        if self.sdk["version"] is None:
            raise Failure([foreign_sdk(self.sdk["file"])])
        started = time.perf_counter()
        faulthandler.enable(self.faults)
        if debug is not None and "terminal" in debug:
            from atoll._running._debugging import TerminalBreakpoints

            sys.breakpointhook = TerminalBreakpoints(debug["terminal"])
        elif debug is not None:
            import os

            self.libraries += (os.path.join(debug["path"], "debugpy", ""),)
            self.sources.libraries = self.libraries
            wait_for_debugger(self.channel, started, **debug)
            started = time.perf_counter()
        else:
            faulthandler.dump_traceback_later(timeout, exit=True, file=self.faults)
            sys.breakpointhook = Breakpoints(execute)
        limit(cpu, memory, self.faults)
        trace = NoTrace() if execute else self.begin_trace()
        progress = Progress(self.channel, started)
        sys.meta_path.insert(0, progress)
        before = set(sys.modules)
        try:
            try:
                target = import_target(form, module, file)
                if form == "autoload":
                    modules = import_package(target, self.directory)
                imported = time.perf_counter()
                definitions = self.describe(modules if form == "autoload" else target, attribute, execute)
            finally:
                trace.stop()
                if progress in sys.meta_path:
                    sys.meta_path.remove(progress)
        except BaseException as error:
            # SystemExit and KeyboardInterrupt too: whatever user code raised is data for the host.
            problems = error.problems if isinstance(error, Failure) else None
            problems = problems or problems_of(error, form, module, self.directory)
            try:
                shaped = trace.to_json(before)
            except Exception:
                # User code left nothing to tell it with.
                shaped = None
            raise Failure(problems, shaped, self.sources.seen) from None
        finally:
            faulthandler.cancel_dump_traceback_later()
        return {
            "definitions": definitions,
            "trace": trace.to_json(before),
            "read": self.sources.seen,
            "seconds": {"import": imported - started, "describe": time.perf_counter() - imported},
        }

    def describe(self, target, attribute, execute):
        """Describe what a module, or a list of modules, defines; and keep it, where it is to be executed."""
        if execute:
            from atoll._running import _worker

            self.catalog, definitions = _worker.load(target, attribute)
            return definitions
        from atoll import _loading

        return _loading.load_all(target) if isinstance(target, list) else _loading.load(target, attribute)

    def plan(self, plan):
        from atoll._running import _worker

        return self.attempt(lambda: _worker.describe(self.catalog, plan))

    def execute(self, plan, marker=None):
        from atoll._running import _worker

        marks = Marks(marker)

        def sink(event):
            marks.set(event)
            self.channel.send({"method": "event", "params": event})

        return self.attempt(lambda: _worker.execute(self.catalog, plan, sink, self.await_place))

    def await_place(self):
        """Wait until the host says that a step may begin; the end of its input is our end."""
        if self.channel.receive() is None:
            import os

            os._exit(0)

    def evaluate(self, kind, number, marker, parameters):
        import time

        from atoll._evaluating import _entry

        def sink(event):
            self.channel.send({"method": "event", "params": event})

        if self.marks is None:
            self.marks = Marks(marker)
        self.marks.set({"type": "step_started", "step": str(number)})
        started = time.process_time()
        try:
            result = self.attempt(lambda: _entry.evaluate(self.catalog, kind, parameters, sink))
        finally:
            cpu = time.process_time() - started
            self.marks.set({"type": "step_succeeded"})
            self.channel.send({"method": "event", "params": {"type": "evaluated", "cpu": cpu}})
        return result

    def attempt(self, work):
        try:
            return work()
        except BaseException as error:
            problems = getattr(error, "problems", None) or problems_of(error, None, None, self.directory)
            raise Failure(problems) from None

    def begin_trace(self):
        return Trace(self.libraries, self.sources, self.temporary)


def wait_for_debugger(channel, started, port, path, python):
    """Listen for a debugger with the host's debugpy, tell the host, and wait until one has attached.

    What speaks with the editor is run by the host's Python, which it was installed for.
    """
    import os
    import time

    # It warns of frozen modules otherwise, in which nobody sets breakpoints.
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    sys.path.append(path)
    try:
        import debugpy
    except Exception as error:
        version = "%d.%d" % sys.version_info[:2]
        message = "debugpy cannot be used by Python %s: %s" % (version, message_of(error))
        hint = 'install the extra in the environment of atoll: uv pip install "atoll[debug]"'
        raise Failure([{"kind": "not_started", "message": message, "hint": hint}]) from None
    finally:
        sys.path.remove(path)
    try:
        debugpy.configure(subProcess=False, python=python)
        debugpy.listen(("127.0.0.1", port))
    except Exception as error:
        message = "debugpy cannot listen on 127.0.0.1:%d: %s" % (port, message_of(error))
        hint = "end what listens there, or take another port: --debug-port"
        raise Failure([{"kind": "not_started", "message": message, "hint": hint}]) from None
    parameters = {"phase": "waiting for a debugger", "port": port, "elapsed": time.perf_counter() - started}
    channel.send({"method": "progress", "params": parameters})
    debugpy.wait_for_client()
    del os.environ["PYDEVD_DISABLE_FILE_VALIDATION"]


class Breakpoints:
    """What `breakpoint()` calls where no debugger is: it says so, once for each place, and goes on."""

    HINTS = {
        False: "atoll dev --debug LOCATION lets an editor attach",
        True: "atoll materialize --debug and atoll run --debug stop there",
    }

    def __init__(self, execute):
        self.said = set()
        self.hint = self.HINTS[execute]

    def __call__(self, *arguments, **options):
        frame = sys._getframe(1)
        place = frame.f_code.co_filename, frame.f_lineno
        if place not in self.said:
            self.said.add(place)
            try:
                sys.stderr.write("breakpoint() at %s:%d does nothing here: %s\n" % (place + (self.hint,)))
            except BaseException:
                # What user code has put there.
                pass


def limit(cpu, memory, faults):
    """Have the system keep the limits that it can keep for this process; the host sees to the others.

    SIGXCPU ends the process, by the system or the host, after the stack has been written.
    """
    import faulthandler

    if not hasattr(faulthandler, "register"):
        return
    # SIGXCPU is not in `signal` on every system that has `register`, but importing that costs nothing by now.
    import signal

    faulthandler.register(signal.SIGXCPU, file=faults, all_threads=True, chain=True)
    if cpu is not None or memory is not None:
        import resource

        for which, amount, more in ((resource.RLIMIT_CPU, cpu, 1), (resource.RLIMIT_DATA, memory, 0)):
            if amount is None:
                continue
            amount = -int(-amount // 1)
            _, hard = resource.getrlimit(which)
            most = amount + more if hard == resource.RLIM_INFINITY else min(amount + more, hard)
            resource.setrlimit(which, (min(amount, most), most))


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            # A stream that user code put there can do anything.
            pass


def find_sdk():
    """Find `atoll` without importing it: its file, and its version when it is ours."""
    import os

    for finder in sys.meta_path:
        find_spec = getattr(finder, "find_spec", None)
        spec = find_spec("atoll", None) if find_spec else None
        if spec is not None:
            break
    else:
        return {"file": None, "version": None}
    origin = spec.origin
    if origin is None:
        locations = list(spec.submodule_search_locations or [])
        return {"file": locations[0] if locations else None, "version": None}
    folder = os.path.dirname(origin)
    marker = os.path.join(folder, "_version.py")
    try:
        with open(marker, encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return {"file": origin, "version": None}
    scope = {}
    if os.path.basename(origin) == "__init__.py" and os.path.exists(os.path.join(folder, "_loading.py")):
        exec(compile(text, marker, "exec"), scope)
    return {"file": origin, "version": scope.get("__version__")}


def foreign_sdk(file):
    return {
        "kind": "foreign_sdk",
        "message": "`import atoll` finds a package that is not the SDK",
        "hint": "rename it, or take it out of this location's environment",
        "file": file,
    }


def import_target(form, module, file):
    import importlib

    if form != "file":
        return importlib.import_module(module)
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(module, file)
    if spec is None:
        raise ImportError("%s is no Python file" % file, name=module, path=file)
    target = module_from_spec(spec)
    sys.modules[module] = target
    spec.loader.exec_module(target)
    # A module may put something else in its place.
    return sys.modules.get(module, target)


def import_package(package, directory):
    """Import every module of a package, at any depth, in the order of their names; what fails is reported all at once."""
    import importlib
    import pkgutil

    modules = [package]
    problems = []
    pending = [package]
    while pending:
        parent = pending.pop(0)
        for item in pkgutil.iter_modules(getattr(parent, "__path__", ()), parent.__name__ + "."):
            if item.name.endswith(".__main__"):
                continue
            try:
                found = importlib.import_module(item.name)
            except BaseException as error:
                # One that others import fails in each of them, and is told once.
                problems += [each for each in problems_of(error, "autoload", None, directory) if not_in(problems, each)]
                continue
            modules.append(found)
            if item.ispkg:
                pending.append(found)
    if problems:
        raise Failure(problems)
    return modules


def not_in(problems, problem):
    attributes = ("kind", "message", "file", "line")
    return all(any(problem.get(name) != other.get(name) for name in attributes) for other in problems)


class Progress:
    """A finder that finds nothing, and tells the host which module is being imported when that takes long."""

    EVERY = 0.1

    def __init__(self, channel, started):
        self.channel = channel
        self.started = started
        self.said = started

    def find_spec(self, name, path=None, target=None):
        import time

        now = time.perf_counter()
        if now - self.said > self.EVERY:
            self.said = now
            self.channel.send(
                {"method": "progress", "params": {"phase": "import", "module": name, "elapsed": now - self.started}}
            )
        return None


def list_libraries(sdk):
    """List the beginnings of paths that are not the user's own: the environment, the standard library, and ours."""
    import os

    folders = [sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix)]
    folders += [os.path.dirname(os.path.abspath(__file__)), sdk]
    folders += ["/dev", "/proc", "/sys"] if os.name == "posix" else []
    return tuple({os.path.join(folder, ""): None for folder in folders})


class Sources:
    """Has the user's own modules compiled from what their files say now, and notes which ones there were.

    A bytecode file is taken for that of a source when it names its size and the second of its change, and two saves can
    share both. So that of the user's own counts only when it was written well after anything was last done to the
    source; compiling takes less than the difference. Libraries keep theirs.
    """

    MARGIN = 2000000000
    """Nanoseconds."""

    def __init__(self, libraries):
        import os

        self.libraries = libraries
        self.seen = {}
        self.stat = os.stat
        # What `importlib` itself is made of is there from the start, under this name.
        self.external = external = sys.modules["_frozen_importlib_external"]
        self.loaders = external.SourceLoader
        self.read = external.FileLoader.get_data
        external.FileLoader.get_data = lambda loader, path: self.get_data(loader, path)

    def get_data(self, loader, path):
        if isinstance(loader, self.loaders) and self.is_own(loader.path):
            status = self.stat(loader.path)
            # Before anything of it is read: whoever looks later can tell whether that was something else.
            self.seen.setdefault(loader.path, (status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns))
            if path != loader.path and path.endswith(".pyc") and not self.is_later(path, status):
                raise OSError("not used: " + path)
        return self.read(loader, path)

    def is_own(self, path):
        return not path.startswith(self.libraries)

    def is_later(self, path, status):
        return self.stat(path).st_mtime_ns > max(status.st_mtime_ns, status.st_ctime_ns) + self.MARGIN


class NoTrace:
    """Stands for the trace of a load that is executed: what shaped it is not asked for."""

    def stop(self):
        pass

    def to_json(self, before):
        return None


class Marks:
    """Says in the output, between what is printed, which step is under way: only there the order is certain."""

    BEGINS = ("step_started",)
    ENDS = ("step_succeeded", "step_failed", "step_canceled", "step_retry")

    def __init__(self, marker):
        import os

        self.marker = marker
        self.descriptor = None if marker is None else move_up(os.dup(2))

    def set(self, event):
        kind = event["type"]
        if self.marker is None or kind not in self.BEGINS + self.ENDS:
            return
        import os

        flush()
        step = event["step"] if kind in self.BEGINS else ""
        text = "\0\x1e%s:%s\x1e\0" % (self.marker, step)
        try:
            os.write(self.descriptor, text.encode("utf-8", "backslashreplace"))
        except OSError:
            # User code has closed it: then nothing is printed there either.
            self.marker = None


class Separation:
    """Gives the environment a file of its own before code writes into one that it shares.

    uv installs by hard link where it cannot clone: its cache and other environments have the same file. Writes by Python
    code are seen here; those of compiled libraries and of other programs are not.
    """

    CHANGING = ("os.truncate", "os.chmod", "os.chown", "os.utime", "os.setxattr", "os.removexattr", "sqlite3.connect")
    """Events of which the first argument is the path of a file that may be changed in place."""

    def __init__(self):
        import os

        self.inside = os.path.join(os.path.realpath(sys.prefix), "")
        self.writing = os.O_WRONLY | os.O_RDWR | os.O_TRUNC
        sys.addaudithook(self.hook)

    def hook(self, event, arguments):
        if event == "open":
            path, mode, flags = arguments
            # What C code opens by its own function has a mode and no flags.
            if flags & self.writing or mode and mode[:1] in "wax" or mode and "+" in mode:
                self.separate(path)
        elif event in self.CHANGING:
            self.separate(arguments[0])

    def separate(self, path):
        import os
        import stat

        try:
            if isinstance(path, int):
                return
            status = os.stat(path)
            if status.st_nlink < 2 or not stat.S_ISREG(status.st_mode):
                return
            real = os.fsdecode(os.path.realpath(path))
        except (OSError, TypeError, ValueError):
            return  # there is none, or it is no path: whoever asked gets to know
        if not real.startswith(self.inside):
            return
        own = "%s.%d-own" % (real, os.getpid())
        try:
            with open(real, "rb") as source, open(own, "xb") as copy:
                for data in iter(lambda: source.read(1 << 20), b""):
                    copy.write(data)
            os.chmod(own, stat.S_IMODE(status.st_mode))
            os.utime(own, ns=(status.st_atime_ns, status.st_mtime_ns))
            os.replace(own, real)
        except BaseException:
            # The write fails as it would on a full disk: better than one into what others have.
            try:
                os.unlink(own)
            except OSError:
                pass
            raise


class Trace:
    """Records what shaped a load: files, folders, variables, connections, commands."""

    PRIVATE = ("TMPDIR", "TEMP", "TMP")
    """Variables that are others in every load, and say nothing."""

    def __init__(self, libraries, sources, temporary=None):
        import os

        self.libraries = libraries
        self.own_sources = sources
        self.temporary = temporary
        self.files = {}
        self.folders = {}
        self.listed = {}
        self.searchers = (
            "<frozen importlib._bootstrap_external>",
            os.path.join(os.path.dirname(os.__file__), "pkgutil.py"),
        )
        self.variables = {}
        self.connections = {}
        self.commands = {}
        self.active = True
        self.environ_class = type(os.environ)
        self.originals = {}
        for name in ("__getitem__", "__contains__"):
            self.wrap(name)
        for name in ("__iter__", "keys", "items", "values", "copy", "__len__"):
            self.wrap_all(name)
        # A finder that has listed a folder already would not list it again.
        for path in [path for path in sys.path_importer_cache if not path.startswith(libraries)]:
            del sys.path_importer_cache[path]
        sys.addaudithook(self.hook)

    def wrap(self, name):
        original = getattr(self.environ_class, name)
        variables = self.variables

        def recording(environ, key):
            if isinstance(key, str):
                variables[key] = None
            return original(environ, key)

        self.originals[name] = self.environ_class.__dict__.get(name)
        setattr(self.environ_class, name, recording)

    def wrap_all(self, name):
        original = getattr(self.environ_class, name)
        variables = self.variables

        def recording(environ, *arguments):
            variables["*"] = None
            return original(environ, *arguments)

        self.originals[name] = self.environ_class.__dict__.get(name)
        setattr(self.environ_class, name, recording)

    def hook(self, event, arguments):
        if not self.active:
            return
        if event == "open":
            path, mode, flags = arguments
            if isinstance(path, (str, bytes)) and (mode is None and not flags & 3 or mode is not None and "r" in mode):
                self.files[path] = None
        elif event in ("os.listdir", "os.scandir"):
            path = arguments[0]
            if path is None or isinstance(path, (str, bytes)):
                self.folders[path or "."] = None
                if sys._getframe(1).f_code.co_filename not in self.searchers:
                    self.listed[path or "."] = None
        elif event == "socket.connect":
            self.connections[address_text(arguments[1])] = None
        elif event in ("subprocess.Popen", "os.exec", "os.posix_spawn"):
            self.commands[str(arguments[0])] = None
        elif event == "os.system":
            self.commands["sh"] = None

    def stop(self):
        self.active = False
        for name, original in self.originals.items():
            if original is None:
                try:
                    delattr(self.environ_class, name)
                except AttributeError:
                    pass
            else:
                setattr(self.environ_class, name, original)

    def to_json(self, before):
        import os

        sdk = getattr(sys.modules.get("atoll"), "__file__", None)
        outside = self.libraries
        if self.temporary:
            outside += (os.path.join(self.temporary, ""),)
        if sdk:
            outside += (os.path.join(os.path.dirname(sdk), ""),)

        sdk_folder = os.path.dirname(os.path.dirname(sdk)) if sdk else None

        def own(paths):
            found = set()
            for path in paths:
                path = os.path.abspath(os.fsdecode(path))
                if not (path + os.sep).startswith(outside) and path != sdk_folder:
                    found.add(path)
            return sorted(found)

        # A module whose import failed is in `sys.modules` no more.
        sources = set(self.own_sources.seen)
        third_party = []
        for name, module in list(sys.modules.items()):
            if name in before or not isinstance(name, str):
                continue
            spec = getattr(module, "__spec__", None)
            origin = getattr(spec, "origin", None)
            if not isinstance(origin, str):
                folders = getattr(spec, "submodule_search_locations", None) or ()
                is_own = not folders or not all(str(folder).startswith(outside) for folder in folders)
            elif origin in ("built-in", "frozen"):
                is_own = False
            else:
                sources.add(origin)
                is_own = not origin.startswith(outside)
            # What stands there under a second name as well is not imported by that.
            if not is_own and getattr(spec, "name", None) == name:
                third_party.append(name)
        sources = own(sources)
        compiled = (".pyc", ".py")
        files = [
            path
            for path in own(self.files)
            if not path.endswith(compiled) or (path.endswith(".py") and path not in sources)
        ]
        return {
            "sources": sources,
            "files": files,
            "folders": own(self.folders),
            "searched": sorted(set(own(self.folders)) - set(own(self.listed))),
            "search_path": list(sys.path),
            "variables": sorted(name for name in self.variables if name not in self.PRIVATE),
            "connections": sorted(self.connections),
            "commands": sorted(self.commands),
            "third_party": third_party,
        }


def address_text(address):
    if isinstance(address, tuple) and len(address) >= 2:
        return "%s:%s" % (address[0], address[1])
    if isinstance(address, bytes):
        return address.decode("utf-8", "replace")
    return str(address)


def problems_of(error, form, module, directory):
    """Turn what user code raised into problems, the user's own line first."""
    known = sys.modules.get("atoll._errors")
    if known is not None and isinstance(error, known.LoadError):
        return error.problems
    problem = {"frames": frames_of(error)}
    place = own_place(problem["frames"], directory)
    problem["file"], problem["line"] = place
    name = name_of(error)
    text = message_of(error)
    if isinstance(error, SyntaxError) and error.filename:
        column = error.offset if error.offset and error.offset > 0 else None
        problem.update(
            kind="syntax_error",
            message="%s: %s" % (name, shorten(error.msg)),
            file=error.filename,
            line=error.lineno,
            column=column,
        )
    elif isinstance(error, ImportError):
        problem.update(kind="import_error", message="%s: %s" % (name, text))
        if isinstance(error, ModuleNotFoundError) and error.name:
            problem["missing_module"] = error.name
            if (
                form != "file"
                and module
                and (module == error.name or module.startswith(error.name + "."))
                and not problem["frames"]
            ):
                problem["missing_target"] = module
    elif isinstance(error, SystemExit):
        problem.update(
            kind="exited",
            message="The module called sys.exit(%s) while it was imported"
            % ("" if error.code is None else shorten(repr(error.code))),
        )
    elif known is not None and isinstance(error, known.DefinitionError):
        problem.update(kind="invalid_definition", message=text)
        if getattr(error, "hint", None):
            problem["hint"] = error.hint
    else:
        problem.update(kind="exception", message="%s: %s" % (name, text) if text else name)
        if name == "BdbQuit":
            problem.update(
                message="BdbQuit: pdb found no terminal here, and gave up",
                hint="take the call of pdb out; " + Breakpoints.HINTS[False],
            )
    return [problem]


def message_of(error):
    try:
        return shorten(str(error))
    except BaseException:
        return "its message cannot be shown"


def name_of(error):
    name = type.__dict__["__name__"].__get__(type(error))
    return shorten(str.__str__(name), 200)


def shorten(text, most=10000):
    """Keep the beginning of a text, and say how much is left out."""
    if not isinstance(text, str):
        text = "%s" % (text,)
    if len(text) <= most:
        return text
    return "%s … (%d more characters)" % (text[:most], len(text) - most)


def frames_of(error):
    """List the traceback's frames, outermost first, without the import system's, this file's and the SDK's."""
    import linecache
    import os

    atoll = sys.modules.get("atoll")
    sdk = os.path.dirname(getattr(atoll, "__file__", None) or "") + os.sep if atoll else None
    here = os.path.join(os.path.dirname(__file__), "")
    levels = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        name = code.co_filename
        ours = (
            name.startswith("<frozen ")
            or name.startswith(here)
            or (sdk and name.startswith(sdk))
            or "/importlib/__init__.py" in name.replace(os.sep, "/")
        )
        if not ours:
            levels.append((name, traceback.tb_lineno, code.co_name))
        traceback = traceback.tb_next
    frames = []
    for name, line, function in levels[-100:]:
        try:
            source = shorten(linecache.getline(name, line or 0).strip(), 1000)
        except Exception:
            # What user code put into the cache.
            source = ""
        file = os.path.abspath(name) if not name.startswith("<") else name
        frames.append({"file": file, "line": line, "function": function, "source": source or None})
    return frames


def own_place(frames, directory):
    """Find the deepest frame in the user's own code: not in the environment, not in the standard library."""
    import os

    outside = tuple(
        {
            os.path.join(prefix, "")
            for prefix in (sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix))
        }
    )
    for frame in reversed(frames):
        file = frame["file"]
        inside_packages = (os.sep + "site-packages" + os.sep) in file
        if not file.startswith("<") and not file.startswith(outside) and not inside_packages:
            return file, frame["line"]
    if frames:
        return frames[-1]["file"], frames[-1]["line"]
    return None, None


if __name__ == "__main__":
    main(sys.argv[1:])
