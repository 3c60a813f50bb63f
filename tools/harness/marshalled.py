"""Reads, canonicalises, compares and disassembles marshal data of any release, without its interpreter.

A stream is read into nodes that keep what the bytes say: the type code, FLAG_REF, the references. So
two streams can be compared twice: by meaning (references followed, flags and interning ignored) and
by form (the first place where flag, type code or reference differ).
"""
import functools
import json
import os
import struct
import subprocess

from . import oracles

FLAG_REF = 0x80

HEAD = ('argcount', 'kwonlyargcount', 'nlocals', 'stacksize', 'flags')
HEAD_38 = ('argcount', 'posonlyargcount', 'kwonlyargcount', 'nlocals', 'stacksize', 'flags')
HEAD_311 = ('argcount', 'posonlyargcount', 'kwonlyargcount', 'stacksize', 'flags')
BODY = ('code', 'consts', 'names', 'varnames', 'freevars', 'cellvars', 'filename', 'name')
BODY_311 = ('code', 'consts', 'names', 'localsplusnames', 'localspluskinds', 'filename', 'name', 'qualname')


def code_layout(minor):
    """The fields of a code object as written by 3.MINOR: 'i' for a bare number, 'o' for an object."""
    if minor >= 11:
        return ([(n, 'i') for n in HEAD_311] + [(n, 'o') for n in BODY_311] +
                [('firstlineno', 'i'), ('linetable', 'o'), ('exceptiontable', 'o')])
    head = HEAD_38 if minor >= 8 else HEAD
    return [(n, 'i') for n in head] + [(n, 'o') for n in BODY] + [('firstlineno', 'i'), ('linetable', 'o')]


class Malformed(Exception):
    """The bytes are not marshal data."""


class Node:
    """One object as written: kind is the type code, value a scalar, parts the labelled contents."""

    __slots__ = ('kind', 'flag', 'value', 'parts', 'at', 'index', 'end')

    def __init__(self, kind, flag, at):
        self.kind, self.flag, self.at = kind, flag, at
        self.value, self.parts, self.index, self.end = None, (), -1, -1

    def field(self, name):
        for label, part in self.parts:
            if label == name:
                return part
        return None


class Reader:
    """Reads one stream; refs lists the flagged nodes in order, uses counts the references to each."""

    def __init__(self, data, minor):
        self.data, self.at, self.layout = data, 0, code_layout(minor)
        self.refs, self.uses = [], []
        self.marks = []  # offsets of type bytes with FLAG_REF and of 'r' numbers, in order

    def take(self, count):
        part = self.data[self.at:self.at + count]
        if len(part) < count:
            raise Malformed('ends early')
        self.at += count
        return part

    def number(self, fmt):
        return struct.unpack(fmt, self.take(struct.calcsize(fmt)))[0]

    def read(self):
        at = self.at
        byte = self.take(1)[0]
        node = Node(chr(byte & 0x7f), bool(byte & FLAG_REF), at)
        if node.kind == 'r':
            node.value = self.number('<I')
            if node.value >= len(self.refs):
                raise Malformed('reference %d of %d at byte %d' % (node.value, len(self.refs), at))
            self.uses[node.value] += 1
            self.marks.append((at, node))
            return node
        if node.flag:
            node.index = len(self.refs)
            self.refs.append(node)
            self.uses.append(0)
            self.marks.append((at, node))
        self.content(node, node.kind)
        node.end = self.at
        return node

    def content(self, node, kind):
        if kind in '0NFTS.':
            pass
        elif kind == 'i':
            node.value = self.number('<i')
        elif kind == 'I':
            node.value = self.number('<q')
        elif kind == 'l':
            size = self.number('<i')
            digits = struct.unpack('<%dH' % abs(size), self.take(2 * abs(size)))
            value = 0
            for digit in reversed(digits):
                value = value << 15 | digit
            node.value = -value if size < 0 else value
        elif kind in 'gy':
            node.value = self.take(8 if kind == 'g' else 16)
        elif kind in 'fx':
            node.value = b','.join(self.take(self.number('B')) for _ in range(1 + (kind == 'x')))
        elif kind in 'sutaA':
            node.value = self.take(self.number('<I'))
        elif kind in 'zZ':
            node.value = self.take(self.number('B'))
        elif kind in '([<>)':
            count = self.number('B' if kind == ')' else '<I')
            if count > len(self.data):
                raise Malformed('a container of %d at byte %d' % (count, node.at))
            node.parts = [(i, self.read()) for i in range(count)]
        elif kind == ':':
            node.parts = [(label, self.read()) for label in ('start', 'stop', 'step')]
        elif kind in '{}':
            node.parts = []
            while True:
                part = self.read()
                if part.kind == '0':
                    break
                node.parts.append((len(node.parts), part))
        elif kind == 'c':
            node.parts = []
            for name, how in self.layout:
                if how == 'i':
                    part = Node('i', False, self.at)
                    part.value = self.number('<i')
                else:
                    part = self.read()
                node.parts.append((name, part))
        else:
            raise Malformed('unknown type code %r at byte %d' % (kind, node.at))

    def follow(self, node):
        """The object that a node stands for."""
        return self.refs[node.value] if node.kind == 'r' else node


