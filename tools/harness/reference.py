"""What a real interpreter makes of a source file, kept in a cache.

One sqlite file per interpreter and kind ('O0', 'O1', 'O2', 'ast', 'symtable'); the key of a row is the hash
of the source bytes and of the name given to the compiler. A row of the kinds O0 to O2 holds either the
marshalled code (the .pyc without its header) or the error as JSON, and what was written to stderr.
"""
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zlib
from collections import namedtuple

from . import corpus, marshalled, oracles

INSIDE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'inside')

# ok: True with data the marshalled code, or False with error a dict; a crash of the interpreter is
# the error type 'crash'.
Answer = namedtuple('Answer', 'ok data error stderr')


def scratch_folder(prefix):
    """A new temporary folder, in memory where the system has such a place."""
    base = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
    return tempfile.mkdtemp(prefix=prefix, dir=base)


def script_text(name):
    """The text of a script in inside/, which is part of the cache's key: other script, other answers."""
    with open(os.path.join(INSIDE, name), 'rb') as file:
        return file.read()


class Cache:
    """The rows of one interpreter and kind. Safe to use from several processes at once."""

    def __init__(self, oracle, kind, script):
        folder = os.path.join(oracles.cache_root(), 'reference', oracle.key)
        os.makedirs(folder, exist_ok=True)
        mark = hashlib.sha256(script_text(script)).hexdigest()[:6]
        self.db = sqlite3.connect(os.path.join(folder, '%s-%s.sqlite' % (kind, mark)), timeout=120,
                                  isolation_level=None, check_same_thread=False)
        self.db.execute('pragma journal_mode=wal')
        self.db.execute('pragma synchronous=off')
        self.db.execute('create table if not exists answers (key blob primary key, ok int, data blob, stderr blob)')

    def key(self, source, name):
        return hashlib.sha256(os.fsencode(name) + b'\0' + source).digest()[:20]

    def get(self, key):
        return self.db.execute('select ok, data, stderr from answers where key = ?', (key,)).fetchone()

    def put(self, key, ok, data, stderr):
        self.db.execute('insert or replace into answers values (?, ?, ?, ?)', (key, ok, data, stderr))


def warning_options(filters):
    """The options that give Python's warning filters to an interpreter, and to mkpyc."""
    return ['-W' + text for text in filters]


class Compiler:
    """A running compile_driver; started at the first question, restarted if it dies."""

    def __init__(self, oracle, filters=()):
        self.oracle = oracle
        self.options = warning_options(filters)
        self.header = 16 if oracle.minor >= 7 else 12
        self.process = None
        self.tmp = None

    def start(self):
        self.tmp = self.tmp or scratch_folder('mkpyc-ref-')
        empty = os.path.join(self.tmp, 'cwd')
        os.makedirs(empty, exist_ok=True)
        self.process = subprocess.Popen(
            self.oracle.command(*self.options, os.path.join(INSIDE, 'compile_driver.py'), self.tmp), cwd=empty,
            env=oracles.clean_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def close(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()
            self.process.stdout.close()
        if self.tmp:
            shutil.rmtree(self.tmp, ignore_errors=True)
        self.process = self.tmp = None

    def take(self, name):
        path = os.path.join(self.tmp, name)
        try:
            with open(path, 'rb') as file:
                return file.read()
        except FileNotFoundError:
            return b''
        finally:
            if os.path.lexists(path):
                os.unlink(path)

    def compile(self, path, name, level):
        """Row values (ok, data, stderr) for one file."""
        if self.process is None or self.process.poll() is not None:
            self.start()
        request = b'%d\t%s\t%s\n' % (level, os.fsencode(os.path.abspath(path)), os.fsencode(name))
        self.process.stdin.write(request)
        self.process.stdin.flush()
        reply = self.process.stdout.readline()
        pyc, error, stderr = self.take('pyc'), self.take('error'), self.take('stderr')
        if reply == b'0\n':
            return 1, pyc[self.header:], stderr
        if error:
            return 0, error, stderr
        crash = {'type': 'crash', 'msg': 'wait status ' + reply.decode().strip(), 'message': ''}
        return 0, json.dumps(crash).encode(), stderr


class Reference:
    """Answers of one interpreter at one level, from the cache or from the interpreter."""

    def __init__(self, oracle, level, filters=()):
        self.oracle, self.level = oracle, level
        self.cache = Cache(oracle, 'O%d' % level + ''.join(warning_options(filters)), 'compile_driver.py')
        self.compiler = Compiler(oracle, filters)
        self.canonical = Cache(oracle, 'canonical', '../marshalled.py') if oracle.minor <= 10 else None
        self.asked = 0

    def row(self, path, name, source=None):
        if source is None:
            with open(path, 'rb') as file:
                source = file.read()
        key = self.cache.key(source, name)
        row = self.cache.get(key)
        if row is None:
            row = self.compiler.compile(path, name, self.level)
            self.cache.put(key, *row)
            self.asked += 1
        return row

    def answer(self, path, name, source=None):
        """The interpreter's answer for the file compiled under that name."""
        ok, data, stderr = self.row(path, name, source)
        stderr = stderr.decode('utf-8', 'replace')
        if ok:
            return Answer(True, data, None, stderr)
        return Answer(False, None, json.loads(data), stderr)

    def fitted(self, path, name):
        """As answer, with the code in the form in which it is compared (canonical to 3.10), kept in the cache too."""
        answer = self.answer(path, name)
        if not answer.ok or self.oracle.minor > 10:
            return answer
        key = hashlib.sha256(answer.data).digest()[:20]
        row = self.canonical.get(key)
        if row is None:
            row = (1, marshalled.canonical(answer.data, self.oracle.minor), b'')
            self.canonical.put(key, *row)
        return answer._replace(data=row[1])

    def close(self):
        self.compiler.close()


def accepted_files(oracle):
    """The files of the library that its own release accepts."""
    known = Reference(oracle, 0)
    items = [i for i in corpus.walk(oracle.stdlib, 'lib') if known.row(i.path, i.name)[0]]
    known.close()
    return [i.path for i in items]


class TextDumps:
    """Texts that an inside/ script makes of sources ('ast', 'symtable'), from the cache or made now.

    The script reads lines "SOURCE<tab>NAME" and answers each with a line "LENGTH" and so many bytes.
    """

    def __init__(self, oracle, kind):
        self.oracle, self.script = oracle, kind + '_dump.py'
        self.cache = Cache(oracle, kind, self.script)
        self.process = None

    def text(self, path, name):
        """The dump as bytes; the line 'error: TYPE: MESSAGE' where the source is rejected."""
        with open(path, 'rb') as file:
            key = self.cache.key(file.read(), name)
        row = self.cache.get(key)
        if row is None:
            row = (1, zlib.compress(self.make(path, name), 1), b'')
            self.cache.put(key, *row)
        return zlib.decompress(row[1])

    def make(self, path, name):
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                self.oracle.command(os.path.join(INSIDE, self.script)), env=oracles.clean_environment(),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.process.stdin.write(b'%s\t%s\n' % (os.fsencode(os.path.abspath(path)), os.fsencode(name)))
        self.process.stdin.flush()
        length = self.process.stdout.readline()
        if not length:
            return b'error: crash: the interpreter died\n'
        return self.process.stdout.read(int(length))

    def stop(self):
        """Ends the interpreter; any thread may call this."""
        if self.process:
            self.process.stdin.close()
            self.process.wait()
            self.process.stdout.close()
            self.process = None
