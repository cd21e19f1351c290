"""Python as it is on Windows, by imitation: what it lacks there is taken away.

The names are those that the standard library gives on Linux and not on Windows. What cannot be
imitated: processes, paths and open files are still those of this system.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.helpers.data import ENVIRONMENT

_MODULES = "fcntl grp posix pwd pty readline resource syslog termios tty"
_OS = """
    F_LOCK F_TEST F_TLOCK F_ULOCK O_ACCMODE O_ASYNC O_CLOEXEC O_DIRECT O_DIRECTORY O_DSYNC O_FSYNC
    O_LARGEFILE O_NDELAY O_NOATIME O_NOCTTY O_NOFOLLOW O_NONBLOCK O_PATH O_RSYNC O_SYNC O_TMPFILE
    PRIO_PGRP PRIO_PROCESS PRIO_USER P_ALL P_PGID P_PID P_PIDFD SEEK_DATA SEEK_HOLE WCONTINUED
    WCOREDUMP WEXITED WEXITSTATUS WIFCONTINUED WIFEXITED WIFSIGNALED WIFSTOPPED WNOHANG WNOWAIT
    WSTOPPED WSTOPSIG WTERMSIG WUNTRACED chown chroot confstr copy_file_range ctermid environb
    eventfd fchdir fchmod fchown fdatasync fork forkpty fpathconf fstatvfs fwalk get_blocking
    getegid getenvb geteuid getgid getgrouplist getgroups getloadavg getpgid getpgrp getpriority
    getrandom getresgid getresuid getsid getuid getxattr initgroups killpg lchown listxattr lockf
    login_tty major makedev memfd_create minor mkfifo mknod nice openpty pathconf pidfd_open pipe2
    posix_fadvise posix_fallocate posix_spawn posix_spawnp pread preadv pwrite pwritev readv
    register_at_fork removexattr sched_getaffinity sched_setaffinity sched_yield sendfile
    set_blocking setegid seteuid setgid setgroups setpgid setpgrp setpriority setregid setresgid
    setresuid setreuid setsid setuid setxattr spawnlp spawnlpe spawnvp spawnvpe splice statvfs
    sync sysconf tcgetpgrp tcsetpgrp ttyname uname wait wait3 wait4 waitid writev
"""
_SIGNAL = """
    ITIMER_PROF ITIMER_REAL ITIMER_VIRTUAL SIGALRM SIGBUS SIGCHLD SIGCONT SIGHUP SIGIO SIGKILL
    SIGPIPE SIGPROF SIGPWR SIGQUIT SIGRTMAX SIGRTMIN SIGSTOP SIGSYS SIGTRAP SIGTSTP SIGTTIN SIGTTOU
    SIGURG SIGUSR1 SIGUSR2 SIGVTALRM SIGWINCH SIGXCPU SIGXFSZ SIG_BLOCK SIG_SETMASK SIG_UNBLOCK
    alarm getitimer pause pidfd_send_signal pthread_kill pthread_sigmask setitimer siginterrupt
    sigpending sigtimedwait sigwait sigwaitinfo
"""
_SELECT = "PIPE_BUF epoll poll"
_TIME = "clock_getres clock_gettime clock_gettime_ns clock_settime pthread_getcpuclockid tzset"

# Modules that choose at import what they do on this system come first.
_SITE = f"""
import asyncio, ctypes, importlib.abc, importlib.machinery, importlib.util, multiprocessing.util
import numpy, os, pathlib, select, shutil, signal, socket, ssl, subprocess, sys, tempfile
import threading, time, types, uuid
{{first}}
# It starts and ends processes in this system's way.
for module in (os, signal):
    own = types.ModuleType(module.__name__)
    vars(own).update(vars(module))
    setattr(subprocess, module.__name__, own)
shutil._use_fd_functions = False
for name in {_MODULES!r}.split():
    sys.modules[name] = None
for module, names in (
    (os, {_OS!r}), (signal, {_SIGNAL!r}), (select, {_SELECT!r}), (time, {_TIME!r})
):
    for name in names.split():
        vars(module).pop(name, None)

class Elsewhere(importlib.abc.MetaPathFinder):
    # Lowcarb's own modules see another sys.platform; the libraries must go on with this system's.
    def find_spec(self, name, path, target=None):
        if not name.startswith(("lowcarb.", "lowcarb_solvers.")):
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader.exec_module = lambda module: execute(spec.loader, module)
        return spec

class Windows(types.ModuleType):
    platform = "win32"
    def __getattr__(self, name):
        return getattr(sys, name)

def execute(loader, module):
    exec(loader.get_code(module.__name__), vars(module))
    if vars(module).get("sys") is sys:
        module.sys = Windows("sys")

sys.meta_path.insert(0, Elsewhere())
"""


def run_as_on_windows(
    folder: Path,
    arguments: Sequence[str],
    *,
    first: str = "",
    cwd: Path | None = None,
    root: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run Python with arguments, and all Pythons that it starts, on an imitation of Windows.

    Parameters
    ----------
    folder
        An empty one, for what Python runs before anything else.
    arguments
        Of the interpreter.
    first
        What to import before: libraries that choose by the system.
    cwd
        Where it works.
    root
        What stands in for the folder of Windows itself, whose programs are in `System32`.
    """
    (folder / "sitecustomize.py").write_text(_SITE.format(first=first))
    variables = {"COLUMNS": "80"} if root is None else {"COLUMNS": "80", "SYSTEMROOT": str(root)}
    path = f"{folder}{os.pathsep}{ENVIRONMENT['PYTHONPATH']}"
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env={**ENVIRONMENT, "PYTHONPATH": path, **variables},
        check=False,
        cwd=cwd,
        timeout=55,
    )


def left_behind(folder: Path) -> list[str]:
    """Command lines of processes that still run of those that a folder's imitation started."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(folder) in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text())
        except OSError:
            continue  # it has ended, or belongs to somebody else
    return found