def load(data, minor):
    """(reader, top node) of one stream; Malformed if it is not exactly one object."""
    reader = Reader(data, minor)
    try:
        top = reader.read()
    except RecursionError:
        raise Malformed('nested too deeply') from None
    if reader.at != len(data):
        raise Malformed('%d bytes too many' % (len(data) - reader.at))
    return reader, top


def canonical(data, minor, fold_characters=True):
    """The stream with a flag exactly where something refers back, references renumbered.

    With fold_characters, one-character strings lose the difference between interned and not, which to
    3.12 depends on what the interpreter happened to hold.
    """
    reader, _ = load(data, minor)
    out, done, number = [], 0, {}
    for at, node in reader.marks:
        out.append(data[done:at])
        if node.kind == 'r':
            out.append(b'r' + struct.pack('<I', number[node.value]))
            done = at + 5
            continue
        byte = data[at]
        if reader.uses[node.index]:
            number[node.index] = len(number)
        else:
            byte &= ~FLAG_REF
        out.append(bytes([byte]))
        done = at + 1
    out.append(data[done:])
    result = b''.join(out)
    return fold_one_character(result, minor) if fold_characters else result


def fold_one_character(data, minor):
    """The stream with every one-character string written as not interned."""
    result = bytearray(data)
    reader, top = load(data, minor)
    stack = [top]
    while stack:
        node = stack.pop()
        stack.extend(part for _, part in node.parts if part.at >= 0)
        if node.kind == 'Z' and len(node.value) == 1:
            result[node.at] = result[node.at] & FLAG_REF | ord('z')
        elif node.kind == 't' and len(node.value.decode('utf-8', 'replace')) == 1:
            result[node.at] = result[node.at] & FLAG_REF | ord('u')
    return bytes(result)


# ---- meaning -------------------------------------------------------------------------------------

STRINGS = 'utaAzZ'
SETS = '<>'


def text(node):
    """A string node's text."""
    if node.kind in 'ut':
        return node.value.decode('utf-8', 'surrogatepass')
    return node.value.decode('latin-1')


