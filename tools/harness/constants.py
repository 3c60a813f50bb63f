"""Random modules full of constants: what is folded, what is merged with what, in which order constants and names come in,
what is interned, how frozensets are ordered.

The same few texts are identifiers, literals, parts of qualnames and of dotted imports by turns. Modules with a seed are the
same on every machine. Syntax of 3.8 only, unless `newer`: then match (3.10), type parameters and aliases (3.12), template
strings (3.14) and comprehensions that unpack (3.15) too, each module with one of them only."""
import random

WORDS = ('a', 'bc', 'docx', 'odt', 'path', 'join', 'C1', 'D', 'é', 'üb', 'long_name_of_an_object', '__init__', '_')
STRINGS = WORDS + ('', ' ', 'x y', '%', '%s', 'é x', '\\u20ac', '\\0', 'C1.D', 'C1.bc', 'C1.D.a', 'bc.<locals>.D', 'bc.<locals>.a',
                   '<lambda>', '<module>', '<genexpr>', 'os.path', 'docx.odt', 'int', 'str', '\\ud800', '\\xff', 'a' * 40)
BYTES = ('', 'a', 'bc', 'docx', '\\0', '\\xff', 'x y', 'a-1', 'a-2', 'B' * 20)
NUMBERS = ('0', '1', '-1', '2', '7', '255', '256', '257', '-5', '-6', '1000', '2**31', '2**62', '2**63', '-2**63', '10**30', '1 << 40', '0.0', '-0.0',
           '1.0', '1.5', '0j', '1j', '-1j', '-0j', '1.5 + 2j', '0.1 + 0.2', '~5', '7 // 2', '-7 % 4', '7 / 2', '2 ** -1',
           '0xff & 0x3c', '9 ^ 5', '3 | 4', '100 >> 3')
SINGLES = ('True', 'False', '()', '__debug__', 'not 1', 'not ""')
# in a frozenset, to 3.10, CPython's own order changes from run to run with None, ... and (what infinity may become) NaN
PLACED_BY_ADDRESS = ('None', '...', '1e300 * 1e10', '-1e300 * 1e10')
OPERATORS = ('+', '*', '-', '//', '%', '&', '|', '<<')


