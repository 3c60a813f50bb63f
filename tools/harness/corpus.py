"""Corpora: named lists of source files.

    lib:3.13.0    the standard library with its tests of that interpreter (3.13: newest at hand)
    lib:all       the standard libraries of all interpreters found
    torture:      extreme sources, made on demand; torture:deep, :wide, :jumps, :text and :huge are parts
    programs:7    random programs of nested control flow, made with that seed; programs:7:newer has match and except* too
    constants:7   random modules full of constants, made with that seed; constants:7:newer has newer syntax too
    packages:     what tools/setup-packages has unpacked
    statements:7  random statements, most with a fault, made with that seed
    list:FILE     the paths in FILE, one a line
    FOLDER        every .py file under it
    FILE          itself

A file is known by two names: its path, and the name given to the compiler (its path relative to
the corpus), which ends up in co_filename and in messages and so must not depend on the machine.
"""
import os
import random
from collections import namedtuple

from . import constants, oracles, programs, statements, torture

Item = namedtuple('Item', 'path name corpus')

# (name, text) of each, from a seed and whether newer syntax may be in them; statements have all syntax anyway
RANDOM = {'programs': programs.programs, 'constants': constants.modules, 'statements': lambda seed, newer: statements.statements(seed)}
SKIPPED_FOLDERS = {'site-packages', 'dist-packages', '__pycache__'}


def walk(top, corpus):
    """Items for every .py file under a folder, in sorted order, symlinked folders not followed."""
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS)
        for file in sorted(files):
            path = os.path.join(folder, file)
            if file.endswith('.py') and os.path.isfile(path):
                yield Item(path, os.path.relpath(path, top), corpus)


def write_random(kind, rest, spec):
    """Items for the random sources of a seed, which are written first."""
    seed, _, newer = rest.partition(':')
    folder = os.path.join(oracles.cache_root(), kind, seed + newer)
    os.makedirs(folder, exist_ok=True)
    for name, text in RANDOM[kind](int(seed or 0), newer != ''):
        path = os.path.join(folder, name + '.py')
        oracles.keep(path, text.encode())
        yield Item(path, name + '.py', spec)


def expand(spec):
    """The items that one corpus name stands for."""
    if spec == 'lib:all':
        return [item for oracle in oracles.find_all() for item in walk(oracle.stdlib, 'lib:' + oracle.version)]
    if spec.startswith('lib:'):
        oracle = oracles.need(spec[4:])
        return list(walk(oracle.stdlib, 'lib:' + oracle.version))
    if spec.startswith('torture:'):
        folder = os.path.join(oracles.cache_root(), 'torture', spec[8:] or 'all')
        return [Item(path, name, spec) for path, name in torture.write(spec[8:], folder)]
    kind, colon, rest = spec.partition(':')
    if colon and kind in RANDOM:
        return list(write_random(kind, rest, spec))
    if spec == 'packages:':
        spec = os.path.join(oracles.cache_root(), 'packages')
    if spec.startswith('list:'):
        with open(spec[5:]) as file:
            return [Item(os.path.abspath(p), p, spec) for p in file.read().splitlines() if p]
    if os.path.isdir(spec):
        return list(walk(spec, spec))
    if os.path.exists(spec):
        return [Item(os.path.abspath(spec), os.path.basename(spec), spec)]
    raise SystemExit('no such corpus: ' + spec)


def gather(specs, sample=None, seed=None, limit=None, match=None):
    """The items of several corpora, each file once, optionally a random sample or the first few."""
    items, seen = [], set()
    for spec in specs:
        for item in expand(spec):
            if (item.path, item.name) not in seen and (not match or match in item.path):
                seen.add((item.path, item.name))
                items.append(item)
    if sample is not None and sample < len(items):
        items = sorted(random.Random(seed).sample(items, sample))
    return items[:limit] if limit else items