class Stream:
    """A parsed stream with its release, offering meaning and text of nodes."""

    def __init__(self, data, minor):
        self.minor = minor
        self.reader, self.top = load(data, minor)
        self.memo = {}

    def follow(self, node):
        return self.reader.follow(node)

    def meaning(self, node):
        """A comparable value, equal for equal objects however they are written; sets keep their order."""
        node = self.follow(node)
        known = self.memo.get(node.at)
        if known is None:
            known = self.memo[node.at] = self.work_out(node)
        return known

    def work_out(self, node):
        if node.kind in STRINGS:
            return 'str', text(node)
        if node.kind in 'iIl':
            return 'int', node.value
        if node.kind in '()':
            return 'tuple', tuple(self.meaning(p) for _, p in node.parts)
        return node.kind, node.value, tuple(self.meaning(p) for _, p in node.parts)

    def show(self, node, depth=3):
        """A short text for an object."""
        node = self.follow(node)
        kind = node.kind
        if kind in STRINGS:
            return shorten(repr(text(node)))
        if kind in 'iIl':
            return shorten(repr(node.value)) if abs(node.value) < 1 << 200 else 'int of %d bits' % node.value.bit_length()
        if kind == 's':
            return shorten(repr(node.value))
        if kind == 'g':
            return repr(struct.unpack('<d', node.value)[0])
        if kind == 'y':
            return 'complex(%r, %r)' % struct.unpack('<2d', node.value)
        if kind == 'c':
            return '<code %s>' % text(self.follow(node.field('name')))
        plain = {'N': 'None', 'T': 'True', 'F': 'False', '.': 'Ellipsis', 'S': 'StopIteration', '0': 'NULL'}
        if kind in plain:
            return plain[kind]
        if depth == 0:
            return '...'
        inner = ', '.join(self.show(p, depth - 1) for _, p in node.parts[:12])
        more = ', ...' if len(node.parts) > 12 else ''
        opening, closing = {'<': ('{', '}'), '>': ('frozenset({', '})'), '[': '[]', ':': ('slice(', ')'),
                            '{': '{}', '}': ('frozendict({', '})')}.get(kind, '()')
        return opening + inner + more + closing

    def code_name(self, node):
        name = self.follow(node.field('qualname') or node.field('name'))
        return text(name)


def shorten(string, limit=70):
    return string if len(string) <= limit else string[:limit - 3] + '...'


# ---- instructions --------------------------------------------------------------------------------

class Opcodes:
    """The opcode numbering of one release; with no table, numbers."""

    def __init__(self, table=None):
        table = table or {}
        self.names = {int(k): v for k, v in table.get('names', {}).items()}
        caches = table.get('caches', {})
        self.caches = {number: caches.get(name, 0) for number, name in self.names.items()}
        for group in ('const', 'name', 'local', 'free', 'relative', 'absolute'):
            setattr(self, group, frozenset(table.get(group, ())))
        self.extended = table.get('extended', -1)
        self.have_argument = table.get('have_argument', 0)


@functools.lru_cache(None)
def opcodes_of(version):
    """The numbering of a release, asked of the interpreter once and cached."""
    oracle = oracles.find(version)
    if oracle is None:
        return Opcodes()
    path = os.path.join(oracles.cache_root(), 'opcodes', oracle.key + '.json')
    if not os.path.exists(path):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'inside', 'opcode_tables.py')
        done = oracle.run(script, stdout=subprocess.PIPE, check=True)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + '.%d' % os.getpid(), 'wb') as file:
            file.write(done.stdout)
        os.replace(file.name, path)
    with open(path) as file:
        return Opcodes(json.load(file))


def instructions(stream, code, opcodes):
    """[(offset, name, argument or None, text)] of a code node, EXTENDED_ARG folded in, caches skipped."""
    raw = stream.follow(code.field('code')).value
    result, at, argument, start = [], 0, 0, 0
    while at + 1 < len(raw):
        op = raw[at]
        argument = argument << 8 | raw[at + 1]
        at += 2
        if op == opcodes.extended:
            continue
        caches = opcodes.caches.get(op, 0)
        name = opcodes.names.get(op, 'OP_%d' % op)
        result.append((start, name, argument, operand(stream, code, opcodes, op, name, argument, at, caches)))
        at += 2 * caches
        start, argument = at, 0
    return result


