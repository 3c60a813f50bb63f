"""The comparison of text dumps (syntax tree, symbol table) behind tools/compare-ast and -symtable."""
import argparse
import collections
import concurrent.futures
import os
import random
import re
import subprocess
import threading

from . import corpus, oracles, product, reference

# Kinds without positions, by the last 3.MINOR for which that holds.
WITHOUT_POSITION = {'alias': 9, 'keyword': 8, 'Slice': 8}


def fit_old_tree(text, minor):
    """mkpyc's tree without the positions that an old release's tree does not have."""
    kinds = '|'.join(k for k, last in WITHOUT_POSITION.items() if minor <= last)
    if not kinds:
        return text
    text = re.sub(r'(?m)^( *(?:\w+: )?(?:%s))@[\d:-]+' % kinds, r'\1', text)
    if minor > 8:
        return text
    lines = text.split('\n')
    for number, line in enumerate(lines):
        match = re.match(r'( *)slice: Tuple@', line)
        if match and has_slice(lines, number + 1, len(match[1]) + 2):
            lines[number] = re.sub(r'@[\d:-]+', '', line)
    return '\n'.join(lines)


def has_slice(lines, number, depth):
    """Whether a Slice stands among the children that start at a line."""
    while number < len(lines) and len(lines[number]) - len(lines[number].lstrip()) >= depth:
        if lines[number].startswith(' ' * depth + 'elts: Slice'):
            return True
        number += 1
    return False


def strip(line):
    """A dump line without position and values, for grouping."""
    return re.sub(r"@[\d:-]+|=('(\\.|[^'\\])*'|\S+)", '', line).strip()


def first_difference(ours, theirs):
    """(cause, detail) of two texts."""
    a, b = ours.splitlines(), theirs.splitlines()
    i = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    x, y = (t[i] if i < len(t) else '(end)' for t in (a, b))
    cause = '%s, not %s' % (strip(x), strip(y)) if strip(x) != strip(y) else 'values of ' + strip(y)
    parent, depth = [], len(y) - len(y.lstrip())
    for line in reversed(b[:i]):
        indent = len(line) - len(line.lstrip())
        if indent < depth:
            parent.insert(0, '       ' + line)
            depth = indent
        if len(parent) == 3:
            break
    return cause, parent + ['ours   ' + x, 'theirs ' + y]


def refuses_future(oracle, item):
    """Whether the interpreter refuses a future statement of a file: to 3.9 its symtable() does not look at these."""
    theirs = reference.Reference(oracle, 0).fitted(item.path, item.name)
    return not theirs.ok and any(words in str(theirs.error.get('msg')) for words in ('future', 'not a chance'))


def judge(kind, command, oracle, texts, item):
    """(class, cause, detail) of one file."""
    theirs = texts.text(item.path, item.name).decode('utf-8', 'replace')
    try:
        status, ours, errors = product.dump(command, oracle.version, kind, item.path, item.name)
    except subprocess.TimeoutExpired:
        return 'crash', 'no answer', []
    errors = errors.decode('utf-8', 'replace')
    if status < 0 or status > 2 or 'Sanitizer' in errors:
        return 'crash', 'exit status %d' % status, errors.splitlines()[:10]
    if theirs.startswith('error: '):
        return ('identical', '', []) if status else ('verdict', 'accepted, not ' + theirs.strip(), [])
    if status:
        if kind == 'symtable' and oracle.minor <= 9 and refuses_future(oracle, item):
            return 'identical', '', []
        last = (errors.strip().splitlines() or ['no message'])[-1]
        return 'verdict', 'rejected: ' + last, errors.splitlines()[:8]
    ours = ours.decode('ascii', 'replace')
    if kind == 'ast':
        ours = fit_old_tree(ours, oracle.minor)
    return ('identical', '', []) if ours == theirs else ('other', *first_difference(ours, theirs))


def main(kind, description):
    """Compares one kind of dump over corpora; returns the exit status."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('--python', default='3.13', metavar='VERSION')
    parser.add_argument('-j', dest='jobs', type=int, default=os.cpu_count() or 1)
    parser.add_argument('--sample', type=int)
    parser.add_argument('--seed', type=int)
    parser.add_argument('--limit', type=int)
    parser.add_argument('--match')
    parser.add_argument('--show', type=int, default=10)
    parser.add_argument('--mkpyc')
    parser.add_argument('--reference', action='store_true', help="print the interpreter's dump only")
    parser.add_argument('corpora', nargs='*', metavar='CORPUS')
    options = parser.parse_args()
    oracle = oracles.need(options.python)
    if options.sample and options.seed is None:
        options.seed = random.randrange(1 << 30)
        print('--seed %d' % options.seed)
    items = corpus.gather(options.corpora or ['lib:' + oracle.version], options.sample, options.seed,
                          options.limit, options.match)
    if options.reference:
        texts = reference.TextDumps(oracle, kind)
        for item in items:
            print(texts.text(item.path, item.name).decode(), end='')
        texts.stop()
        return 0
    command = product.find_command(options.mkpyc)
    counts, groups, local, opened = collections.Counter(), {}, threading.local(), []

    def work(item):
        if not hasattr(local, 'texts'):
            local.texts = reference.TextDumps(oracle, kind)
            opened.append(local.texts)
        return item, judge(kind, command, oracle, local.texts, item)

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for item, (outcome, cause, detail) in pool.map(work, items):
            counts[outcome] += 1
            if outcome != 'identical':
                groups.setdefault((outcome, cause), []).append((item, detail))
    for texts in opened:
        texts.stop()
    for (outcome, cause), members in sorted(groups.items(), key=lambda g: -len(g[1]))[:options.show]:
        print('%4d x %s: %s\n       e.g. %s' % (len(members), outcome, cause, members[0][0].path))
        for line in members[0][1]:
            print('         ' + line)
    print('%s %s: %d files: %s' % (oracle.version, kind, len(items), ', '.join(
        '%d %s' % (n, c) for c, n in counts.most_common())))
    return 0 if counts['identical'] == len(items) else 1
