#!/usr/bin/env python3
"""`mkpyc py_compile` against `python -m py_compile`: output, streams, exit status and the files that are left.

    MKPYC=build/mkpyc tests/cli/test_py_compile.py [VERSION...]      default: the releases of tests/targets.txt

Exit status: 0 all equal, 1 differences, 77 no interpreter at hand.
"""
import os
import re
import stat
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'tools'))
sys.dont_write_bytecode = True
from harness import oracles, product

FILES = {
    'good.py': b'x = 1\ndef f():\n    return x\n',
    'noext': b'x = 1\n', '.hidden': b'x = 1\n', 'foo.bar.py': b'x = 1\n', 'z.pyw': b'x = 1\n',
    'bad.py': b'x = 1\nif x\n    pass\n',
    'bad_in_line.py': b'def f():\n\tx = (1 +\n\t     yield)\n',
    'indent.py': b'if 1:\n    x\n  y\n',
    'tab.py': b'if 1:\n        x\n\ty\n',
    'long.py': 'é = "ü" ; f(x for x in y, 1)\n'.encode(),
    'null.py': b'x = 1\0\n',
    'cookie.py': b'# coding: nosuch\nx = 1\n',
    'utf8.py': b'x = "\xff"\n',
    'quote.py': b'x = "abc\ny = 2\n',
    'utf8_late.py': b'def f():\n    x = 1\n    global x # \xff\n',
    'codec_late.py': b'# coding: latin-1\ndef f():\n    x = 1\n    global x # \xe9\n',
    'global.py': b'def f():\n    x = 1\n    global x\n',
    'return.py': b'return 1\n',
    'warn.py': b'x = 1 is 1\nassert (x, "y")\n',
    'escape.py': b'x = "\\d"\n',
    'escapes.py': b'def f(a):\n    return f"\\d{a}" \'b\\q\'\n',
    'number.py': b'x = [1for a in b]\n',
    'typo.py': b'if a:\n    b\n\nfro a import b, \xc3\xa9\n',
    'typo_latin.py': b'# coding: latin-1\nx = "\xe9" iff y else z\n',
    'typo_utf7.py': b'# coding: utf-7\nx = "+AOk-" iff y else z\nimprot a\n',
    "it's.py": b'x = 1\n',
    'sub/mod.py': b'x = 1\n',
    'blocked/mod.py': b'x = 1\n', 'blocked/__pycache__': b'',
}

# Name, arguments, standard input, variables.
CASES = [
    ('one', ['good.py'], b'', {}),
    ('several', ['good.py', 'z.pyw', 'sub/mod.py'], b'', {}),
    ('odd names', ['noext', '.hidden', 'foo.bar.py', './z.pyw'], b'', {}),
    ('bad then good', ['bad.py', 'good.py'], b'', {}),
    ('names on stdin', ['-'], b'good.py\nz.pyw\n', {}),
    ('missing on stdin', ['-'], b'missing.py\ngood.py\n', {}),
    ('no newline at the end of stdin', ['-'], b'good.py', {}),
    ('prefix', ['good.py', 'sub/mod.py'], b'', {'PYTHONPYCACHEPREFIX': 'PREFIX/deep/er'}),
    ('epoch', ['good.py'], b'', {'SOURCE_DATE_EPOCH': '1'}),
    ('no bytecode', ['good.py'], b'', {'PYTHONDONTWRITEBYTECODE': '1'}),
    ('ignored warnings', ['warn.py'], b'', {'PYTHONWARNINGS': 'ignore'}),
    ('warnings as errors', ['warn.py'], b'', {'PYTHONWARNINGS': 'error'}),
    ('escapes as errors', ['escape.py'], b'', {'PYTHONWARNINGS': 'error'}),
    ('escapes as errors, f-string', ['escapes.py'], b'', {'PYTHONWARNINGS': 'error'}),
    ('number as error', ['number.py'], b'', {'PYTHONWARNINGS': 'error'}),
    ('one warning as error', ['warn.py', 'escape.py'], b'', {'PYTHONWARNINGS': 'ignore,error:assertion:SyntaxWarning::2'}),
    ('all warnings', ['escape.py'], b'', {'PYTHONWARNINGS': 'always'}),
] + [('file ' + name, [name], b'', {}) for name in FILES]

# To 3.9 these end in a traceback, which shows where the interpreter's library lies and its lines.
FAILING_CASES = [
    ('missing', ['missing.py', 'good.py'], b'', {}),
    ('missing, odd name', ["mis'sing\t\n\\.py"], b'', {}),
    ('missing, no UTF-8', [b'a\xed\xa0\x80\xff\xe2\x82.py'], b'', {}),
    ('missing, not printable', ["'\u200b\x7f\x85\ufffe\u0300\xe9.py"], b'', {}),
    ('missing, printable from some release on', ['\U0001fae9\u1c89\U0001f979\u20c0\u2ffc.py'], b'', {}),
    ('a folder', ['sub'], b'', {}),
    ('a file in the place of a folder', ['good.py/x.py', 'good.py'], b'', {}),
    ('a name that is too long', ['x' * 300 + '.py'], b'', {}),
    ('a link to itself', ['loop.py'], b'', {}),
    ('a file in the place of the cache', ['blocked/mod.py', 'good.py'], b'', {}),
    ('a file in the place of the cache, on stdin', ['-'], b'blocked/mod.py\ngood.py\n', {}),
    ('a link in the place of the output', ['link.py', 'good.py'], b'', {}),
    ('a link in the place of the output, on stdin', ['-'], b'link.py\ngood.py\n', {}),
    ('a folder in the place of the output', ['folder.py', 'good.py'], b'', {}),
    ('good, bad, missing', ['good.py', 'bad.py', 'missing.py', 'z.pyw'], b'', {}),
]