def operand(stream, code, opcodes, op, name, argument, after, caches):
    """The text behind an argument: the constant, the name, the jump's target."""
    def item(field, index):
        node = stream.follow(code.field(field))
        return stream.show(node.parts[index][1]) if 0 <= index < len(node.parts) else '?'
    minor = stream.minor
    if op in opcodes.const:
        if name == 'LOAD_SMALL_INT':
            return str(argument)
        return item('consts', argument)
    if op in opcodes.name:
        if name in ('LOAD_GLOBAL', 'LOAD_ATTR') and minor >= (11 if name == 'LOAD_GLOBAL' else 12):
            argument >>= 1
        elif name == 'LOAD_SUPER_ATTR':
            argument >>= 2
        return item('names', argument)
    if op in opcodes.local or op in opcodes.free:
        if minor >= 11:
            if name.count('_FAST') > 1 or name.endswith('FAST_BORROW_LOAD_FAST_BORROW'):
                return item('localsplusnames', argument >> 4) + ', ' + item('localsplusnames', argument & 15)
            return item('localsplusnames', argument)
        if op in opcodes.local:
            return item('varnames', argument)
        cells = stream.follow(code.field('cellvars')).parts
        return item('cellvars', argument) if argument < len(cells) else item('freevars', argument - len(cells))
    unit = 2 if minor >= 10 else 1
    if op in opcodes.absolute:
        return 'to %d' % (argument * unit)
    if op in opcodes.relative:
        back = 'BACKWARD' in name
        end = after + 2 * caches if minor >= 12 else after
        return 'to %d' % (end + argument * unit * (-1 if back else 1))
    return ''


def positions(table, first):
    """The location table of 3.11 and later as [(units, line, end line, column, end column)]."""
    result, at, line = [], 0, first

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = table[at]
            at += 1
            value |= (byte & 63) << shift
            shift += 6
            if not byte & 64:
                return value

    def signed():
        value = varint()
        return -(value >> 1) if value & 1 else value >> 1

    while at < len(table):
        byte = table[at]
        at += 1
        kind, units = byte >> 3 & 15, (byte & 7) + 1
        if kind == 15:
            entry = (None, None, None, None)
        elif kind == 14:
            line += signed()
            end = line + varint()
            entry = (line, end, varint() - 1, varint() - 1)
        elif kind == 13:
            line += signed()
            entry = (line, line, None, None)
        elif kind >= 10:
            line += kind - 10
            entry = (line, line, table[at], table[at + 1])
            at += 2
        else:
            column = kind << 3 | table[at] >> 4 & 7
            entry = (line, line, column, column + (table[at] & 15))
            at += 1
        result.append((units,) + entry)
    return result


def handlers(table):
    """The exception table of 3.11 and later as [(start, end, target, depth, lasti)], in bytes."""
    result, at = [], 0

    def number():
        nonlocal at
        value = table[at] & 63
        while table[at] & 64:
            at += 1
            value = value << 6 | table[at] & 63
        at += 1
        return value

    while at < len(table):
        start, size, target, last = number() * 2, number() * 2, number() * 2, number()
        result.append((start, start + size, target, last >> 1, last & 1))
    return result


# ---- comparison ----------------------------------------------------------------------------------

# What is looked at first within a code object: the cause before its consequences.
ORDER = ('name', 'qualname', 'argcount', 'posonlyargcount', 'kwonlyargcount', 'localsplusnames', 'localspluskinds',
         'varnames', 'freevars', 'cellvars', 'nlocals', 'code', 'names', 'consts', 'exceptiontable', 'stacksize', 'flags',
         'firstlineno', 'linetable', 'filename')


def first_pair(left, right):
    """Index of the first difference of two sequences, or the shorter length."""
    for index, (a, b) in enumerate(zip(left, right)):
        if a != b:
            return index
    return min(len(left), len(right))


