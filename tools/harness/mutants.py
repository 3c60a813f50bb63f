"""Sources with one random fault each, for comparing what two compilers say of wrong programs."""
import os
import random
import re

from . import corpus

TOKENS = re.compile(rb'\w+|\s+|"""|\'\'\'|\*\*=?|//=?|<<=?|>>=?|->|:=|[-+*/%@&|^=!<>]=|\.\.\.|.', re.S)
INSERTED = (b'(', b')', b'[', b']', b'{', b'}', b':', b',', b'=', b'==', b':=', b'*', b'**', b'.', b'...', b'@', b'->', b'!', b'$',
            b'?', b'`', b'\\', b'"', b"'", b'"""', b"f'{", b"f'{x!z}'", b'if', b'else', b'for', b'in', b'not', b'is', b'and', b'or',
            b'lambda', b'yield', b'await', b'async', b'def', b'class', b'return', b'import', b'from', b'as', b'with', b'try',
            b'except', b'finally', b'None', b'True', b'__debug__', b'print', b'exec', b'match', b'case', b'type', b'del',
            b'global x', b'nonlocal x', b'0777', b'1_', b'0x', b'1e', b'1.2.3', b'5abc', b'\xc3\xa9', b'\xe2\x82\xac', b'\xff',
            b'\x00', b'\t', b'\f', b'\n', b'    ', b'#', b';', b'break', b'continue', b'x = yield', b'*a, *b = c',
            b'"\\N{no such}"', b"b'\xc3\xa9'", b"'\\x1'", b"'\\u12'", b'u"" b""', b't"{x}"', b'raise', b'assert', b'pass')


def spoil(source, rng):
    """The source with one fault. Most faults are errors, some are not."""
    tokens = TOKENS.findall(source)
    if len(tokens) < 3:
        return source + rng.choice(INSERTED)
    i = rng.randrange(len(tokens) - 1)
    how = rng.randrange(10)
    if how <= 2:
        return b''.join(tokens[:i] + tokens[i + 1:])
    if how <= 4:
        return b''.join(tokens[:i] + [rng.choice((b' ', b'')), rng.choice(INSERTED), rng.choice((b' ', b''))] + tokens[i:])
    if how == 5:
        return b''.join(tokens[:i] + [rng.choice(INSERTED)] + tokens[i + 1:])
    if how == 6:
        return b''.join(tokens[:i] + [tokens[i + 1], tokens[i]] + tokens[i + 2:])
    if how == 7:
        return b''.join(tokens[:i])
    lines = source.splitlines(True)
    k = rng.randrange(len(lines))
    if how == 8:
        return b''.join(lines[:k] + lines[k + 1:])
    changed = rng.choice((b' ' + lines[k], lines[k][1:], b'\t' + lines[k], lines[k].lstrip(b' '), lines[k] * 2))
    return b''.join(lines[:k] + [changed] + lines[k + 1:])


def make(items, seed, folder):
    """Writes a spoilt copy of every item under a folder; the items for the copies, under the same names."""
    result = []
    for number, item in enumerate(items):
        with open(item.path, 'rb') as file:
            source = file.read()
        spoilt = spoil(source, random.Random('%d %s' % (seed, item.name)))
        path = os.path.join(folder, '%06d.py' % number)
        with open(path, 'wb') as file:
            file.write(spoilt)
        result.append(corpus.Item(path, item.name, item.corpus + ' mutated'))
    return result
