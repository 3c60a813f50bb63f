# Runs inside an interpreter (3.8 and later): prints strings that it may hold as interned ones after compiling a file with
# py_compile: words of its executable, names and constants of all code that is loaded, attributes of types and modules.
# Which of them it does hold is for held_names.py to find out, in a process without this script's own names.
import py_compile, sys, os
py_compile.compile(sys.argv[1], sys.argv[2], doraise=True)
import gc, re, types

found = set()


def add(text):
    if re.fullmatch(r'[A-Za-z0-9_.<>]+', text):
        found.add(text)


def add_code(code):
    stack = [code.co_name, getattr(code, 'co_qualname', ''), *code.co_names, *code.co_varnames, *code.co_freevars,
             *code.co_cellvars, *code.co_consts]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            add(value)
        elif isinstance(value, (tuple, frozenset)):
            stack.extend(value)
        elif isinstance(value, types.CodeType):
            add_code(value)


for name, module in list(sys.modules.items()):
    loader = getattr(getattr(module, '__spec__', None), 'loader', None)
    try:
        add_code(loader.get_code(name))
    except (AttributeError, ImportError):
        pass
for value in gc.get_objects():
    if isinstance(value, types.FunctionType):
        add_code(value.__code__)
    elif isinstance(value, dict):
        for key in list(value):
            if isinstance(key, str):
                add(key)
    elif isinstance(value, type):
        add(value.__name__)
        add(value.__qualname__)
        for key in list(vars(value)):
            add(key)
paths = {os.path.realpath(sys.executable)}
with open('/proc/self/maps') as file:
    paths.update(line.split()[-1] for line in file if 'libpython' in line)
for path in paths:
    with open(path, 'rb') as file:
        found.update(word.decode() for word in re.findall(rb'(?<![A-Za-z0-9_])[A-Za-z0-9_]{1,60}(?=\0)', file.read()))
print('\n'.join(sorted(found)))
