# Runs inside an interpreter, after known_names.py: prints those lines of a file that it holds as interned strings after
# compiling with py_compile. Uses no name of its own that the interpreter does not use itself.
import py_compile, sys
py_compile.compile(sys.argv[1], sys.argv[2], doraise=True)
for line in open(sys.argv[3], 'rb').read().split():
    name = line.decode()
    if sys.intern(name) is not name:
        print(name)
