"""What the shim does in a parent of warm loads: it imports what a location's libraries are, and forks for each load.

Read by `shim.py`, in parents only, which is `__main__` there. Standard library only, Python 3.8 and later, Linux. The
parent runs nothing of the user's and calls nothing of what it imports; a fork loads as any other worker does, on
descriptors of its own that arrive over a socket (SCM_RIGHTS, see unix(7)).
"""

import __main__ as shim
import sys

DESCRIPTORS = 4
"""That arrive for each load: for its answers, its output, its faults, its lifeline."""


class Parent(shim.Worker):
    def __init__(self, worker, control):
        import _socket

        shim.Worker.__init__(self, worker.channel, worker.faults)
        self.control = _socket.socket(fileno=shim.move_up(control))
        self.methods = {"initialize": self.initialize, "hold": self.hold, "fork": self.fork}
        self.held = None
        self.variables = {}
        self.inputs = []
        self.seen = []
        self.shadows = set()
        self.tops = frozenset()
        self.inner = {}
        self.opcodes = None

    def hold(self, names, timeout):
        """Import modules by their names, what fails left out, and take note of what they depend on."""
        import faulthandler
        import gc
        import importlib
        import time

        if self.sdk["version"] is None:
            raise shim.Failure([shim.foreign_sdk(self.sdk["file"])])
        started = time.time()
        faulthandler.enable(self.faults)
        faulthandler.dump_traceback_later(timeout, exit=True, file=self.faults)
        before = set(sys.modules)
        self.held = trace = self.begin_trace()
        failed = []
        for name in names:
            try:
                importlib.import_module(name)
            except BaseException:
                failed.append(name)
        trace.stop()
        faulthandler.cancel_dump_traceback_later()
        modules = [name for name in sys.modules if name not in before]
        self.refuse_what_cannot_be_forked(trace)
        self.tops = frozenset(name.partition(".")[0] for name in modules)
        self.inner = find_inner(modules)
        self.inputs = self.list_inputs(trace)
        self.seen = self.look()
        self.shadows = self.find_shadows()
        # What was changed while it was imported may be here as it was before.
        newest = max([seen[3] for seen in self.seen if seen is not None and not seen[4]] or [0])
        if newest > (started - 0.02) * 1e9:
            raise shim.Failure([{"kind": "exception", "message": "a library was changed while it was imported"}])
        self.opcodes = find_opcodes()
        gc.collect()
        # So that no fork looks through all of this again, and copies every page of it.
        gc.freeze()
        return {"held": len(modules), "failed": failed, "inputs": len(self.inputs)}

    def refuse_what_cannot_be_forked(self, trace):
        import _thread

        problem = None
        if self.sources.seen:
            problem = "a library imports code of the user's own: " + ", ".join(sorted(self.sources.seen))
        elif _thread._count():
            problem = "a library started threads when it was imported"
        if problem:
            raise shim.Failure([{"kind": "exception", "message": problem}])

    def list_inputs(self, trace):
        """List the files and folders that what is held depends on."""
        import os

        paths = {sys.executable: None, os.path.join(sys.prefix, "pyvenv.cfg"): None}
        for module in list(sys.modules.values()):
            file = getattr(module, "__file__", None)
            if isinstance(file, str):
                paths[file] = None
        # A package that is installed now may be one that something looked for.
        for path in sys.path:
            if not self.sources.is_own(path):
                paths[path] = None
                try:
                    names = os.listdir(path)
                except OSError:
                    continue
                # These make the search path when Python starts.
                paths.update({os.path.join(path, name): None for name in names if name.endswith(".pth")})
        for path in list(trace.files) + list(trace.folders):
            path = os.path.abspath(os.fsdecode(path))
            if self.sources.is_own(path) and not self.is_search_path(path):
                paths[path] = None
        return list(paths)

    def is_search_path(self, path):
        """Tell whether a folder is one of the user's own that modules are looked for in: see `find_shadows`."""
        return path in sys.path

    def look(self):
        import os

        stat = os.stat
        found = []
        for path in self.inputs:
            try:
                status = stat(path)
            except OSError:
                found.append(None)
            else:
                found.append(
                    (
                        status.st_mtime_ns,
                        status.st_size,
                        status.st_ino,
                        status.st_ctime_ns,
                        status.st_mode & 0o170000 == 0o040000,
                    )
                )
        return found

    def find_change(self):
        """Name a file that has changed since it was imported, or one of the user's that would now be imported instead."""
        now = self.look()
        for path, then, seen in zip(self.inputs, self.seen, now):
            if then is None or seen is None:
                if then is not seen:
                    return path
            elif then[:3] != seen[:3]:
                return path
        fresh = self.find_shadows() - self.shadows
        return min(fresh) if fresh else None

    def find_shadows(self):
        """List what in the user's own folders has the name of something that is held."""
        import os

        found = set()
        for folder in sys.path:
            if not self.sources.is_own(folder):
                continue
            try:
                names = os.listdir(folder or ".")
            except OSError:
                continue
            for name in names:
                if name.partition(".")[0] in self.tops:
                    path = os.path.join(folder, name)
                    found.add(path)
                    if os.path.exists(os.path.join(path, "__init__.py")):
                        found.add(os.path.join(path, "__init__.py"))
        return found

    def fork(self, token, temporary, variables, load):
        """Fork, have the fork load, and say how it ended; it is reaped when the host has taken note of that."""
        import os

        descriptors = self.receive_descriptors()
        shim.flush()
        pid = os.fork()
        if pid == 0:
            try:
                self.become_worker(descriptors, token, temporary, variables)
                self.answer({"id": 2, "method": "load", "params": load})
                shim.flush()
            finally:
                os._exit(0)
        for descriptor in descriptors:
            os.close(descriptor)
        self.channel.send({"method": "forked", "params": {"pid": pid}})
        self.channel.send({"method": "checked", "params": {"change": self.find_change()}})
        try:
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            status = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        except ChildProcessError:
            # A library has set SIGCHLD such that nobody needs to wait.
            status = None
        self.channel.send({"method": "ended", "params": {"status": status}})
        if self.channel.receive() is None:
            os._exit(0)
        try:
            os.waitpid(pid, 0)
        except ChildProcessError:
            pass
        return {}

    def receive_descriptors(self):
        import _socket

        size = DESCRIPTORS * 4
        _, ancillary, _, _ = self.control.recvmsg(1, _socket.CMSG_SPACE(size))
        for level, kind, data in ancillary:
            if level == _socket.SOL_SOCKET and kind == _socket.SCM_RIGHTS and len(data) == size:
                return [int.from_bytes(data[at : at + 4], sys.byteorder) for at in range(0, size, 4)]
        raise OSError("no descriptors came")

    def become_worker(self, descriptors, token, temporary, variables):
        """Be as a worker is that was started for this load alone."""
        import os

        answers, output, faults, lifeline = descriptors
        os.setsid()
        shim.arm_lifeline(lifeline)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        os.close(self.channel.answers)
        self.channel.requests.close()
        self.control.close()
        os.close(self.faults)
        self.channel.answers = shim.move_up(answers)
        self.faults = shim.move_up(faults)
        self.temporary = temporary
        mark(token)
        os.environ.update(variables, ATOLL_WORKER=token)
        tempfile = sys.modules.get("tempfile")
        if tempfile is not None:
            tempfile.tempdir = None
        self.methods = {"load": self.load_warm}

    def begin_trace(self):
        trace = shim.Worker.begin_trace(self)
        if self.held is not None:
            for name in ("files", "folders", "listed", "variables", "connections", "commands"):
                getattr(trace, name).update(getattr(self.held, name))
        return trace

    def load_warm(self, **parameters):
        imports = Imports(self.sources, self.tops, self.inner, self.opcodes)
        try:
            result = self.load(**parameters)
        except shim.Failure as failure:
            failure.trace = dict(failure.trace or {}, imports=imports.found)
            raise
        result["trace"]["imports"] = imports.found
        return result