OPTION_CASES = [
    ('help', ['-h'], b'', {}), ('help, long', ['--help'], b'', {}), ('help, short', ['--he'], b'', {}),
    ('nothing', [], b'', {}), ('quiet only', ['-q'], b'', {}), ('unknown', ['--foo', 'good.py'], b'', {}),
    ('quiet', ['-q', 'bad.py'], b'', {}), ('quiet, long', ['bad.py', '--quiet'], b'', {}),
    ('dashes', ['--', 'good.py'], b'', {}),
]


TRACEBACK = b'Traceback (most recent call last):\n'
FRAMES = re.compile(re.escape(TRACEBACK) + b'(?:  .*\n)*')  # what mkpyc, that has no such lines, leaves out
TEMPORARY = re.compile(rb'(\.pyc\.)\d+')  # the number is an address in CPython


def make_tree(folder):
    for name, data in FILES.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            file.write(data)
        os.utime(path, (1600000000, 1600000000))
    os.makedirs(os.path.join(folder, '__pycache__'))
    for minor in range(8, 20):
        os.symlink('nowhere', os.path.join(folder, '__pycache__', 'link.cpython-3%d.pyc' % minor))
        os.makedirs(os.path.join(folder, '__pycache__', 'folder.cpython-3%d.pyc' % minor))
    os.symlink('loop.py', os.path.join(folder, 'loop.py'))
    for name in ('link.py', 'folder.py'):
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(b'x = 1\n')
    os.chmod(os.path.join(folder, 'good.py'), 0o640)
    os.chmod(os.path.join(folder, 'z.pyw'), 0o444)


def left_behind(folder):
    """Every file and folder: path, mode, and contents of what is no source."""
    result = {}
    for top, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(top, name)
            status = os.lstat(path)
            key = os.path.relpath(path, folder)
            data = None
            if stat.S_ISREG(status.st_mode) and key.endswith('.pyc'):
                with open(path, 'rb') as file:
                    data = file.read()[:16]
            result[key] = (oct(status.st_mode), data)
    return result


def run(command, case, folder):
    """(exit status, stdout, stderr, files) of one case in a fresh tree at a fixed place."""
    subprocess.run(['rm', '-rf', folder], check=True)
    os.makedirs(folder)
    make_tree(folder)
    name, arguments, stdin, variables = case
    env = {k: v for k, v in os.environ.items() if not k.startswith('PYTHON') and k != 'SOURCE_DATE_EPOCH'}
    env.update({k: v.replace('PREFIX', folder) for k, v in variables.items()}, LC_ALL='C.UTF-8')
    done = subprocess.run(command + arguments, cwd=folder, env=env, input=stdin, capture_output=True)
    stderr = TEMPORARY.sub(rb'\1 N', FRAMES.sub(TRACEBACK, done.stderr))
    return done.returncode, done.stdout, stderr, left_behind(folder)


def main(arguments):
    mkpyc = product.find_command()
    with open(os.path.join(TOP, 'tests', 'targets.txt')) as file:
        wanted = arguments or [line.split()[0] for line in file if line[:1].isdigit()]
    found = [o for o in oracles.find_all() if o.version in wanted]
    if not found:
        return 77
    os.umask(0o022)
    differences = total = 0
    for oracle in found:
        with tempfile.TemporaryDirectory() as top:
            folder = os.path.join(top, 'tree')
            for case in CASES + FAILING_CASES + (OPTION_CASES if oracle.minor >= 10 else []):
                theirs = run([oracle.program, '-S', '-s', '-B', '-m', 'py_compile'], case, folder)
                ours = run([mkpyc, '--python', oracle.version, 'py_compile'], case, folder)
                total += 1
                if ours == theirs:
                    continue
                differences += 1
                print('%s, %s:' % (oracle.version, case[0]))
                for label, mine, his in zip(('status', 'stdout', 'stderr', 'files'), ours, theirs):
                    if mine != his and label == 'files':
                        keys = sorted(k for k in set(mine) | set(his) if mine.get(k) != his.get(k))
                        print('\n'.join('  %s: ours %s, theirs %s' % (k, mine.get(k), his.get(k)) for k in keys))
                    elif mine != his:
                        print('  %s: ours %r\n  %s  theirs %r' % (label, mine, ' ' * len(label), his))
    print('%d of %d cases equal' % (total - differences, total))
    return 1 if differences else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