class Writer:
    """Writes one module."""

    def __init__(self, chance, newer):
        self.chance, self.lines, self.in_set = chance, [], False
        self.newer = chance.choice(('match', 'types', 'types', 'types', 'templates', 'unpacking')) if newer else None
        # few of each, so that the same come again
        self.words = chance.sample(WORDS, 5)
        self.strings = self.words + chance.sample(STRINGS, 6)
        self.bytes = chance.sample(BYTES, 4)
        self.numbers = chance.sample(NUMBERS, 7)

    def string(self):
        return '"%s"' % self.chance.choice(self.strings)

    def byte_string(self):
        text = 'b"%s"' % self.chance.choice(self.bytes)
        return self.chance.choice((text,) * 6 + (text + ' * 0', text + ' * 2', text + ' + b""', 'b"" + ' + text, '(%s)[0:1]' % text))

    def atom(self):
        return self.chance.choice((self.string, self.string, self.string, self.byte_string, lambda: self.chance.choice(self.numbers),
                                   lambda: self.chance.choice(self.numbers), lambda: self.chance.choice(SINGLES if self.in_set else SINGLES + PLACED_BY_ADDRESS)))()

    def constant(self, depth):
        """An expression that is, or may be folded to, a constant."""
        kind = self.chance.randrange(14) if depth > 0 else 0
        if kind == 10:
            return '(%s %s %s)' % (self.constant(depth - 1), self.chance.choice(OPERATORS), self.constant(depth - 1))
        if kind == 11:
            return '%s[%s]' % (self.tuple(depth), self.chance.choice(('0', '-1', '1', '0:1', '::-1')))
        if kind == 12:
            return '(%s %s)' % (self.string(), self.string())
        if kind >= 7:
            return self.tuple(depth)
        return self.atom()

    def items(self, depth, least=0):
        return [self.constant(depth - 1) for _ in range(self.chance.randrange(least, 5))]

    def tuple(self, depth):
        return '(%s)' % ''.join(item + ', ' for item in self.items(depth))

    def set(self, depth):
        self.in_set = True
        items = self.items(depth, 1)
        self.in_set = False
        if self.chance.random() < 0.4:
            items = [self.string() for _ in items]
        return '{%s}' % ', '.join(items)

    def name(self):
        return self.chance.choice(self.words)

    def expression(self):
        kind = self.chance.randrange(16)
        if self.newer == 'templates' and self.chance.random() < 0.1:
            return 't"{%s}%s{%s!r:>%s}"' % (self.name(), self.chance.choice(self.words), self.constant(0), self.chance.choice(('5', '{%s}' % self.name())))
        if self.newer == 'unpacking' and self.chance.random() < 0.1:
            return '[*%s for %s in %s]' % (self.tuple(1), self.name(), self.set(2))
        if kind < 4:
            return '%s %s %s' % (self.name(), self.chance.choice(('in', 'not in')), self.set(2))
        if kind < 6:
            return '[%s for %s in %s]' % (self.chance.choice((self.constant(2), self.name())), self.name(), self.set(2))
        if kind == 6:
            return '{%s}' % ', '.join('%s: %s' % (self.constant(1), self.constant(1)) for _ in range(self.chance.randrange(5)))
        if kind == 7:
            return '[%s]' % ', '.join(self.items(2))
        if kind == 8:
            return '%s(%s, %s=%s)' % (self.name(), self.constant(2), self.name(), self.constant(1))
        if kind == 9:
            return 'lambda %s=%s: %s' % (self.name(), self.constant(1), self.chance.choice((self.constant(2), self.name())))
        if kind == 10:
            return 'f"{%s}%s{%s!r:>%s}"' % (self.name(), self.chance.choice(self.words), self.name(), self.chance.choice(('5', '{%s}' % self.name())))
        if kind == 11:
            return '%s %% (%s,)' % (self.string(), self.name())
        if kind == 12:
            return '%s.%s[%s]' % (self.name(), self.name(), self.chance.choice((self.constant(2), '1:%s' % self.constant(0), '::2', ':')))
        if kind == 13:
            return '%s if %s else %s' % (self.constant(1), self.chance.choice((self.constant(1), self.name())), self.constant(1))
        if kind == 14:
            return self.set(2)
        return self.constant(3)

    def line(self, indent, text):
        self.lines.append('    ' * indent + text)

    def type_parameters(self):
        if self.newer != 'types' or self.chance.random() < 0.5:
            return ''
        names = self.chance.sample(self.words, 2)
        return '[%s%s, %s: %s]' % (self.chance.choice(('', '*', '**')), names[0], names[1], self.chance.choice((self.expression(), self.tuple(1))))

    def match(self, depth, indent, in_function):
        self.line(indent, 'match %s:' % self.expression())
        for form in self.chance.sample(('{s} | {b}', '({s}, *{n})', '{{{s}: {n}}}', '{n}({s}, {m}={b})', '{n}.{m}', 'None | True', '[{n}]'), 2):
            self.line(indent + 1, 'case %s:' % form.format(s=self.string(), b='b"a"', n=self.name(), m=self.name()))
            self.block(depth, indent + 2, in_function)

    def statement(self, depth, indent, in_function):
        if self.newer == 'match' and depth > 0 and self.chance.random() < 0.15:
            self.match(depth, indent, in_function)
            return
        if self.newer == 'types' and self.chance.random() < 0.1:
            self.line(indent, 'type %s%s = %s' % (self.name(), self.type_parameters(), self.expression()))
            return
        kind = self.chance.randrange(22) if depth > 0 else self.chance.randrange(14)
        if kind < 6:
            self.line(indent, '%s = %s' % (self.name(), self.expression()))
        elif kind < 8:
            self.line(indent, self.expression())
        elif kind == 8:
            self.line(indent, 'return ' * in_function + self.expression())
        elif kind == 9:
            self.line(indent, self.chance.choice(('import {0}.{1}', 'import {0}.{1} as {2}', 'from {0}.{1} import {2}', 'from {0} import {1} as {2}, {0}',
                                                  'import {0}, {1}.{2}.{0}')).format(self.name(), self.name(), self.name()))
        elif kind == 10:
            self.line(indent, '%s: %s = %s' % (self.name(), self.expression(), self.constant(2)))
        elif kind == 11:
            self.line(indent, 'for %s in %s: %s' % (self.name(), self.set(2), self.name()))
        elif kind == 12:
            self.line(indent, 'if %s: %s = %s' % (self.constant(1), self.name(), self.constant(1)))
        elif kind == 13:
            self.line(indent, self.string())
        elif kind < 18:
            self.definition(depth, indent)
        elif kind < 20:
            self.class_(depth, indent)
        elif kind == 20:
            self.line(indent, 'try:')
            self.block(depth, indent + 1, in_function)
            self.line(indent, 'except %s:' % self.name())
            self.block(depth, indent + 1, in_function)
        else:
            self.line(indent, 'if %s:' % self.expression())
            self.block(depth, indent + 1, in_function)

    def block(self, depth, indent, in_function):
        for _ in range(self.chance.randrange(1, 5)):
            self.statement(depth - 1, indent, in_function)

    def decorator(self, indent):
        if self.chance.random() < 0.2:
            self.line(indent, '@%s(%s)' % (self.name(), self.expression()))

    def definition(self, depth, indent):
        self.decorator(indent)
        returned = ' -> ' + self.expression() if self.chance.random() < 0.2 else ''
        self.line(indent, 'async ' * (self.chance.random() < 0.1) + 'def %s%s(p, q=%s, *, r=%s)%s:' % (
            self.name(), self.type_parameters(), self.expression(), self.constant(1), returned))
        self.block(depth, indent + 1, True)

    def class_(self, depth, indent):
        self.decorator(indent)
        self.line(indent, 'class %s%s(%s):' % (self.name(), self.type_parameters(), self.chance.choice(('', self.name(), '%s=%s' % (self.name(), self.expression())))))
        self.block(depth, indent + 1, False)


def modules(seed, newer, count=300):
    """(name, text) of so many modules."""
    for number in range(count):
        writer = Writer(random.Random(seed * 1000003 + number), newer)
        for _ in range(writer.chance.randrange(2, 9)):
            writer.statement(3, 0, False)
        yield 'constants_%d_%d' % (seed, number), '\n'.join(writer.lines) + '\n'