def difference(ours, theirs, minor, version):
    """How two streams differ: a dict with 'kind' ('flags' or 'code'), 'where', 'cause' and 'detail'.

    None where they are equal. ours may be None for no comparison of meaning.
    """
    if ours == theirs:
        return None
    try:
        left = Stream(ours, minor)
    except Malformed as error:
        return {'kind': 'code', 'where': '', 'cause': 'malformed output', 'detail': [str(error)]}
    right = Stream(theirs, minor)
    found = differing_code(left, left.top, right, right.top, '', opcodes_of(version))
    return found or differing_form(left, right)


def differing_code(left, a, right, b, path, opcodes):
    """The first difference in meaning, outer code objects before the ones inside them."""
    a, b = left.follow(a), right.follow(b)
    if a.kind != 'c' or b.kind != 'c':
        if left.meaning(a) == right.meaning(b):
            return None
        return report('code', path, 'top', [left.show(a), right.show(b)])
    where = path + '/' + right.code_name(b) if path else right.code_name(b)
    for field in ORDER:
        x, y = a.field(field), b.field(field)
        if x is None:
            continue
        found = differing_field(left, a, x, right, b, y, field, where, opcodes)
        if found:
            return found
    for (_, x), (_, y) in zip(left.follow(a.field('consts')).parts, right.follow(b.field('consts')).parts):
        if left.follow(x).kind == 'c':
            found = differing_code(left, x, right, y, where, opcodes)
            if found:
                return found
    return None


def report(kind, where, cause, detail):
    return {'kind': kind, 'where': where, 'cause': cause, 'detail': detail}


def differing_field(left, a, x, right, b, y, field, where, opcodes):
    """The report on one field of two code objects, None where it is the same."""
    if field == 'consts':
        return differing_consts(left, x, right, y, where)
    if left.meaning(x) == right.meaning(y):
        return None
    if field == 'code':
        return differing_instruction(left, a, right, b, where, opcodes)
    if field in ('linetable', 'exceptiontable') and right.minor >= 11:
        return differing_table(left, a, x, right, b, y, field, where, opcodes)
    return report('code', where, field, ['ours   ' + left.show(x), 'theirs ' + right.show(y)])


def differing_consts(left, x, right, y, where):
    """The first differing constant; nested code objects count only by being code objects."""
    ours, theirs = left.follow(x).parts, right.follow(y).parts

    def plain(stream, parts):
        return [('code', stream.code_name(stream.follow(p))) if stream.follow(p).kind == 'c' else stream.meaning(p)
                for _, p in parts]
    m, n = plain(left, ours), plain(right, theirs)
    if m == n:
        return None
    i = first_pair(m, n)
    shown = [stream.show(parts[i][1]) if i < len(parts) else '(nothing)'
             for stream, parts in ((left, ours), (right, theirs))]
    return report('code', where, 'consts', ['constant %d' % i, 'ours   ' + shown[0], 'theirs ' + shown[1]])


def differing_instruction(left, a, right, b, where, opcodes):
    """The first differing instruction with a few around it."""
    ours, theirs = instructions(left, a, opcodes), instructions(right, b, opcodes)
    m, n = [(i[1], i[2]) for i in ours], [(i[1], i[2]) for i in theirs]
    i = first_pair(m, n)
    if i == len(m) == len(n):
        return report('code', where, 'inline caches or EXTENDED_ARG', [])
    # A jump's argument differs because of what comes later: look for the first other mnemonic then.
    j = first_pair([k[0] for k in m], [k[0] for k in n])
    if j > i and not (jumps(n[i][0]) and j < max(len(m), len(n))):
        at, cause = i, n[i][0] + ' argument'
    else:
        at, cause = j, '%s, not %s' % tuple(k[j][0] if j < len(k) else '(end)' for k in (m, n))
    detail = ['  %5d %s' % (k[0], line(k)) for k in theirs[max(0, at - 3):at]]
    detail += ['ours  %5d %s' % (k[0], line(k)) for k in ours[at:at + 4]] or ['ours   (end)']
    detail += ['theirs%5d %s' % (k[0], line(k)) for k in theirs[at:at + 4]] or ['theirs (end)']
    return report('code', where, cause, detail + around(right, b, theirs, at))