def mark(token):
    """Have what is forked, and starts no program, carry the load's own token in `/proc/<pid>/environ` (proc(5))."""
    import os

    try:
        with open("/proc/self/stat", "rb") as file:
            start = int(file.read().rpartition(b")")[2].split()[47])
        with open("/proc/self/environ", "rb") as file:
            at = (b"\0" + file.read()).find(b"\0ATOLL_WORKER=")
        if at >= 0:
            memory = os.open("/proc/self/mem", os.O_WRONLY)
            try:
                os.pwrite(memory, token.encode("ascii"), start + at + len("ATOLL_WORKER="))
            finally:
                os.close(memory)
    except (OSError, ValueError, IndexError):
        # The watch on processes finds most of them all the same.
        pass


def find_opcodes():
    """Give the numbers of the instructions by which code imports, and which numbers take their argument from a constant."""
    before = set(sys.modules)
    import opcode

    for name in set(sys.modules) - before:
        del sys.modules[name]
    names = ("IMPORT_NAME", "IMPORT_FROM", "IMPORT_STAR", "EXTENDED_ARG")
    return {name: opcode.opmap[name] for name in names if name in opcode.opmap}


def find_inner(modules):
    """Give by the last part of each module in a package the last parts of the packages: `util` is in `importlib`."""
    inner = {}
    for name in modules:
        package, _, last = name.rpartition(".")
        if package:
            inner.setdefault(last, set()).add(package.rpartition(".")[2])
    return inner


