"""Random programs of nested control flow: what jumps where, which blocks are copied, which lines they have.

They need not make sense, nor run; some are refused, and then the errors are compared. Programs with a seed are the
same on every machine. Syntax of 3.8 only, unless `newer`: then match (3.10) and except* (3.11) too."""
import random

NAMES = ('a', 'b', 'c', 'd', 'e')
ATOMS = NAMES * 2 + ('1', 'None', 'True', 'False', '0', '"s"', 'x.y', '...', '2.5', 'b""', '-1', '__debug__', '(1, 2)')
# {e} is an expression, {n} a name
EXPRESSIONS = (
    '({e} and {e})', '({e} or {e})', '(not {e})', '({e} if {e} else {e})', '({e} < {e} <= {e})', '({e} in {e})', '({e} is not {e})',
    '({e} + {e})', '({e} % {e})', '({e} @ {e})', '{n}({e}, {e})', '{n}(*{e}, k={e}, **{e})', '{n}.m({e})', '[{e}, *{e}]',
    '{{{e}: {e}, **{e}}}', '(lambda q={e}: {e})', '{n}[{e}:{e}]', 'f"{{{n}!r:>{{{n}}}}}z"', '{{{e}, {e}}}', '({e}, {e})',
    '({e}\n  and {e}\n or {e})', '{n}({e},\n {e})', '({n} in ({e}, 1, 2))')
COMPREHENSIONS = ('[{e} for i in {e} if {e}]', '{{{e} for i in {e} for j in [{e}] if {e} if {e}}}', '({e} for i in {e})')
TARGETS = NAMES + ('x.y', 'x[0]', 'a, b', '(a, *b)', '[c, d]')
# {c} is a number that no other capture of the case has
PATTERNS = ('1', '"k"', 'None', '_', 'x.y', '-1', '[{p}, *_]', '({p}, {p})', '{{"k": {p}}}', '{{1: {p}, **r{c}}}', 'C({p}, z={p})',
            '(1 | [1])', '({p} as n{c})', '[{p}, *m{c}]', '([u{c}, v{c}] | (v{c}, u{c}, _))')
SIMPLE = ('{e}', '{t} = {e}', 'pass', '()', '"doc"', '{n} += {e}', 'x.y += {e}', 'raise', 'raise {e}', 'assert {e}, {e}', 'import os',
          'from os import path as p', 'a: {e} = {e}', 'x.y: int', 'del x[0], x.y', '{e}; {e}')


