"""Random statements, most of them with a fault or two: what is accepted, and which error tells of what is not.

Each is made from forms of the grammar, dense with what is rare in libraries, and then some tokens are taken out, doubled, swapped
or replaced. Statements with a seed are the same on every machine."""
import random
import re

# {e} expression, {n} name, {t} target, {p} pattern, {a} arguments, {d} parameters, {s} suite, {y} type parameters, {f} f-string
FORMS = {
    'e': ('{n}', '{n}', '{n}', '1', '"s"', 'None', '...', '()', '({e})', '{e} + {e}', '-{e}', 'not {e}', '{e} if {e} else {e}', '{n}({a})', '{n}({a})',
          '{e}.{n}', '{n}[{i}]', '[{e}, *{e}]', '{{{e}: {e}, **{e}}}', '{{{e}, *{e}}}', '({e}, {e})', '{e} < {e} in {e}', 'lambda {l}: {e}',
          '[{e} for {t} in {e} if {e}]', '({e} async for {t} in {e})', '{{{e}: {e} for {t} in {e}}}', '({n} := {e})', 'await {e}', '(yield {e})',
          '(yield from {e})', '{f}', '"a" {f}', 'b"x"', '{e} and {e} or {e}', '{e} is not {e}', '{e} not in {e}', '{e} ** -{e}', '0x1f', '1_0', '1.5j', '~{e}'),
    'n': ('a', 'b', 'c', 'x', 'match', 'case', 'type', '_', 'print', 'exec', 'lazy', '__debug__'),
    't': ('{n}', '{n}', '{n}.{n}', '{n}[{e}]', '{n}, *{n}', '({t}, {t})', '[{t}]', '*{n}', '({t})'),
    'a': ('', '{e}', '{e}, {e}', '*{e}', '{n}={e}', '**{e}', '{e}, *{e}, {n}={e}, **{e}', '{e} for {t} in {e}', '{n} := {e}', '{e},', '*{e}, {e}',
          '{n}={e}, *{e}', '**{e}, {n}={e}', '{n}={e}, {n}={e}'),
    'd': ('', '{n}', '{n}, {n}={e}', '{n}, /, {n}', '*, {n}', '*{n}, {n}={e}, **{n}', '{n}: {e} = {e}', '*{n}: {e}', '{n}={e}, /, *, {n}', '*{n}: *{e}', '**{n}', '/, {n}', '*'),
    'l': ('', '{n}', '{n}, {n}={e}', '{n}, /, {n}', '*, {n}', '*{n}, **{n}', '{n}={e}, {n}', '*'),
    'i': ('{e}', '{e}:{e}', ':', '::{e}', '{e}, {e}:', '*{e}', '{n} := {e}', '...'),
    'p': ('{n}', '_', '1', '-1', '1+2j', '"s" "t"', 'None', '{n}.{n}', '[{p}, *{n}]', '({p}, {p})', '{p} | {p}', '{p} as {n}', '{n}({p})', '{n}({p}, {n}={p})',
          '{n}({n}={p}, {p})', '{{{k}: {p}, **{n}}}', '*_', '({p})', '[]', '()', '{{}}', 'f"s"', '{n}()', '{p}, {p}', '*{n}, {p}'),
    'k': ('1', '"s"', 'None', '{n}.{n}', '-1', '{n}', '1 + 1j'),
    'y': ('', '', '[{n}]', '[{n}: {e}, *{n}, **{n}]', '[{n} = {e}]', '[*{n} = *{e}]', '[]', '[{n}: ({e}, {e})]'),
    'f': ('f"{{{e}}}"', 'f"a{{{n}!r:>{{{n}}}}}b"', 'f"{{{e}=}}"', 'f"{{{{}}}}"', 'f"{{{n}:{{{n}!s}}}}"', "f'{{{n}[\"k\"]}}'", 'rf"\\d{{{n}}}"', 'f"{{}}"', 'f"{{{n}!x}}"',
          't"{{{e}!a}}"', 'f"""{{\n{n}\n}}"""', 'f"{{lambda x: 1}}"', 'f"{{{n}:%d}}"', 'f"}}"', 'f"{{{n}"', 'f"{{a b}}"', 'f"{{*{n}}}"', 'f"{{{n} # c}}"'),
    's': ('pass', '{q}', '{q}; {q}', '\n    {q}\n    {q}', '\n    pass\n', '\n    return {e}', '\n    {q}\n  {q}', '', '\n{q}', '\n    global {n}\n    {n} = {e}',
          '\n    break', '\n    continue', '\n    nonlocal {n}'),
    'q': ('{e}', '{t} = {e}', '{t} = {t} = {e}', '{t} += {e}', '{n}: {e} = {e}', '({n}): {e}', 'del {t}', 'del {t}, {t}', 'return', 'raise {e} from {e}', 'assert {e}, {e}',
          'import {n}.{n} as {n}', 'import {n}, {n}', 'from . import ({n} as {n}, {n},)', 'from {n} import *', 'from .{n} import {n}', 'global {n}, {n}', 'nonlocal {n}',
          'pass', 'break', 'continue', 'print {e}', 'exec {e}', 'type {n}{y} = {e}', 'lazy import {n}', 'lazy from {n} import {n}', '{t} = yield {e}', '{e}, {e}',
          'from __future__ import annotations', 'raise', '{t} = *{e}, {e}', 'return *{e}, {e}', '{e} = {e}', '{e} += {e}', '{e}: {e}', 'for {t} in {e}: pass', 'import a from b'),
    'S': ('{q}', '{q}', '{q}', 'if {e}: {s}\nelif {e}: {s}\nelse: {s}', 'while {e}: {s}\nelse: {s}', 'for {t} in {e}: {s}\nelse: {s}', 'for {t} in *{e}, {e}: {s}',
          'try: {s}\nexcept {e} as {n}: {s}\nexcept: {s}\nelse: {s}\nfinally: {s}', 'try: {s}\nexcept* {e}: {s}', 'try: {s}\nexcept {e}, {e}: {s}', 'try: {s}\nfinally: {s}',
          'try: {s}', 'try: {s}\nexcept: {s}\nexcept {e}: {s}', 'with {e} as {t}, {e}: {s}', 'with ({e} as {t}, {e} as {t},): {s}', 'with ({e}): {s}', 'with ({e}, {e}) as {t}: {s}',
          'async with {e} as {t}: {s}', 'async for {t} in {e}: {s}', 'def {n}{y}({d}): {s}', 'def {n}({d}) -> {e}: {s}', 'async def {n}({d}): {s}', 'class {n}{y}({a}): {s}', 'class {n}: {s}',
          '@{e}\ndef {n}(): {s}', '@{n}.{n}({a})\nclass {n}: {s}', 'match {e}:\n  case {p}: {s}', 'match {e}, {e}:\n  case {p} if {e}: {s}\n  case _: {s}', 'match {n}:\n  case {p}:\n    {q}',
          'match ({e}):\n  case {p} | {p}: {s}', 'if {e}:\n\t{q}\n        {q}', ' {q}', 'else: {s}', 'elif {e}: {s}', 'except {e}: {s}', '@{e}\n{q}', 'if {e} = {e}: {s}', 'def f():\n  {q}\n  {q}'),
}
TOKEN = re.compile(r'\w+|"[^"\n]*"|\s+|:=|\*\*|==|!=|->|[-+*/%@&|^<>]=|.', re.S)
EXTRA = ('(', ')', '[', ']', '{', '}', ',', ':', ';', '=', ':=', '==', '*', '**', '.', '...', '->', '@', '!', '$', '?', '\\', '\n', ' ', 'if', 'else', 'for', 'in', 'is', 'not', 'and',
         'lambda', 'yield', 'await', 'async', 'as', 'from', 'import', 'None', 'True', 'def', 'class', 'del', 'a', '1', '"s"', "'", '0777', '1a', '\t', '#', 'é', '\u00a0', '€', 'f"', '"""')


