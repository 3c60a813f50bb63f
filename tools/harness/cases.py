"""Recorded cases: small sources with the answers of real interpreters, so that a test needs none.

tests/cases/NAME.py is one source. tests/cases/NAME.snippets holds many: each begins after a line
"### TITLE" and goes to the next such line. The answers are in NAME.json beside it, one line for each
title, release and level: the marshalled code (zlib, base64; canonical to 3.10) or the error, and what
was written to stderr. tools/record-case makes them, tools/run-cases compares mkpyc with them. The first line
of a source may say how it is compiled: "# levels: 0,2" or "# warnings: error" (a filter, as Python's -W).
"""
import base64
import glob
import json
import os
import re
import zlib

from . import judge, reference

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), 'tests', 'cases')


def sources(paths=()):
    """The case files given, or all."""
    found = paths or glob.glob(os.path.join(FOLDER, '**', '*.py'), recursive=True) + \
        glob.glob(os.path.join(FOLDER, '**', '*.snippets'), recursive=True)
    return sorted(os.path.abspath(path) for path in found)


def snippets(path):
    """[(title, source bytes)] of a case file."""
    with open(path, 'rb') as file:
        text = file.read()
    if path.endswith('.py'):
        return [('', text)]
    result = []
    for line in text.splitlines(True):
        if line.startswith(b'### '):
            result.append((line[4:].strip().decode(), []))
        elif result:
            result[-1][1].append(line)
    titles = [title for title, _ in result]
    assert len(set(titles)) == len(titles), 'the same title twice in ' + path
    return [(title, b''.join(lines)) for title, lines in result]


def told(path, what):
    """What the first line of a case file says after "# WHAT: ", or None."""
    with open(path, 'rb') as file:
        found = re.match(r'# %s: (\S+)' % what, file.readline().decode('utf-8', 'replace'))
    return found and found[1]


def filters(path):
    """The warning filters under which a case file is compiled."""
    one = told(path, 'warnings')
    return [one] if one else []


def name_of(path):
    """The name given to the compiler."""
    return os.path.splitext(os.path.basename(path))[0] + '.py'


def answers_path(path):
    return os.path.splitext(path)[0] + '.json'


def encode(answer, minor):
    """A recorded line's value for an answer."""
    if answer.ok:
        value = {'code': base64.b64encode(zlib.compress(judge.fit(answer.data, minor), 9)).decode()}
    else:
        value = {'error': answer.error}
    if answer.stderr:
        value['stderr'] = answer.stderr
    return value


def decode(value):
    """The reference.Answer that a line's value stands for."""
    data = zlib.decompress(base64.b64decode(value['code'])) if 'code' in value else None
    return reference.Answer('code' in value, data, value.get('error'), value.get('stderr', ''))


def record(path, oracle_list, levels):
    """Writes NAME.json with the answers of the interpreters; keeps those of releases that are not here."""
    target = answers_path(path)
    kept = {}
    if os.path.exists(target):
        with open(target) as file:
            kept = json.load(file)
    versions = {oracle.version for oracle in oracle_list}
    titles = {title for title, _ in snippets(path)}
    kept = {key: value for key, value in kept.items()
            if key.split(' ', 2)[0] not in versions and key.split(' ', 2)[2] in titles}
    scratch = reference.scratch_folder('mkpyc-case-')
    source = os.path.join(scratch, 'case.py')
    for oracle in oracle_list:
        compiler = reference.Compiler(oracle, filters(path))
        for title, text in snippets(path):
            with open(source, 'wb') as file:
                file.write(text)
            for level in levels:
                ok, data, stderr = compiler.compile(source, name_of(path), level)
                error = None if ok else json.loads(data)
                answer = reference.Answer(bool(ok), data, error, stderr.decode('utf-8', 'replace'))
                kept['%s O%d %s' % (oracle.version, level, title)] = encode(answer, oracle.minor)
        compiler.close()
    os.unlink(source)
    os.rmdir(scratch)
    with open(target, 'w') as file:
        lines = ['%s: %s' % (json.dumps(key), json.dumps(kept[key])) for key in sorted(kept, key=order)]
        file.write('{\n' + ',\n'.join(lines) + '\n}\n')


def order(key):
    """Sorts lines by title, then release, then level."""
    version, level, title = key.split(' ', 2)
    return title, [int(part) for part in version.split('-')[0].split('.')], level


def recorded(path, version):
    """[(title, source, level, answer)] of a case file for one release."""
    with open(answers_path(path)) as file:
        lines = json.load(file)
    texts = dict(snippets(path))
    result = []
    for key, value in lines.items():
        release, level, title = key.split(' ', 2)
        if release == version:
            result.append((title, texts[title], int(level[1:]), decode(value)))
    return result