class Writer:
    """Writes one program."""

    def __init__(self, chance, newer):
        self.chance, self.newer, self.lines = chance, newer, []
        self.function = self.coroutine = self.loop = self.in_comprehension = False
        self.captures = 0

    def fill(self, form, depth):
        """A form with its places filled in."""
        out = form
        for place, make in (('{e}', self.expression), ('{p}', self.pattern)):
            while place in out:
                out = out.replace(place, make(depth - 1).replace('{', '\1').replace('}', '\2'), 1)
        for place, choices in (('{n}', NAMES), ('{t}', TARGETS)):
            while place in out:
                out = out.replace(place, self.chance.choice(choices), 1)
        if '{c}' in out:
            self.captures += 1
            out = out.replace('{c}', str(self.captures))
        return out.replace('{{', '{').replace('}}', '}').replace('\1', '{').replace('\2', '}')

    def expression(self, depth=2):
        if depth <= 0 or self.chance.random() < 0.3:
            return self.chance.choice(ATOMS)
        if self.chance.random() < 0.1:
            outer, self.in_comprehension = self.in_comprehension, True
            text = self.fill(self.chance.choice(COMPREHENSIONS), depth)
            self.in_comprehension = outer
            return text
        if not self.in_comprehension and self.chance.random() < 0.1:
            form = '(w := {e})' if not self.function else '(await {e})' if self.coroutine else '(yield {e})'
            return self.fill(form, depth)
        return self.fill(self.chance.choice(EXPRESSIONS), depth)

    def pattern(self, depth=2):
        return self.fill(self.chance.choice(PATTERNS[:6] if depth <= 0 else PATTERNS), depth)

    def line(self, indent, form):
        self.lines.append('    ' * indent + self.fill(form, 3))

    def block(self, depth, indent, loop=None):
        outer, self.loop = self.loop, self.loop if loop is None else loop
        for _ in range(self.chance.choice((1, 1, 1, 2, 2, 3))):
            self.statement(depth - 1, indent)
        self.loop = outer

    def perhaps(self, likely, head, depth, indent):
        if self.chance.random() < likely:
            self.line(indent, head)
            self.block(depth, indent + 1)

    def statement(self, depth, indent):
        if depth <= 0 or self.chance.random() < 0.4:
            leave = ['return', 'return {e}'] * self.function + ['break', 'continue'] * self.loop
            self.line(indent, self.chance.choice(leave if leave and self.chance.random() < 0.3 else SIMPLE))
            return
        compound = (self.branch, self.branch, self.repeat, self.repeat, self.attempt, self.attempt, self.manage, self.class_,
                    self.definition) + (self.match,) * self.newer
        self.chance.choice(compound)(depth, indent)

    def branch(self, depth, indent):
        self.line(indent, 'if {e}:')
        self.block(depth, indent + 1)
        while self.chance.random() < 0.4:
            self.perhaps(1, 'elif {e}:', depth, indent)
        self.perhaps(0.5, 'else:', depth, indent)

    def repeat(self, depth, indent):
        asynchronous = 'async ' * (self.coroutine and self.chance.random() < 0.3)
        self.line(indent, self.chance.choice(('while {e}:', 'while True:', 'while False:', asynchronous + 'for {t} in {e}:')))
        self.block(depth, indent + 1, True)
        self.perhaps(0.3, 'else:', depth, indent)

    def attempt(self, depth, indent):
        star = '*' * (self.newer and self.chance.random() < 0.2)
        self.line(indent, 'try:')
        self.block(depth, indent + 1)
        handlers = self.chance.choice((0, 1, 1, 2))
        function, loop = self.function, self.loop
        if star:
            self.function = self.loop = False
        for _ in range(handlers):
            self.perhaps(1, 'except%s %s:' % (star, self.chance.choice(('E', '{n} as e', '(A, B) as f'))), depth, indent)
        self.function, self.loop = function, loop
        if handlers and not star:
            self.perhaps(0.3, 'except:', depth, indent)
        if handlers:
            self.perhaps(0.3, 'else:', depth, indent)
        self.perhaps(0.4 if handlers else 1, 'finally:', depth, indent)

    def manage(self, depth, indent):
        items = ', '.join(self.chance.choice(('{e}', '{e} as a', '{e} as (b, c)')) for _ in range(self.chance.choice((1, 1, 2))))
        self.line(indent, 'async ' * (self.coroutine and self.chance.random() < 0.5) + 'with %s:' % items)
        self.block(depth, indent + 1)

    def match(self, depth, indent):
        self.line(indent, 'match {e}:')
        for _ in range(self.chance.choice((1, 2, 3))):
            self.captures = 0
            self.line(indent + 1, 'case %s:' % self.chance.choice(('{p}', '{p} if {e}')))
            self.block(depth, indent + 2)
        if self.chance.random() < 0.4:
            self.line(indent + 1, 'case _:')
            self.block(depth, indent + 2)

    def scope(self, depth, indent, function, coroutine):
        outer = self.function, self.coroutine
        self.function, self.coroutine = function, coroutine
        self.block(depth, indent + 1, False)
        self.function, self.coroutine = outer

    def class_(self, depth, indent):
        self.line(indent, 'class K({n}):')
        self.scope(depth, indent, False, False)

    def definition(self, depth, indent):
        coroutine = self.chance.random() < 0.25
        self.line(indent, 'async ' * coroutine + 'def f(a, b=1, *c, d={n}, **e)%s:' % self.chance.choice(('', ' -> int')))
        self.scope(depth, indent, True, coroutine)


def programs(seed, newer, count=200):
    """(name, text) of so many programs."""
    for number in range(count):
        writer = Writer(random.Random(seed * 1000003 + number), newer)
        for _ in range(6):
            writer.definition(writer.chance.choice((2, 3, 4)), 0)
        for _ in range(2):
            writer.statement(3, 0)
        yield 'program_%d_%d' % (seed, number), '\n'.join(writer.lines) + '\n'
