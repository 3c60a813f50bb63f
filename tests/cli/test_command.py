#!/usr/bin/env python3
"""The command line of mkpyc itself: options, streams, exit statuses, what is left after a failure.

    MKPYC=build/mkpyc tests/cli/test_command.py
"""
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'tools'))
sys.dont_write_bytecode = True
from harness import product

MKPYC = product.find_command()


class Command(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.TemporaryDirectory()
        self.addCleanup(self.top.cleanup)

    def put(self, name, text='x = 1\n'):
        path = os.path.join(self.top.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as file:
            file.write(text)
        return path

    def run_it(self, *arguments, env=None, **keywords):
        variables = {k: v for k, v in os.environ.items() if not k.startswith(('PYTHON', 'MKPYC_'))}
        variables.update(env or {})
        return subprocess.run([MKPYC, *arguments], cwd=self.top.name, env=variables, capture_output=True, text=True, **keywords)

    def files(self):
        """All files below the folder, sorted."""
        return sorted(os.path.relpath(os.path.join(top, name), self.top.name)
                      for top, _, names in os.walk(self.top.name) for name in names)

    def test_help_and_version(self):
        self.assertIn('usage: mkpyc', self.run_it('--help').stdout)
        self.assertIn('3571', self.run_it('--version').stdout)

    def test_usage(self):
        for arguments in ([], ['--nonsense', 'a.py'], ['--python', '2.7', 'a.py'], ['-O3', 'a.py'], ['-o', 'x', 'a.py', 'b.py'],
                          ['--python', '3.13', '--python', '3.13.0', '-o', 'x', 'a.py'], ['--invalidation-mode', 'x', 'a.py'],
                          ['--dump=nothing', 'a.py']):
            with self.subTest(arguments=arguments):
                done = self.run_it(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ''))
                self.assertNotEqual(done.stderr, '')

    def test_targets_and_levels(self):
        self.put('a.py')
        self.assertEqual(self.run_it('--python', '3.13', '--python=3.13.0', '-O0', '-OO', 'a.py').returncode, 0)
        self.assertEqual(self.files(), ['__pycache__/a.cpython-313.opt-2.pyc', '__pycache__/a.cpython-313.pyc', 'a.py'])

    def test_output_and_dfile(self):
        self.put('a.py')
        self.assertEqual(self.run_it('--python', '3.13', '-o', 'out/x.pyc', '--dfile', 'other/name.py', 'a.py').returncode, 0)
        with open(os.path.join(self.top.name, 'out/x.pyc'), 'rb') as file:
            self.assertIn(b'other/name.py', file.read())

    def test_names_from_stdin(self):
        self.put('a.py')
        self.put('b.py')
        self.assertEqual(self.run_it('--python', '3.13', '-', input='a.py\nb.py\n').returncode, 0)
        self.assertEqual(len(self.files()), 4)

    def test_goes_on_after_an_error(self):
        self.put('a.py', 'if\n')
        self.put('b.py')
        done = self.run_it('--python', '3.13', 'a.py', 'missing.py', 'b.py')
        self.assertEqual(done.returncode, 1)
        self.assertIn('SyntaxError: invalid syntax', done.stderr)
        self.assertIn("No such file or directory: 'missing.py'", done.stderr)
        self.assertEqual(self.files(), ['__pycache__/b.cpython-313.pyc', 'a.py', 'b.py'])

    def test_choice_of_the_target(self):
        self.put('lib/python3.13/a.py')
        self.put('venv/pyvenv.cfg', 'home = /usr/bin\nversion = 3.13.0\n')
        self.put('venv/x/a.py')
        self.put('a.py')

        def explain(name, **env):
            return self.run_it('--explain', name, env=env).stdout
        self.assertIn(': 3.13.15, because its path', explain('lib/python3.13/a.py'))
        self.assertIn(': 3.13.0, because the pyvenv.cfg', explain('venv/x/a.py'))
        self.assertIn('newest final release', explain('a.py'))
        self.assertIn(': 3.13.0, because MKPYC_PYTHON', explain('lib/python3.13/a.py', MKPYC_PYTHON='3.13.0'))
        self.assertEqual(self.run_it('a.py', env={'MKPYC_PYTHON': '1.5'}).returncode, 1)

    def test_warnings(self):
        self.put('a.py', 'x is 1\nx is 2\n')
        shown = ['--python', '3.13', 'a.py']
        self.assertEqual(self.run_it(*shown).stderr.count('SyntaxWarning'), 2)
        self.assertEqual(self.run_it('-W', 'ignore', *shown).stderr, '')
        self.assertEqual(self.run_it('-Wignore::SyntaxWarning:a:2', *shown).stderr.count('SyntaxWarning'), 1)
        self.assertEqual(self.run_it(*shown, env={'PYTHONWARNINGS': 'ignore'}).stderr, '')
        self.assertEqual(self.run_it('-W', 'always', *shown, env={'PYTHONWARNINGS': 'ignore'}).stderr.count('SyntaxWarning'), 2)

    def test_dis(self):
        self.put('a.py', 'def f(x):\n    return [y for y in x]\n')
        self.run_it('--python', '3.13', '-o', 'a.pyc', 'a.py')
        of_source = self.run_it('--python', '3.13', 'dis', 'a.py')
        of_pyc = self.run_it('dis', 'a.pyc')
        self.assertIn('LIST_APPEND', of_source.stdout)
        self.assertEqual(of_source.stdout, of_pyc.stdout.split('\n', 1)[1])
        with open(os.path.join(self.top.name, 'a.pyc'), 'rb') as file:
            data = file.read()
        for size in range(16, len(data), 7):
            with open(os.path.join(self.top.name, 'cut.pyc'), 'wb') as file:
                file.write(data[:size])
            self.assertEqual(self.run_it('dis', 'cut.pyc').returncode, 1)

    def test_batch(self):
        good, bad = self.put('a.py', 'x is 1\n'), self.put('b.py', '\u00e9 = (\n')
        requests = [{'src': good, 'pyc': good + 'c', 'dfile': 'm.py', 'optimize': 1}, {'src': bad, 'dfile': 'b'}, {'x': 1}, 'x',
                    {'src': good + 'x'}, {'src': good, 'pyc': good + 'c'}]
        lines = ''.join(json.dumps(request) + '\n' for request in requests)
        answers = [json.loads(line) for line in self.run_it('--python', '3.13.0', '--batch', input=lines).stdout.splitlines()]
        self.assertEqual([answer['ok'] for answer in answers], [True, False, False, False, False, True])
        self.assertEqual(answers[0]['warnings'][0]['category'], 'SyntaxWarning')
        self.assertEqual((answers[1]['type'], answers[1]['msg'], answers[1]['lineno'], answers[1]['offset']),
                         ('SyntaxError', "'(' was never closed", 1, 5))
        self.assertEqual([answers[i]['type'] for i in (2, 3, 4)], ['request', 'request', 'OSError'])

    def test_nothing_left_when_the_disk_is_full(self):
        self.put('a.py', 'x = %r\n' % ('y' * 100000))

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        self.assertEqual(self.run_it('--python', '3.13', 'a.py', preexec_fn=limit).returncode, 1)
        self.assertEqual(self.files(), ['a.py'])
        self.run_it('--python', '3.13', 'a.py', preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
        self.assertEqual(self.files(), ['a.py'])

    def test_nothing_left_after_a_signal(self):
        names = [self.put('m%d.py' % i, 'x = %r\n' % ('y' * 1000000)) for i in range(60)]
        for delay in (0.01, 0.03, 0.06):
            process = subprocess.Popen([MKPYC, '--python', '3.13', *names], cwd=self.top.name)
            time.sleep(delay)
            process.terminate()
            process.wait()
            self.assertEqual([name for name in self.files() if not name.endswith(('.py', '.pyc'))], [])

    def test_unwritable_folder(self):
        self.put('a.py')
        os.makedirs(os.path.join(self.top.name, 'd'))
        os.chmod(os.path.join(self.top.name, 'd'), 0o555)
        if os.geteuid() == 0:
            self.skipTest('root may write everywhere')
        done = self.run_it('--python', '3.13', '-o', 'd/a.pyc', 'a.py')
        self.assertEqual(done.returncode, 1)
        self.assertIn('Permission denied', done.stderr)


if __name__ == '__main__':
    unittest.main()
