# Runs inside an interpreter (3.8 and later): writes syntax trees in the form of docs/dump-formats.md.
#
#   python -S -s ast_dump.py    then lines "SOURCE<tab>NAME" on standard input; each is answered with
#                               a line that holds a length in bytes, and that many bytes
import ast
import struct
import sys
import warnings

PLAIN = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)
LEFT_OUT = ('type_comment', 'type_ignores')
CONSTANTS = {('Constant', 'value'), ('MatchSingleton', 'value'), ('Interpolation', 'str')}
OLD_SLICES = sys.version_info < (3, 9)


def quoted(text):
    out = []
    for ch in text:
        code = ord(ch)
        if ch in "\\'":
            out.append('\\' + ch)
        elif 0x20 <= code <= 0x7e:
            out.append(ch)
        elif code <= 0xff:
            out.append('\\x%02x' % code)
        elif code <= 0xffff:
            out.append('\\u%04x' % code)
        else:
            out.append('\\U%08x' % code)
    return "'" + ''.join(out) + "'"


def bits(value):
    return struct.pack('>d', value).hex()


def constant(value):
    if value is None or value is True or value is False:
        return str(value)
    if value is Ellipsis:
        return 'Ellipsis'
    if isinstance(value, int):
        return str(value) if abs(value) < 1 << 63 else hex(value)
    if isinstance(value, float):
        return 'f64(%s)' % bits(value)
    if isinstance(value, complex):
        return 'c128(%s,%s)' % (bits(value.real), bits(value.imag))
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bytes):
        return 'b' + quoted(value.decode('latin-1'))
    raise TypeError(type(value))


def modern(node):
    """Old kinds of slices in their new form."""
    if OLD_SLICES:
        while type(node).__name__ == 'Index':
            node = node.value
        if type(node).__name__ == 'ExtSlice':
            return ast.Tuple(elts=node.dims, ctx=ast.Load())
    return node


def put(node, label, depth, out):
    node = modern(node)
    if node is None:
        out.append('  ' * depth + label + 'None')
        return
    kind = type(node).__name__
    line = '  ' * depth + label + kind
    if getattr(node, 'lineno', None) is not None:
        line += '@%d:%d-%d:%d' % (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
    children = []
    for field in node._fields:
        value = getattr(node, field, None)
        if field in LEFT_OUT:
            continue
        if (kind, field) in CONSTANTS:
            line += ' %s=%s' % (field, constant(value))
        elif field in ('level', 'is_lazy'):
            line += ' %s=%d' % (field, value or 0)
        elif value is None:
            continue
        elif isinstance(value, PLAIN):
            line += ' %s=%s' % (field, type(value).__name__)
        elif isinstance(value, ast.AST):
            children.append((field, value))
        elif not isinstance(value, list):
            line += ' %s=%s' % (field, constant(value))
        elif value and isinstance(value[0], str):
            line += ' %s=[%s]' % (field, ', '.join(map(quoted, value)))
        elif value and isinstance(value[0], PLAIN):
            line += ' %s=[%s]' % (field, ', '.join(type(v).__name__ for v in value))
        else:
            children.extend((field, v) for v in value)
    if kind in ('Import', 'ImportFrom') and 'is_lazy' not in node._fields:
        line += ' is_lazy=0'
    out.append(line)
    for field, child in children:
        put(child, field + ': ', depth + 1, out)


def dump(path, name):
    with open(path, 'rb') as file:
        source = file.read()
    limit = sys.getrecursionlimit()
    try:
        tree = ast.parse(source, name)
        sys.setrecursionlimit(100000)
        out = []
        put(tree, '', 0, out)
    except BaseException as error:
        return 'error: %s: %s\n' % (type(error).__name__, getattr(error, 'msg', error))
    finally:
        sys.setrecursionlimit(limit)
    return '\n'.join(out) + '\n'


def main():
    warnings.simplefilter('ignore')
    for line in sys.stdin.buffer:
        path, name = line.decode('utf-8', 'surrogateescape').rstrip('\n').split('\t')
        text = dump(path, name).encode('utf-8', 'backslashreplace')
        sys.stdout.buffer.write(b'%d\n' % len(text) + text)
        sys.stdout.buffer.flush()


main()
