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
    worker.serve()


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
    """Carries the problems of a request that failed."""

    def __init__(self, problems):
        Exception.__init__(self, problems[0]["message"])
        self.problems = problems


class Worker:
    def __init__(self, channel, faults):
        self.channel = channel
        self.faults = faults
        self.directory = None
        self.temporary = None
        self.methods = {"initialize": self.initialize, "load": self.load}

    def serve(self):
        import os

        while True:
            request = self.channel.receive()
            if request is None or request["method"] == "shutdown":
                flush()
                os._exit(0)
            answer = {"id": request["id"]}
            method = self.methods.get(request["method"])
            if method is None:
                answer["error"] = {"code": -32601, "message": "no such method: " + request["method"]}
            else:
                try:
                    answer["result"] = method(**request.get("params", {}))
                except Failure as failure:
                    answer["error"] = {"code": -32000, "message": str(failure), "data": {"problems": failure.problems}}
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
        self.directory = directory
        self.temporary = temporary
        sys.path[:0] = search_paths
        sys.path.append(sdk)
        sys.argv[:] = [""]
        version = sys.version.split()[0]
        return {
            "protocol": PROTOCOL,
            "pid": os.getpid(),
            "python": {
                "version": version,
                "implementation": sys.implementation.name,
                "executable": sys.executable,
                "prefix": sys.prefix,
            },
            "sdk": find_sdk(),
        }

    def load(self, form, module, file, attribute, timeout, cpu=None, memory=None):
        import faulthandler
        import time

        sdk = find_sdk()
        if sdk["version"] is None:
            raise Failure([foreign_sdk(sdk["file"])])
        started = time.perf_counter()
        faulthandler.enable(self.faults)
        faulthandler.dump_traceback_later(timeout, exit=True, file=self.faults)
        limit(cpu, memory, self.faults)
        trace = Trace(self.temporary)
        progress = Progress(self.channel, started)
        sys.meta_path.insert(0, progress)
        before = set(sys.modules)
        try:
            try:
                target = import_target(form, module, file)
                if form == "autoload":
                    modules = import_package(target, self.directory)
                imported = time.perf_counter()
                from atoll import _loading

                if form == "autoload":
                    definitions = _loading.load_all(modules)
                else:
                    definitions = _loading.load(target, attribute)
            finally:
                trace.stop()
                if progress in sys.meta_path:
                    sys.meta_path.remove(progress)
        except Failure:
            raise
        except BaseException as error:
            # SystemExit and KeyboardInterrupt too: whatever user code raised is data for the host.
            raise Failure(problems_of(error, form, module, self.directory)) from None
        finally:
            faulthandler.cancel_dump_traceback_later()
        return {
            "definitions": definitions,
            "trace": trace.to_json(before),
            "seconds": {"import": imported - started, "describe": time.perf_counter() - imported},
        }


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


class Trace:
    """Records what shaped a load: files, folders, variables, connections, commands."""

    PRIVATE = ("TMPDIR", "TEMP", "TMP")
    """Variables that are others in every load, and say nothing."""

    def __init__(self, temporary=None):
        import os

        self.temporary = temporary
        self.files = {}
        self.folders = {}
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
        sys.path_importer_cache.clear()
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

        outside = (
            tuple(os.path.join(os.path.realpath(prefix), "") for prefix in (sys.prefix, sys.base_prefix))
            + (
                os.path.join(sys.prefix, ""),
                os.path.join(sys.base_prefix, ""),
                os.path.join(os.path.dirname(os.path.abspath(__file__)), ""),
            )
            + (("/dev/", "/proc/", "/sys/") if os.name == "posix" else ())
            + ((os.path.join(self.temporary, ""),) if self.temporary else ())
        )
        sdk = getattr(sys.modules.get("atoll"), "__file__", None)
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

        sources = set()
        for name, module in list(sys.modules.items()):
            if name in before:
                continue
            spec = getattr(module, "__spec__", None)
            origin = getattr(spec, "origin", None)
            if isinstance(origin, str) and origin not in ("built-in", "frozen"):
                sources.add(origin)
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
            "search_path": list(sys.path),
            "variables": sorted(name for name in self.variables if name not in self.PRIVATE),
            "connections": sorted(self.connections),
            "commands": sorted(self.commands),
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
    levels = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        name = code.co_filename
        ours = (
            name.startswith("<frozen ")
            or name == __file__
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
