# Runs inside a reference interpreter (3.6 and later): compiles files, each in a forked child of a
# process that has imported nothing but py_compile, so that every file meets a fresh interpreter.
#
#   python -S -s compile_driver.py TMP    then lines "LEVEL<tab>SOURCE<tab>NAME" on standard input
#
# Answers one line per request: the child's wait status. The child leaves TMP/pyc, or TMP/error as
# JSON, and TMP/stderr. Everything happens at module level on purpose: the depth of Python frames
# counts against the compiler's recursion limit. Names here are unusual on purpose too: to 3.10 an
# identifier that the process already holds changes the flags in the output.
import sys, os, py_compile

mk__tmp = os.fsencode(sys.argv[1])
mk__out = sys.stdout.buffer
for mk__line in sys.stdin.buffer:
    mk__level, mk__path, mk__name = mk__line.rstrip(b'\n').split(b'\t')
    mk__pid = os.fork()
    if mk__pid:
        mk__out.write(b'%d\n' % os.waitpid(mk__pid, 0)[1])
        mk__out.flush()
        continue
    os.dup2(os.open(mk__tmp + b'/stderr', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), 2)
    try:
        py_compile.compile(os.fsdecode(mk__path), cfile=os.fsdecode(mk__tmp + b'/pyc'),
                           dfile=os.fsdecode(mk__name), doraise=True, optimize=int(mk__level))
    except py_compile.PyCompileError as mk__e:
        mk__v = mk__e.exc_value
        mk__d = {'type': mk__e.exc_type_name, 'message': mk__e.msg}
        if isinstance(mk__v, SyntaxError):
            for mk__n in ('msg', 'filename', 'lineno', 'offset', 'text', 'end_lineno', 'end_offset'):
                mk__d[mk__n] = getattr(mk__v, mk__n, None)
            if isinstance(mk__d['text'], bytes):
                mk__d['text'] = mk__d['text'].decode('utf-8', 'replace')
        else:
            mk__d['msg'] = str(mk__v)
    except BaseException as mk__e:
        mk__d = {'type': 'outside py_compile: ' + type(mk__e).__name__, 'msg': str(mk__e), 'message': ''}
    else:
        sys.stderr.flush()
        os._exit(0)
    sys.stderr.flush()
    import json
    with open(mk__tmp + b'/error', 'w', encoding='utf-8', errors='surrogatepass') as mk__f:
        json.dump(mk__d, mk__f, default=repr)
    os._exit(1)