def jumps(name):
    return 'JUMP' in name or name in ('FOR_ITER', 'SEND') or name.startswith('SETUP_')


def line(instruction):
    _, name, argument, shown = instruction
    return '%-28s %d%s' % (name, argument, ' (%s)' % shown if shown else '')


def around(stream, code, listing, index):
    """The source line of an instruction in the reference, where the release has a location table."""
    if stream.minor < 11 or index >= len(listing):
        return []
    offset, at = listing[index][0] // 2, 0
    for entry in positions(stream.follow(code.field('linetable')).value, code.field('firstlineno').value):
        at += entry[0]
        if at > offset:
            return ['source line %s:%s-%s:%s' % (entry[1], entry[3], entry[2], entry[4])]
    return []


def differing_table(left, a, x, right, b, y, field, where, opcodes):
    """The first differing entry of a location or exception table."""
    ours, theirs = left.follow(x).value, right.follow(y).value
    try:
        if field == 'exceptiontable':
            m, n = handlers(ours), handlers(theirs)
            i = first_pair(m, n)
            shown = ['start, end, target, depth, lasti'] + [
                '%s %s' % (who, t[i] if i < len(t) else '(end)') for who, t in (('ours  ', m), ('theirs', n))]
            return report('code', where, field, shown)
        m = spread(positions(ours, a.field('firstlineno').value))
        n = spread(positions(theirs, b.field('firstlineno').value))
    except IndexError:
        return report('code', where, field + ' malformed', [])
    i = first_pair(m, n)
    if i == len(m) == len(n):
        return report('code', where, 'linetable (same positions, other encoding)', [])
    listing = instructions(right, b, opcodes)
    at = [k for k in listing if k[0] <= 2 * i][-1:]
    name = at[0][1] if at else '?'
    shown = ['at byte %d, %s: line, end line, column, end column' % (2 * i, line(at[0]) if at else '?')]
    shown += ['%s %s' % (who, t[i] if i < len(t) else '(end)') for who, t in (('ours  ', m), ('theirs', n))]
    return report('code', where, 'linetable at ' + name, shown)


def spread(entries):
    """One location per code unit."""
    return [entry[1:] for entry in entries for _ in range(entry[0])]


def differing_form(left, right):
    """The first place where two streams of the same meaning are written differently."""
    stack = [(left.top, right.top, '<module>')]
    while stack:
        a, b, path = stack.pop()
        if (a.kind, a.flag) != (b.kind, b.flag) or a.kind == 'r' and a.value != b.value:
            detail = ['ours   ' + form(left, a), 'theirs ' + form(right, b)]
            return report('flags', path, '%s, not %s: %s' % (form_kind(a), form_kind(b), path_kind(path)), detail)
        pairs = [(x, y, '%s.%s' % (path, label)) for (label, x), (_, y) in zip(a.parts, b.parts)]
        stack.extend(reversed(pairs))
    return report('flags', '', 'same nodes, other bytes', [])


def form_kind(node):
    """A node's form in a word."""
    kinds = {'z': 'str', 'a': 'str', 'u': 'str', 'Z': 'interned', 'A': 'interned', 't': 'interned', 'r': 'reference',
             ')': 'tuple', '(': 'tuple', 's': 'bytes', 'c': 'code', '>': 'frozenset', 'i': 'int', 'l': 'int'}
    return kinds.get(node.kind, node.kind) + (' flagged' if node.flag else '')


def path_kind(path):
    """The last field name in a path, for grouping."""
    return next((p for p in reversed(path.split('.')) if not p.isdigit()), path)


def form(stream, node):
    text_ = 'byte %d: %s' % (node.at, form_kind(node))
    if node.kind == 'r':
        text_ += ' %d to byte %d' % (node.value, stream.reader.refs[node.value].at)
    return text_ + ' = ' + stream.show(node)