def fill(chance, symbol, depth):
    """A form of a symbol with its places filled in."""
    forms = FORMS[symbol]
    form = chance.choice(forms if depth > 0 else forms[:3])
    return re.sub(r'\{\{|\}\}|\{(\w)\}', lambda m: m.group(0)[0] if m.group(1) is None else fill(chance, m.group(1), depth - 1), form)


def spoil(chance, text):
    """One fault."""
    tokens = TOKEN.findall(text)
    place = chance.randrange(len(tokens))
    kind = chance.randrange(5)
    if kind == 0:
        del tokens[place]
    elif kind == 1:
        tokens.insert(place, chance.choice(EXTRA))
    elif kind == 2:
        tokens[place] = chance.choice(EXTRA)
    elif kind == 3:
        tokens.insert(place, tokens[place])
    else:
        other = chance.randrange(len(tokens))
        tokens[place], tokens[other] = tokens[other], tokens[place]
    return ''.join(tokens)


def statements(seed, count=1500):
    """(name, text) of so many."""
    for number in range(count):
        chance = random.Random(seed * 1000003 + number)
        text = '\n'.join(fill(chance, 'S', chance.choice((2, 3, 3, 4))) for _ in range(chance.choice((1, 1, 2))))
        for _ in range(chance.choice((0, 0, 1, 1, 1, 2))):
            text = spoil(chance, text) or 'a'
        yield 'statements_%d_%d' % (seed, number), text + '\n' * (chance.random() < 0.9)
