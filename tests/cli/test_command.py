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
from harness import cases, product

MKPYC = product.find_command()


NOBODY = 65534


def become_nobody():
    """In a child: what root may do, others may not."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


class Command(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.TemporaryDirectory()
        self.addCleanup(self.top.cleanup)

    def lower(self):
        """The keyword argument that makes run_it respect permissions."""
        os.chmod(self.top.name, 0o755)
        try:
            subprocess.run([MKPYC, '--version'], preexec_fn=become_nobody, check=True, stdout=subprocess.DEVNULL)
        except (OSError, subprocess.SubprocessError):
            self.skipTest('others than root may not run the command where it is')
        return {'preexec_fn': become_nobody}

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
        text = self.run_it('--help').stdout
        self.assertIn('usage: mkpyc', text)
        self.assertEqual(self.run_it('-h').stdout, text)
        for option in ('--python', '-OO', '-o OUT', '--dfile', '--invalidation-mode', '--canonical', '-W', '--explain', '--dump',
                       '--batch', '--help', '--version', 'py_compile', 'dis'):
            self.assertIn(option, text)
        lines = self.run_it('--version').stdout.splitlines()
        self.assertRegex(lines[0], r'^mkpyc \d+\.\d+\.\d+$')
        self.assertIn(['3.13.0', '3571', 'cpython-313'], [line.split() for line in lines])
        self.assertEqual(sum(line.endswith('(default)') for line in lines), 1)

    def test_the_name_py_compile(self):
        self.put('a.py')
        self.put('bad.py', 'if\n')
        os.symlink(MKPYC, os.path.join(self.top.name, 'py_compile'))
        name, env = os.path.join(self.top.name, 'py_compile'), {'MKPYC_PYTHON': '3.13.0', 'PATH': os.environ['PATH']}

        def run(*arguments):
            return subprocess.run([name, *arguments], cwd=self.top.name, env=env, capture_output=True, text=True)
        for arguments in (['a.py'], ['-q', 'a.py'], ['bad.py'], ['-q', 'bad.py'], ['missing.py'], ['-h'], [], ['--version']):
            with self.subTest(arguments=arguments):
                mine, long = run(*arguments), self.run_it('py_compile', *arguments, env=env)
                self.assertEqual((mine.returncode, mine.stdout, mine.stderr), (long.returncode, long.stdout, long.stderr))
        self.assertIn('__pycache__/a.cpython-313.pyc', self.files())

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

    def test_levels_together(self):
        """Several levels in one run, which share work, give what each gives by itself."""
        for path in cases.sources():
            for number, (_, text) in enumerate(cases.snippets(path)):
                if number % 4 == 0:
                    self.put('%s_%d.py' % (os.path.basename(path).split('.')[0], number), text.decode('utf-8', 'surrogateescape'))
        names = [name for name in self.files() if name.endswith('.py')]
        for line in self.run_it('--version').stdout.splitlines()[1:]:
            python, answers = line.split()[0], []
            for runs in ([['-O0', '-O', '-OO']], [['-O0'], ['-O'], ['-OO']]):
                told = []
                for levels in runs:
                    told += self.run_it('--python', python, *levels, '-', input='\n'.join(names)).stderr.splitlines()
                found = {}
                for name in self.files():
                    if name.endswith('.pyc'):
                        with open(os.path.join(self.top.name, name), 'rb') as file:
                            found[name] = file.read()
                        os.unlink(file.name)
                answers.append((found, sorted(told)))
            self.assertEqual(answers[0][0].keys(), answers[1][0].keys())
            self.assertEqual(answers[0], answers[1])

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
        self.put('s.py', "x = 'a\\ud800\\u20ac'\n")
        self.run_it('--python', '3.13', '-o', 's.pyc', 's.py')
        self.assertIn("'a\\ud800\\u20ac'", self.run_it('dis', 's.pyc').stdout)
        with open(os.path.join(self.top.name, 's.pyc'), 'rb') as file:
            data = file.read()
        with open(os.path.join(self.top.name, 's.pyc'), 'wb') as file:
            file.write(data.replace(b'\xe2\x82\xac', b'a\xe2\x82'))
        self.assertIn('a string is not UTF-8', self.run_it('dis', 's.pyc').stderr)

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
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen([MKPYC, '--python', '3.13', *names], cwd=self.top.name)
            # The signal comes while a file is written, or shortly after.
            while process.poll() is None and not any('.pyc.' in name for name in self.files()):
                time.sleep(0.001)
            process.send_signal(number)
            self.assertIn(process.wait(), (-number, 0))
            self.assertEqual([name for name in self.files() if not name.endswith(('.py', '.pyc'))], [])
            for name in self.files():
                if name.endswith('.pyc'):
                    os.unlink(os.path.join(self.top.name, name))

    def test_unwritable_folder(self):
        self.put('a.py')
        os.makedirs(os.path.join(self.top.name, 'd'))
        os.chmod(os.path.join(self.top.name, 'd'), 0o555)
        done = self.run_it('--python', '3.13', '-o', 'd/a.pyc', 'a.py', **self.lower())
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^mkpyc: \[Errno 13\] Permission denied: 'd/a\.pyc\.\d+'\n$")
        self.assertEqual(self.files(), ['a.py'])

    def test_unreadable_source(self):
        os.chmod(self.put('a.py'), 0)
        done = self.run_it('--python', '3.13', '-o', 'a.pyc', 'a.py', **self.lower())
        self.assertEqual((done.returncode, done.stderr), (1, "mkpyc: [Errno 13] Permission denied: 'a.py'\n"))
        done = self.run_it('--python', '3.13', '-o', 'a.pyc', '.')
        self.assertEqual((done.returncode, done.stderr), (1, "mkpyc: [Errno 21] Is a directory: '.'\n"))

    def test_what_is_there_survives_a_failure(self):
        self.put('a.py', 'if\n')
        self.put('a.pyc', 'old')
        self.put('large.py', 'x = %r\n' % ('y' * 100000))
        self.assertEqual(self.run_it('--python', '3.13', '-o', 'a.pyc', 'a.py').returncode, 1)

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        done = self.run_it('--python', '3.13', '-o', 'a.pyc', 'large.py', preexec_fn=limit)
        self.assertEqual((done.returncode, done.stderr), (1, 'mkpyc: [Errno 27] File too large\n'))
        with open(os.path.join(self.top.name, 'a.pyc')) as file:
            self.assertEqual(file.read(), 'old')
        self.assertEqual(self.files(), ['a.py', 'a.pyc', 'large.py'])

    def test_a_file_that_may_not_be_replaced(self):
        if os.geteuid() != 0:
            self.skipTest('only root can make a file of another owner')
        lower = self.lower()
        self.put('a.py')
        self.put('d/a.pyc', 'old')
        os.chmod(os.path.join(self.top.name, 'd'), 0o1777)
        done = self.run_it('--python', '3.13', '-o', 'd/a.pyc', 'a.py', **lower)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^mkpyc: \[Errno 1\] Operation not permitted: 'd/a\.pyc\.\d+' -> 'd/a\.pyc'\n$")
        self.assertEqual(self.files(), ['a.py', 'd/a.pyc'])

    def test_only_regular_files_are_replaced(self):
        self.put('a.py')
        self.put('b.pyc', 'old')
        os.symlink('b.pyc', os.path.join(self.top.name, 'link.pyc'))
        os.symlink('nowhere', os.path.join(self.top.name, 'dangling.pyc'))
        os.mkfifo(os.path.join(self.top.name, 'fifo.pyc'))
        os.makedirs(os.path.join(self.top.name, 'folder.pyc'))
        before = self.files()
        for name, what in (('link.pyc', 'symlink'), ('dangling.pyc', 'symlink'), ('fifo.pyc', 'non-regular'),
                           ('folder.pyc', 'non-regular'), ('/dev/full', 'non-regular'), ('/dev/null', 'non-regular')):
            done = self.run_it('--python', '3.13', '-o', name, 'a.py')
            self.assertEqual(done.returncode, 1)
            self.assertIn('%s is a %s' % (name, what), done.stderr)
        self.assertEqual(self.files(), before)


if __name__ == '__main__':
    unittest.main()
