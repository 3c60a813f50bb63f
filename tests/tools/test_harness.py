#!/usr/bin/env python3
"""The harness itself: the reference driver gives what a fresh interpreter gives, streams are read right."""
import os
import subprocess
import sys
import tempfile
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'tools'))
sys.dont_write_bytecode = True
from harness import cases, corpus, judge, marshalled, mutants, oracles, reference

ONE_FRESH = 'import sys, py_compile; py_compile.compile(sys.argv[1], cfile=sys.argv[2], dfile=sys.argv[3], doraise=True)'
SOURCE = b'def f(a, b=(1, "x y")):\n    "doc"\n    return [a + i for i in b if i in {"p", "q"}] * 300\nclass C: x = f(1)\n'


def compiled(oracle, source):
    """The marshalled code of a source."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'm.py')
        with open(path, 'wb') as file:
            file.write(source)
        compiler = reference.Compiler(oracle)
        try:
            ok, data, _ = compiler.compile(path, 'm.py', 0)
        finally:
            compiler.close()
        assert ok, data
        return data


class ReferenceTest(unittest.TestCase):
    def test_forked_children_are_as_good_as_fresh_interpreters(self):
        for oracle in oracles.find_all():
            items = corpus.gather(['lib:' + oracle.version], sample=3, seed=oracle.minor, match='json')
            compiler = reference.Compiler(oracle)
            with tempfile.TemporaryDirectory() as folder:
                out = os.path.join(folder, 'out.pyc')
                for item in items:
                    oracle.run('-c', ONE_FRESH, item.path, out, item.name, check=True, cwd=folder)
                    with open(out, 'rb') as file:
                        fresh = file.read()[compiler.header:]
                    ok, data, _ = compiler.compile(item.path, item.name, 0)
                    self.assertTrue(ok)
                    if oracle.minor <= 10:
                        fresh, data = (marshalled.canonical(d, oracle.minor) for d in (fresh, data))
                    self.assertEqual(fresh, data, (oracle.version, item.path))
            compiler.close()

    def test_errors_are_whole(self):
        for oracle in oracles.find_all():
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, 'm.py')
                with open(path, 'w') as file:
                    file.write('x = 1\nif x\n    pass\n')
                compiler = reference.Compiler(oracle)
                ok, data, _ = compiler.compile(path, 'm.py', 0)
                compiler.close()
                self.assertEqual(ok, 0)
                self.assertIn(b'"lineno": 2', data)
                self.assertIn(b'File \\"m.py\\", line 2', data)


class MarshalledTest(unittest.TestCase):
    def test_canonical_form_keeps_the_meaning(self):
        for oracle in oracles.find_all():
            data = compiled(oracle, SOURCE)
            form = marshalled.canonical(data, oracle.minor)
            self.assertEqual(form, marshalled.canonical(form, oracle.minor))
            found = marshalled.difference(form, data, oracle.minor, oracle.version)
            self.assertTrue(found is None or found['kind'] == 'flags', found)

    def test_differences_are_found_and_named(self):
        for oracle in oracles.find_all():
            whole = compiled(oracle, SOURCE)
            for old, new, cause in ((b'a + i', b'a - i', None), (b'300', b'301', 'consts'), (b'"doc"', b'"cod"', 'consts'),
                                    (b'C:', b'D:', None), (b'x = f', b'y = f', 'names')):
                other = compiled(oracle, SOURCE.replace(old, new))
                found = marshalled.difference(other, whole, oracle.minor, oracle.version)
                self.assertEqual(found['kind'], 'code', (oracle.version, old))
                if cause:
                    self.assertEqual(found['cause'], cause, (oracle.version, old))

    def test_malformed_streams_are_refused(self):
        for data in (b'', b'c', b'(\xff\xff\xff\x7f', b'r\0\0\0\0', b'NN', b'?'):
            with self.assertRaises(marshalled.Malformed):
                marshalled.load(data, 13)

    def test_whole_library_reads(self):
        for oracle in oracles.find_all()[-1:]:
            for item in corpus.gather(['lib:' + oracle.version], sample=10, seed=1):
                compiler = reference.Compiler(oracle)
                ok, data, _ = compiler.compile(item.path, item.name, 0)
                compiler.close()
                if ok:
                    stream = marshalled.Stream(data, oracle.minor)
                    table = marshalled.opcodes_of(oracle.version)
                    for instruction in marshalled.instructions(stream, stream.top, table):
                        self.assertFalse(instruction[1].startswith('OP_'))


class CasesTest(unittest.TestCase):
    def test_recorded_cases_are_complete(self):
        with open(os.path.join(TOP, 'tests', 'recorded.txt')) as file:
            releases = [line.strip() for line in file if line[0].isdigit()]
        for path in cases.sources():
            titles = [title for title, _ in cases.snippets(path)]
            for release in releases:
                found = {title for title, _, _, _ in cases.recorded(path, release)}
                self.assertEqual(found, set(titles), (path, release, 'run tools/record-case'))

    def test_judge(self):
        error = {'type': 'SyntaxError', 'msg': 'm', 'lineno': 1}
        theirs = reference.Answer(False, None, error, '')
        self.assertEqual(judge.verdict('3.13.0', dict(error, ok=False), None, theirs)[0], 'identical')
        self.assertEqual(judge.verdict('3.13.0', dict(error, ok=False, lineno=2), None, theirs)[0], 'error')
        self.assertEqual(judge.verdict('3.13.0', {'ok': True}, b'N', theirs)[0], 'verdict')
        theirs = reference.Answer(True, b'N', None, '')
        self.assertEqual(judge.verdict('3.13.0', dict(error, ok=False), None, theirs)[0], 'verdict')
        self.assertEqual(judge.verdict('3.13.0', {'ok': True}, b'N', theirs)[0], 'identical')

    def test_mutants_are_repeatable(self):
        import random
        self.assertEqual(mutants.spoil(SOURCE, random.Random(3)), mutants.spoil(SOURCE, random.Random(3)))


if __name__ == '__main__':
    if not oracles.find_all():
        print('skipped: no CPython interpreter found')
        sys.exit(77)
    unittest.main()
