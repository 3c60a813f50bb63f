"""Drives the mkpyc command.

Batch mode, `mkpyc --python VERSION --batch`, reads one JSON object a line,
    {"src": PATH, "dfile": NAME, "pyc": OUTPUT PATH, "optimize": 0|1|2}
and answers each with one line: {"ok": true} or {"ok": false, "type": ..., "msg": ..., "filename": ...,
"lineno": ..., "offset": ..., "text": ..., "end_lineno": ..., "end_offset": ..., "message": ...}, both with
"warnings": [{"category": ..., "message": ..., "lineno": ...}]. If the process dies or hangs, the request at hand is
the culprit and a new process goes on with the next.
"""
import json
import os
import select
import shutil
import subprocess

from . import reference

TIME_LIMIT = 120  # seconds for one file


def find_command(given=None):
    """The mkpyc to test: the one given, $MKPYC, or the one in the build folder beside tools/."""
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    for path in (given, os.environ.get('MKPYC'), os.path.join(top, 'build', 'mkpyc')):
        if path:
            if os.access(path, os.X_OK):
                return os.path.abspath(path)
            raise SystemExit('no mkpyc at %s (make it first, or --mkpyc PATH)' % path)


class Batch:
    """One mkpyc batch process for one target."""

    def __init__(self, command, version, extra=()):
        self.arguments = [command, '--python', version, *extra, '--batch']
        self.header = 16 if int(version.split('.')[1]) >= 7 else 12
        self.tmp = reference.scratch_folder('mkpyc-cmp-')
        self.out = os.path.join(self.tmp, 'out.pyc')
        self.errors = os.path.join(self.tmp, 'stderr')
        self.process = None
        self.started = 0

    def start(self):
        cwd = os.path.join(self.tmp, 'cwd')
        os.makedirs(cwd, exist_ok=True)
        env = {k: v for k, v in os.environ.items() if not k.startswith('PYTHON') and k != 'SOURCE_DATE_EPOCH'}
        with open(self.errors, 'wb') as errors:
            self.process = subprocess.Popen(self.arguments, cwd=cwd, env=env, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=errors, bufsize=0)
        self.started += 1

    def read_line(self):
        """One line of the answer; None if the process died or took too long."""
        parts = []
        while True:
            ready, _, _ = select.select([self.process.stdout], [], [], TIME_LIMIT)
            if not ready:
                return None
            part = os.read(self.process.stdout.fileno(), 1 << 16)
            if not part:
                return None
            parts.append(part)
            if part.endswith(b'\n'):
                return b''.join(parts)

    def compile(self, path, name, level):
        """(answer dict, marshalled code or None); a dead process gives the answer type 'crash'."""
        if self.process is None:
            self.start()
        request = {'src': os.path.abspath(path), 'dfile': name, 'pyc': self.out, 'optimize': level}
        line = None
        try:
            self.process.stdin.write(json.dumps(request).encode() + b'\n')
            line = self.read_line()
        except BrokenPipeError:
            pass
        if line is None:
            return self.crashed(), None
        try:
            answer = json.loads(line)
        except ValueError:
            return {'ok': False, 'type': 'crash', 'msg': 'not JSON: %r' % line[:200]}, None
        if not answer['ok']:
            return answer, None
        with open(self.out, 'rb') as file:
            data = file.read()
        os.unlink(self.out)
        return answer, data[self.header:]

    def crashed(self):
        """The answer for a process that died or hangs; it is ended and forgotten."""
        hang = self.process.poll() is None
        try:
            status = self.process.wait(timeout=5)
            hang = False
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.end()
        with open(self.errors, 'rb') as file:
            tail = file.read()[:4000].decode('utf-8', 'replace')
        message = 'no answer in %d s' % TIME_LIMIT if hang else 'exit status %d' % status
        return {'ok': False, 'type': 'crash', 'msg': message, 'stderr': tail}

    def end(self):
        """Closes the process; returns its exit status and what it wrote to stderr."""
        if self.process is None:
            return 0, ''
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        status = self.process.wait()
        self.process.stdout.close()
        self.process = None
        with open(self.errors, 'rb') as file:
            return status, file.read().decode('utf-8', 'replace')

    def close(self):
        result = self.end()
        shutil.rmtree(self.tmp, ignore_errors=True)
        return result


def dump(command, version, kind, path, name):
    """(exit status, text, stderr) of `mkpyc --dump=KIND`."""
    done = subprocess.run([command, '--python', version, '--dump=' + kind, '--dfile', name, path],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIME_LIMIT)
    return done.returncode, done.stdout, done.stderr
