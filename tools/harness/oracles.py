"""Finds the CPython interpreters of this machine and asks each which patch release it is.

Searched, in this order: the folders and programs in $MKPYC_ORACLES (separated by ':'), the folder
that tools/setup-oracles fills by default, pyenv's versions, the usual installation folders, PATH.
An interpreter is taken once per release; the first found wins.
"""
import functools
import glob
import hashlib
import json
import os
import re
import subprocess
import sys

FIRST_MINOR = 6  # the oldest 3.x whose interpreter the scripts in inside/ still run on

QUESTION = r"""
import sys, sysconfig, json
print(json.dumps({
    'implementation': sys.implementation.name, 'version': list(sys.version_info[:3]),
    'level': sys.version_info[3], 'build': sys.version, 'stdlib': sysconfig.get_paths()['stdlib'],
    'abiflags': getattr(sys, 'abiflags', ''), 'free_threaded': sysconfig.get_config_var('Py_GIL_DISABLED') or 0,
    'magic': __import__('importlib.util').util.MAGIC_NUMBER[:2].hex()}))
"""


def cache_root():
    """The folder for everything that can be made again."""
    if os.environ.get('MKPYC_CACHE'):
        return os.environ['MKPYC_CACHE']
    base = os.environ.get('XDG_CACHE_HOME') or os.path.join(os.path.expanduser('~'), '.cache')
    return os.path.join(base, 'mkpyc')


def keep(path, content):
    """Writes a file of the cache unless it is there; who reads it meanwhile sees all of it or nothing."""
    try:
        with open(path, 'rb') as file:
            if file.read() == content:
                return
    except OSError:
        pass
    new = '%s.%d' % (path, os.getpid())
    with open(new, 'wb') as file:
        file.write(content)
    os.replace(new, path)


def default_oracle_folder():
    """Where tools/setup-oracles unpacks interpreters unless told otherwise."""
    base = os.environ.get('XDG_CACHE_HOME') or os.path.join(os.path.expanduser('~'), '.cache')
    return os.path.join(base, 'mkpyc', 'oracles')


def clean_environment():
    """The environment of a reference interpreter: fixed hash seed, no PYTHON* variable of ours."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith('PYTHON') and k not in ('SOURCE_DATE_EPOCH', 'LANG', 'LANGUAGE')}
    env.update(PYTHONHASHSEED='0', PYTHONDONTWRITEBYTECODE='1', LC_ALL='C.UTF-8')
    return env


@functools.total_ordering
class Oracle:
    """One interpreter: its program, exact release, library folder and a key for caches."""

    def __init__(self, program, facts):
        self.program = program
        self.number = tuple(facts['version'])
        self.version = '.'.join(map(str, self.number))
        if facts['level'] != 'final':
            self.version += '-' + facts['level']
        self.minor = self.number[1]
        self.stdlib = facts['stdlib']
        self.magic = int.from_bytes(bytes.fromhex(facts['magic']), 'little')
        build = hashlib.sha256((facts['build'] + facts['abiflags']).encode()).hexdigest()[:8]
        self.key = 'cpython-%s-%s' % (self.version, build)

    def __lt__(self, other):
        return self.number < other.number

    def __eq__(self, other):
        return self.key == other.key

    def __hash__(self):
        return hash(self.key)

    def command(self, *args):
        """The argument list that starts this interpreter as a reference."""
        return [self.program, '-S', '-s', '-B', *args]

    def run(self, *args, **keywords):
        """Runs the interpreter to its end with a clean environment."""
        return subprocess.run(self.command(*args), env=clean_environment(), **keywords)


def candidates():
    """Paths that may be interpreters, best first, each file once."""
    seen = set()
    for pattern in patterns():
        for path in sorted(glob.glob(pattern)):
            real = os.path.realpath(path)
            name = os.path.basename(path)
            if not re.fullmatch(r'python3(\.\d+)?', name) or real in seen or '/shims/' in path:
                continue
            if os.path.isfile(real) and os.access(real, os.X_OK):
                seen.add(real)
                yield path


def patterns():
    """Glob patterns of the places that are searched."""
    for item in filter(None, os.environ.get('MKPYC_ORACLES', '').split(':')):
        if os.path.isfile(item):
            yield item
        else:
            yield os.path.join(item, 'bin', 'python3*')
            yield os.path.join(item, 'python3*')
            yield os.path.join(item, '*', 'bin', 'python3*')
    yield os.path.join(default_oracle_folder(), 'bin', 'python3*')
    pyenv = os.environ.get('PYENV_ROOT') or os.path.join(os.path.expanduser('~'), '.pyenv')
    yield os.path.join(pyenv, 'versions', '*', 'bin', 'python3*')
    for folder in ('/usr/local/bin', '/usr/bin', '/opt/*/bin', '/opt/python/*/bin'):
        yield os.path.join(folder, 'python3*')
    for folder in os.environ.get('PATH', '').split(os.pathsep):
        if folder:
            yield os.path.join(folder, 'python3*')


def ask(path):
    """What the interpreter says of itself, or None where it does not run."""
    try:
        done = subprocess.run([path, '-S', '-s', '-B', '-c', QUESTION], env=clean_environment(),
                              capture_output=True, timeout=60)
        return json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def ask_cached(path):
    """As ask, remembered by path, size and time of the file behind it."""
    real = os.path.realpath(path)
    state = os.stat(real)
    label = json.dumps([path, real, state.st_size, state.st_mtime_ns, QUESTION])
    name = os.path.join(cache_root(), 'asked', hashlib.sha256(label.encode()).hexdigest()[:24])
    try:
        with open(name) as file:
            return json.load(file)
    except (OSError, ValueError):
        pass
    facts = ask(path)
    if facts is not None:
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name + '.%d' % os.getpid(), 'w') as file:
            json.dump(facts, file)
        os.replace(file.name, name)
    return facts


@functools.lru_cache(None)
def find_all():
    """Every usable interpreter, oldest release first."""
    found = {}
    for path in candidates():
        facts = ask_cached(path)
        if not facts or facts['implementation'] != 'cpython' or facts['free_threaded']:
            continue
        oracle = Oracle(path, facts)
        if oracle.number[0] == 3 and oracle.minor >= FIRST_MINOR and oracle.version not in found:
            found[oracle.version] = oracle
    return sorted(found.values())


def find(spec):
    """The interpreter for '3.13.0', or the newest patch release at hand for '3.13'; None if none."""
    parts = tuple(spec.split('.'))
    fits = [o for o in find_all() if tuple(o.version.split('.'))[:len(parts)] == parts]
    return fits[-1] if fits else None


def need(spec):
    """As find, but ends the program with a message (status 77, "skipped") where there is none."""
    oracle = find(spec)
    if oracle is None:
        print('skipped: no CPython %s on this machine (tools/setup-oracles, $MKPYC_ORACLES)' % spec,
              file=sys.stderr)
        raise SystemExit(77)
    return oracle
