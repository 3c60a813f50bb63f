# Runs inside an interpreter (3.8 and later): writes symbol tables in the form of docs/dump-formats.md.
#
#   python -S -s symtable_dump.py    same conversation as ast_dump.py
import _symtable
import sys
import warnings

TYPES = {}
for constant, word in (('FUNCTION', 'function'), ('CLASS', 'class'), ('MODULE', 'module'), ('ANNOTATION', 'annotation'),
                       ('TYPE_ALIAS', 'type_alias'), ('TYPE_PARAM', 'type_parameters'), ('TYPE_PARAMETERS', 'type_parameters'),
                       ('TYPE_VAR_BOUND', 'type_variable'), ('TYPE_VARIABLE', 'type_variable')):
    if hasattr(_symtable, 'TYPE_' + constant):
        TYPES[getattr(_symtable, 'TYPE_' + constant)] = word
FLAGS = ('global', 'local', 'param', 'nonlocal', 'use', 'free', 'free_class', 'import', 'annot', 'comp_iter',
         'type_param', 'comp_cell')
SCOPES = {0: 'NONE', _symtable.LOCAL: 'LOCAL', _symtable.GLOBAL_EXPLICIT: 'GLOBAL_EXPLICIT',
          _symtable.GLOBAL_IMPLICIT: 'GLOBAL_IMPLICIT', _symtable.FREE: 'FREE', _symtable.CELL: 'CELL'}


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


def put(table, depth, out):
    out.append('%s%s %s %d%s varnames=[%s]' % (
        '  ' * depth, TYPES.get(table.type, table.type), quoted(table.name), table.lineno,
        ' nested' if table.nested else '', ', '.join(map(quoted, table.varnames))))
    for name in sorted(table.symbols):
        value = table.symbols[name]
        words = [word for bit, word in enumerate(FLAGS) if bit < _symtable.SCOPE_OFF and value & 1 << bit]
        words.append(SCOPES[value >> _symtable.SCOPE_OFF & _symtable.SCOPE_MASK])
        out.append('  ' * (depth + 1) + quoted(name) + ': ' + ' '.join(words))
    for child in table.children:
        put(child, depth + 1, out)


def dump(path, name):
    with open(path, 'rb') as file:
        source = file.read()
    try:
        out = []
        put(_symtable.symtable(source, name, 'exec'), 0, out)
    except BaseException as error:
        return 'error: %s: %s\n' % (type(error).__name__, getattr(error, 'msg', error))
    return '\n'.join(out) + '\n'


def main():
    warnings.simplefilter('ignore')
    for line in sys.stdin.buffer:
        path, name = line.decode('utf-8', 'surrogateescape').rstrip('\n').split('\t')
        text = dump(path, name).encode('utf-8', 'backslashreplace')
        sys.stdout.buffer.write(b'%d\n' % len(text) + text)
        sys.stdout.buffer.flush()


main()