class Imports:
    """Has the user's own modules compiled from source alone, and lists what each of them says that it imports.

    A module that is held is there whether or not anybody imports it any more. So a load counts only while the user's
    own code says the same of its imports as when a load in a process of its own came to the same result. Neither may it
    name another module of a held package, such as `importlib.util`: it may be there only later in a process of its own.
    """

    DYNAMIC = ("import_module", "__import__", "modules")
    """Names by which code gets at modules without saying so."""

    def __init__(self, sources, tops, inner, opcodes):
        import importlib

        self.found = []
        self.tops = tops
        self.inner = inner
        self.opcodes = opcodes
        sources.seen.clear()
        sources.is_later = lambda path, status: False
        external = sources.external
        write, compiled = external.SourceFileLoader.set_data, external.SourceLoader.source_to_code

        def set_data(loader, path, data, **options):
            # Nobody would read it.
            if not sources.is_own(loader.path):
                write(loader, path, data, **options)

        def source_to_code(loader, data, path, *arguments, **options):
            code = compiled(loader, data, path, *arguments, **options)
            if sources.is_own(loader.path):
                self.scan(code)
            return code

        external.SourceFileLoader.set_data = set_data
        external.SourceLoader.source_to_code = source_to_code

        imported = importlib.import_module

        def import_module(name, package=None):
            caller = sys._getframe(1).f_code.co_filename
            if isinstance(name, str) and sources.is_own(caller) and name.partition(".")[0] in tops:
                self.found.append("import_module " + name)
            return imported(name, package)

        importlib.import_module = import_module

    def scan(self, code):
        pending, names = [code], set()
        while pending:
            code = pending.pop()
            self.read(code)
            names.update(code.co_names)
            pending += [constant for constant in reversed(code.co_consts) if hasattr(constant, "co_consts")]
        for name in [name for name in names if "." in name]:
            names.update(name.split("."))
        for name in sorted(names & self.inner.keys()):
            self.found += [package + "." + name for package in sorted(self.inner[name] & names)]

    def read(self, code):
        names = code.co_names
        for name in self.DYNAMIC:
            if name in names:
                self.found.append(name)
        instructions, arguments = code.co_code[::2], code.co_code[1::2]
        take, extend = self.opcodes["IMPORT_NAME"], self.opcodes["EXTENDED_ARG"]
        one, star = self.opcodes["IMPORT_FROM"], self.opcodes.get("IMPORT_STAR")
        if take not in instructions:
            return
        said, extended = None, 0
        for instruction, argument in zip(instructions, arguments):
            if instruction == extend:
                extended = (extended | argument) << 8
                continue
            argument |= extended
            extended = 0
            if instruction == take:
                said = names[argument] if names[argument].partition(".")[0] in self.tops else None
                if said:
                    self.found.append(said)
            elif said and instruction == one:
                self.found[-1] += " " + names[argument]
            elif said and instruction == star:
                self.found[-1] += " *"
