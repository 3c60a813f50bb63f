"""The verdict on one file: what mkpyc answered beside what the interpreter answered."""
import re

from . import marshalled

CLASSES = ('identical', 'flags', 'code', 'verdict', 'error', 'crash')
OUTSIDE = 'outside py_compile: '  # an exception that py_compile lets through
ERROR_FIELDS = ('type', 'msg', 'filename', 'lineno', 'offset', 'end_lineno', 'end_offset', 'text', 'message')


ADDRESS = re.compile(r'(?<=: unknown scope in unit )(.*?) \(\d+\)(?=; symbols: )')


STACK = re.compile(r'(?<=Stack overflow \(used )\d+(?= kB\))')


def without_addresses(error):
    """An error without what is another one in each process: the address of a scope in a SystemError of the compiler, and
    the kilobytes of stack that a RecursionError counts from a random place."""
    def clean(text):
        return STACK.sub('8152', ADDRESS.sub(r'\1 (0)', text))
    return {field: clean(value) if isinstance(value, str) else value for field, value in error.items()}


COOKIE = re.compile(r'[ \t\f]*#.*?coding[:=]')


def quotes_by_address(minor, fields, theirs):
    """Whether 3.10 quotes another line of a source in some encoding than the one at fault, the one with the cookie.

    It looks for the line in the undecoded text for as long as that lies below the decoded text in memory. Columns are
    counted in the line that is quoted."""
    return (minor == 10 and set(fields) <= {'offset', 'end_offset', 'text', 'message'} and (theirs.get('lineno') or 0) > 1
            and COOKIE.match(theirs.get('text') or '') is not None)


def compare_errors(ours, theirs, minor):
    """None if two errors are equal, else (cause, detail)."""
    theirs = without_addresses(theirs)
    if theirs['type'].startswith(OUTSIDE):
        theirs = {'type': theirs['type'][len(OUTSIDE):], 'msg': theirs['msg']}
    fields = [f for f in ERROR_FIELDS if f in theirs and ours.get(f) != theirs[f]]
    if not fields or quotes_by_address(minor, fields, theirs):
        return None
    first = fields[0]
    if first in ('type', 'msg'):
        cause = '%s: %s, not %s: %s' % (ours.get('type'), ours.get('msg'), theirs['type'], theirs.get('msg'))
    else:
        cause = '%s (%s)' % (', '.join(fields), theirs.get('msg'))
    detail = ['%-10s ours %s, theirs %s' % (f, marshalled.shorten(repr(ours.get(f)), 300),
                                            marshalled.shorten(repr(theirs[f]), 300)) for f in fields]
    return cause, detail


WARNING = re.compile(r'.+?:\d+: \w*Warning: ')


def same_warnings(answer, name, stderr, hidden='DeprecationWarning'):
    """Whether an answer's warnings are those that an interpreter printed (the source lines under them aside).

    An interpreter that is not told otherwise hides DeprecationWarning."""
    theirs = [line for line in stderr.splitlines() if WARNING.match(line)]
    ours = ['%s:%s: %s: %s' % (w.get('filename', name), w['lineno'], w['category'], w['message'])
            for w in answer.get('warnings', ()) if w['category'] != hidden]
    return ours == theirs


def error_place(error):
    """Where an error stands, in a line."""
    text = error.get('text')
    return 'line %s, offset %s: %s' % (error.get('lineno'), error.get('offset'), (text or '').strip()[:100])


def fit(data, minor):
    """An interpreter's code in the form in which it is compared: canonical to 3.10, as it is from 3.11."""
    return marshalled.canonical(data, minor) if minor <= 10 else data


def verdict(version, answer, ours, theirs):
    """(class, where, cause, detail); answer and ours are mkpyc's, theirs a reference.Answer whose data fit() made."""
    minor = int(version.split('.')[1])
    if answer.get('type') == 'crash':
        lines = answer.get('stderr', '').splitlines()
        cause = next((line for line in lines if 'runtime error' in line or 'ERROR: ' in line), answer['msg'])
        return 'crash', '', cause, lines[:12]
    if not theirs.ok and theirs.error['type'] == 'crash':
        return 'identical', '', '', []  # the interpreter itself died: any answer is as good as its
    if answer['ok'] and not theirs.ok:
        wanted = '%s: %s' % (theirs.error['type'], theirs.error.get('msg'))
        return 'verdict', '', 'accepted, not ' + wanted, [error_place(theirs.error)]
    if theirs.ok and not answer['ok']:
        cause = 'rejected: %s: %s' % (answer.get('type'), answer.get('msg'))
        return 'verdict', '', cause, [error_place(answer)]
    if not theirs.ok:
        found = compare_errors(answer, theirs.error, minor)
        return ('error', '', *found) if found else ('identical', '', '', [])
    if minor <= 10 and ours != theirs.data:
        try:
            ours = marshalled.fold_one_character(ours, minor)
        except marshalled.Malformed as error:
            return 'code', '', 'malformed output', [str(error)]
    found = marshalled.difference(ours, theirs.data, minor, version)
    if not found:
        return 'identical', '', '', []
    return found['kind'], found['where'], found['cause'], found['detail']
