"""Extreme sources, made on demand: deep, long, wide, and at the edges of what the formats hold.

The corpus torture: holds those of moderate size, torture:huge those that take gigabytes or many seconds
in an interpreter. All are made the same way each time, so their answers are found in the cache.
"""
import os
import random
import re

from . import oracles


def lines(template, numbers):
    return ''.join(template.format(n, n + 1) + '\n' for n in numbers)


def nested_blocks(head, depth, body='pass'):
    return ''.join(' ' * i + head.format(i) + '\n' for i in range(depth)) + ' ' * depth + body + '\n'


def depths():
    """Deep nesting of every kind, on both sides of CPython's limits."""
    for n in (10, 50, 90, 99, 100, 101, 150, 199, 200, 201, 500, 1000, 3000, 6000, 20000):
        yield 'parens_%d' % n, '(' * n + 'a' + ')' * n
        yield 'lists_%d' % n, '[' * n + ']' * n
        yield 'dicts_%d' % n, '{1:' * n + '1' + '}' * n
        yield 'calls_%d' % n, 'f(' * n + ')' * n
        yield 'mixed_%d' % n, '([{1:' * n + '1' + '}])' * n
        yield 'subscripts_%d' % n, 'a[' * n + 'b' + ']' * n
        yield 'unary_%d' % n, '-' * n + 'a'
        yield 'not_%d' % n, 'not ' * n + 'a'
        yield 'minus_constant_%d' % n, '-' * n + '1'
        yield 'power_%d' % n, 'a' + '**a' * n
        yield 'lambdas_%d' % n, 'lambda: ' * n + 'a'
        yield 'conditional_%d' % n, 'a if b else ' * n + 'c'
        yield 'starred_%d' % n, '*(' * n + 'a' + ')' * n + ' = b'
        yield 'targets_%d' % n, '(' * n + 'a' + ',)' * n + ' = b'
        yield 'attributes_%d' % n, 'a' + '.b' * n
        yield 'attribute_calls_%d' % n, 'a' + '.b()' * n
        yield 'indexes_%d' % n, 'a' + '[0]' * n
        yield 'sums_%d' % n, 'a' + '+a' * n
        yield 'constant_sums_%d' % n, '1' + '+1' * n
        yield 'string_sums_%d' % n, '"a"' + '+"a"' * n
        yield 'right_sums_%d' % n, 'a+(' * n + 'a' + ')' * n
        yield 'comparisons_%d' % n, 'a' + '<a' * n
        yield 'ands_%d' % n, 'a' + ' and a' * n
        yield 'alternating_%d' % n, 'a' + ' and a or a' * n
        yield 'assignments_%d' % n, 'a = ' * n + 'b'
        yield 'elifs_%d' % n, 'if a: b\n' + 'elif a: b\n' * n + 'else: c\n'
        yield 'walrus_%d' % n, '(a := ' * n + 'b' + ')' * n
        yield 'awaits_%d' % n, 'async def f(): ' + 'await ' * n + 'a'
        yield 'fstrings_concatenated_%d' % n, 'a = (' + 'f"{a}b"\n' * n + ')'
    for n in (1, 2, 3, 5, 10, 19, 20, 21, 22, 50, 98, 99, 100, 101, 150):
        yield 'ifs_%d' % n, nested_blocks('if a{}:', n)
        yield 'fors_%d' % n, nested_blocks('for a in b:', n)
        yield 'whiles_%d' % n, nested_blocks('while a:', n)
        yield 'withs_%d' % n, nested_blocks('with a:', n)
        yield 'tries_%d' % n, ''.join(' ' * i + 'try:\n' for i in range(n)) + ' ' * n + 'a\n' + ''.join(
            ' ' * i + 'finally: b\n' for i in reversed(range(n)))
        yield 'functions_%d' % n, nested_blocks('def f{0}(a{0}):', n, 'return a0')
        yield 'classes_%d' % n, nested_blocks('class C{}:', n)
        yield 'async_withs_%d' % n, 'async def f():\n' + ''.join(' ' * (i + 1) + 'async with a:\n' for i in range(n)) + ' ' * (n + 1) + 'b\n'
        yield 'comprehensions_%d' % n, '[' * n + 'a' + ' for a in b]' * n
        yield 'generators_%d' % n, 'f' + '(' * n + 'a' + ' for a in b)' * n
        yield 'many_fors_%d' % n, '[a' + ' for a in b if c' * n + ']'
        yield 'with_items_%d' % n, 'with ' + ', '.join(['a as b'] * n) + ': c'
        yield 'matches_%d' % n, 'match a:\n case ' + '[' * n + 'b' + ']' * n + ': c\n'
        yield 'decorators_%d' % n, '@a\n' * n + 'def f(): pass\n'
        yield 'fstring_specs_%d' % n, 'f"' + '{a:' * n + '}' * n + '"'
        yield 'fstring_same_quotes_%d' % n, 'f"{' * n + 'a' + '}"' * n
        yield 'type_parameters_%d' % n, 'def f[' + ', '.join('T%d' % i for i in range(n)) + '](): pass'
        yield 'handlers_%d' % n, 'try: a\n' + 'except B: c\n' * n
        yield 'nested_functions_closures_%d' % n, nested_blocks('def f{0}(a{0}):', n, 'return ' + '+'.join('a%d' % i for i in range(n)))


def widths():
    """Counts on both sides of one byte, two bytes, and the encodings' limits."""
    for n in (3, 15, 16, 17, 29, 30, 31, 32, 254, 255, 256, 257, 300, 4000, 65600):
        names = ['a%d' % i for i in range(n)]
        if n < 5000:
            yield 'call_arguments_%d' % n, 'f(' + ','.join(names) + ')'
            yield 'call_keywords_%d' % n, 'f(' + ','.join('%s=1' % a for a in names) + ')'
            yield 'method_keywords_%d' % n, 'a.f(' + ','.join('%s=1' % a for a in names) + ')'
            yield 'parameters_%d' % n, 'def f(' + ','.join(names) + '): return ' + names[-1]
            yield 'defaults_%d' % n, 'def f(' + ','.join('%s=%s' % (a, a) for a in names) + '): pass'
            yield 'keyword_only_%d' % n, 'def f(*, ' + ','.join('%s=%s' % (a, a) for a in names) + '): pass'
            yield 'annotations_%d' % n, 'def f(' + ','.join('%s: int' % a for a in names) + '): pass'
            yield 'unpack_%d' % n, ','.join(names) + ' = b'
            yield 'unpack_star_%d' % n, ','.join(names) + ', *c = b'
            yield 'unpack_after_star_%d' % n, '*c, ' + ','.join(names) + ' = b'
            yield 'imports_%d' % n, 'from a import ' + ','.join(names)
            yield 'globals_%d' % n, 'def f():\n global ' + ','.join(names) + '\n ' + names[-1] + ' = 1'
            yield 'bases_%d' % n, 'class C(' + ','.join(names) + '): pass'
            yield 'fstring_parts_%d' % n, 'f"' + ''.join('{%s} ' % a for a in names) + '"'
            yield 'concatenated_%d' % n, 'a = (' + '"x y"\n' * n + ')'
            yield 'free_%d' % n, 'def f():\n ' + '\n '.join('%s = 1' % a for a in names) + '\n def g(): return ' + '+'.join(names[:500]) + '\n'
            yield 'fast_pairs_%d' % n, 'def f(' + ','.join(names) + '): ' + ';'.join('x%d = %s; %s' % (i % 20, a, a) for i, a in enumerate(names))
            yield 'joins_%d' % n, 'f(' + '*a,' * n + ')'
            yield 'annotated_%d' % n, '\n'.join('%s: int' % a for a in names)
            yield 'self_attributes_%d' % n, 'class C:\n def f(self):\n  ' + '\n  '.join('self.%s = 1' % a for a in names)
            yield 'lambdas_in_a_line_%d' % n, ';'.join('lambda: ' + names[i * 2 // 3] for i in range(n))
            yield 'tuples_like_names_%d' % n, lines('lambda: x + y{0}', range(n)) + lines('z = ("x", "y{0}"), ("x", "z{0}")', range(n))
            yield 'sets_in_two_orders_%d' % n, 'a in {"%s"}, a in {"%s"}' % ('", "'.join(names), '", "'.join(reversed(names)))
            yield 'dotted_import_%d' % n, 'import ' + '.'.join(names) + '\nx in {"a0", "a0.a1", "a0.a1.a2"}'
        yield 'names_%d' % n, '\n'.join(names) + '\n'
        yield 'locals_%d' % n, 'def f():\n ' + '\n '.join('%s = 1' % a for a in names) + '\n return ' + names[-1] + '\n'
        yield 'attributes_of_%d' % n, '\n'.join('x.%s' % a for a in names)
        yield 'constants_%d' % n, lines('a = {0}.5', range(n))
        yield 'integers_%d' % n, lines('a = {0}', range(n))
        yield 'list_of_names_%d' % n, '[' + ','.join(names) + ']'
        yield 'list_of_constants_%d' % n, '[' + ','.join(map(str, range(n))) + ']'
        yield 'tuple_of_constants_%d' % n, '(' + ','.join(map(str, range(n))) + ')'
        yield 'set_of_names_%d' % n, '{' + ','.join(names) + '}'
        yield 'set_of_constants_%d' % n, 'a in {' + ','.join(map(str, range(n))) + '}'
        yield 'dict_of_names_%d' % n, '{' + ','.join('%s: %s' % (a, a) for a in names) + '}'
        yield 'dict_of_constants_%d' % n, '{' + ','.join('%d: a' % i for i in range(n)) + '}'
        yield 'functions_in_a_row_%d' % n, '\n'.join('def %s(): return %s' % (a, a) for a in names) if n < 5000 else 'pass'
        yield 'jump_over_%d' % n, 'if x:\n ' + '\n '.join('a' for _ in range(n)) + '\nelse: b\n'
        yield 'loop_over_%d' % n, 'for x in y:\n ' + '\n '.join('a' for _ in range(n)) + '\n if b: break\nelse: b\n'
        yield 'while_over_%d' % n, 'while x:\n ' + '\n '.join('a' for _ in range(n)) + '\n'
        yield 'try_over_%d' % n, 'try:\n ' + '\n '.join('a()' for _ in range(n)) + '\nexcept B: c\nfinally: d\n'
        yield 'with_over_%d' % n, 'with x:\n ' + '\n '.join('a()' for _ in range(n)) + '\n'
        yield 'blank_lines_%d' % n, 'a\n' + '\n' * n + 'b\n'
        yield 'blank_lines_in_function_%d' % n, 'def f():\n a\n' + '\n' * n + ' b\n' + '\n' * n + ' return (c\n' + '\n' * n + '.d)\n'
        yield 'wide_columns_%d' % n, 'a = [' + ' ' * n + 'b,' + ' ' * n + 'c(' + ' ' * n + 'd)]'
        yield 'long_name_%d' % n, 'a' * n + ' = 1'
        yield 'long_string_%d' % n, 'a = "' + 'x' * n + '"'
        yield 'long_text_%d' % n, 'a = "' + 'x ' * n + '"'
        yield 'long_bytes_%d' % n, 'a = b"' + 'x' * n + '"'
        yield 'long_unicode_%d' % n, 'a = "' + '\u20ac' * n + '"'
        yield 'decimal_digits_%d' % n, 'a = ' + '7' * min(n, 4400)
        yield 'hexadecimal_digits_%d' % n, 'a = 0x' + 'f' * n
        yield 'binary_digits_%d' % n, 'a = 0b' + '10' * n
        yield 'float_digits_%d' % n, 'a = 0.' + '3' * n + ', ' + '9' * n + 'e-%d' % n
        yield 'repeat_%d' % n, '"a" * %d, (1,) * %d, 2 ** %d, 1 << %d' % (n, n, n, n)
        yield 'continuation_%d' % n, 'a = 1' + '\\\n' * n + '+ 2'
        yield 'comment_%d' % n, '#' + 'x' * n + '\na'
        yield 'semicolons_%d' % n, 'a;' * n
        yield 'docstring_%d' % n, '"""' + 'x\n   y\n' * n + '"""'
        yield 'warnings_%d' % n, 'a = "\\d"\n' * min(n, 300)


def texts():
    """Characters, encodings and line ends."""
    rng = random.Random(1)
    yield 'all_latin', 'a = "' + ''.join(chr(c) for c in range(32, 256) if chr(c) not in '"\\') + '"'
    yield 'astral', 'a = "' + ''.join(chr(c) for c in range(0x1f300, 0x1f600)) + '"'
    yield 'crlf', b'a = 1\r\nif a:\r\n    b = """x\r\ny"""\r\n'
    yield 'cr', b'a = 1\rif a:\r    b = """x\ry"""\r'
    yield 'mixed_ends', b'a = 1\r\nb = 2\rc = 3\nd = "x\\\r\ny"'
    yield 'bom', b'\xef\xbb\xbfa = 1\n'
    yield 'bom_cookie', b'\xef\xbb\xbf# coding: utf-8\na = 1\n'
    yield 'bom_other_cookie', b'\xef\xbb\xbf# coding: latin-1\na = 1\n'
    yield 'form_feeds', b'\x0ca = 1\n\x0cif a:\n\x0c    b\n    \x0cc\n'
    yield 'null', b'a = 1\n\x00b'
    yield 'null_in_comment', b'# \x00\na = 1\n'
    yield 'null_in_string', b'a = "\x00"\n'
    yield 'control_z', b'a = 1\n\x1a'
    yield 'bad_utf8', b'a = "\xff"\n'
    yield 'bad_utf8_comment', b'# \xff\na = 1\n'
    yield 'bad_utf8_late', b'a = 1\n' * 3000 + b'"\xe2\x82"\n'
    yield 'surrogate_utf8', b'a = "\xed\xa0\x80"\n'
    yield 'overlong_utf8', b'a = "\xc0\x80"\n'
    for codec in ('latin-1', 'iso-8859-15', 'cp1252', 'koi8-r', 'shift_jis', 'euc-jp', 'gbk', 'big5', 'utf-8-sig', 'utf-16', 'utf-7',
                  'ascii', 'mac-roman', 'cp037', 'hz', 'iso2022_jp', 'rot13', 'hex', 'unicode_escape', 'raw_unicode_escape', 'idna',
                  'punycode', 'undefined', 'nosuch', 'UTF8', 'Latin_1', 'utf-8-unix', 'latin-1-dos', 'cp65001', 'mbcs'):
        yield 'codec_' + codec, b'# -*- coding: ' + codec.encode() + b' -*-\na = "\xe9\xa4"\nb = 1\n'
        yield 'codec_ascii_' + codec, b'# -*- coding: ' + codec.encode() + b' -*-\na = "x"\nb = 1\n'
        yield 'codec_second_line_' + codec, b'#!/bin/sh\n# vim: set fileencoding=' + codec.encode() + b' :\na = "x"\n'
    yield 'cookie_third_line', b'\n\n# coding: latin-1\na = "\xe9"\n'
    yield 'cookie_after_code', b'a = 1\n# coding: latin-1\nb = "\xe9"\n'
    yield 'cookie_in_string', b'"""\n# coding: latin-1\n"""\n'
    yield 'no_final_newline', 'if a:\n    b'
    yield 'only_spaces', '    '
    yield 'only_newlines', '\n\n\n'
    yield 'backslash_only', '\\'
    yield 'backslash_newline', '\\\n'
    yield 'comment_no_newline', 'if a:\n    b\n    # x'
    yield 'tabs', 'if a:\n\tif b:\n\t\tc\n\td\n'
    yield 'eight_spaces_and_tab', 'if a:\n        b\n\tc\n'
    yield 'identifiers', 'ª º µ ſ ℘ ℮ ﬁ Ⅷ 𝔘𝔫𝔦 = 1'.replace(' ', '; ').replace('; =; ', ' = ')
    yield 'all_escapes', 'a = "\\a\\b\\f\\n\\r\\t\\v\\0\\1\\12\\123\\x7f\\u1234\\U0001f600\\N{EURO SIGN}\\N{LATIN SMALL LETTER A WITH MACRON AND GRAVE}"'
    for number in range(60):
        words = [rng.choice(['a', 'b', '1', '"s"', '(', ')', '[', ']', '{', '}', ',', ':', '=', '+', '-', '*', '**', 'if', 'else', 'for', 'in',
                             'lambda', 'not', 'and', 'yield', 'await', 'async', 'def', 'class', 'return', '\n', '\n    ', '.', '...', ':=',
                             'f"{a}"', 'import', 'from', 'as', 'with', 'try', 'except', 'match', 'case', 'type', '@', ';', '->', 'is', '\\\n'])
                 for _ in range(rng.randrange(2, 14))]
        yield 'soup_%d' % number, ' '.join(words)


def typos():
    """Keywords misspelt: what 3.14 and later look for when they show a SyntaxError."""
    chance = random.Random(7)
    statements = ['import a', 'from a import b', 'if x: pass', 'while True: break', 'for i in y: print(i)', 'try: a\nexcept E: b',
                  'class A: pass', 'x = lambda y: y', 'raise X from Y', 'with a as b: pass', 'x = y if z else w', 'x = yield',
                  'async def f():\n    await g()\n    async for x in y: pass', "print('\\d', 1if x else 2)", 'x = [a for a in b if c]',
                  'def g():\n\tyield x\n\treturn 0', 'é = None', 'f(a b)', 'x = f"{a if b else c}"', "y = \'\'\'a\nb\'\'\' if x else y",
                  '\x0cx = 1', '# comment', 'match x:\n  case 1: pass', '日 = "本" if 日 else 1']
    keywords = ('import from if while for in try except class lambda raise with as else yield async def await return None True '
                'break pass').split()

    def misspelt(word):
        at = chance.randrange(len(word))
        return chance.choice((word[:at] + word[at + 1:] or 'o', word[:at] + chance.choice('aeixyé') + word[at:],
                              word[:at] + word[at].swapcase() + word[at + 1:], word[:at] + word[at:][1:2] + word[at] + word[at + 2:]))

    for number in range(150):
        words = '\n'.join(chance.choices(statements, k=chance.randrange(1, 6))).split(' ')
        places = [i for i, word in enumerate(words) if word in keywords]
        if places:
            place = chance.choice(places)
            words[place] = misspelt(words[place])
        yield 'typo_%d' % number, (chance.random() < 0.1) * '# coding: utf-7\n' + ' '.join(words)


def encoded():
    """Faults in sources of many encodings and line ends."""
    chance = random.Random(11)
    codecs = ('', '', 'latin-1', 'cp1252', 'koi8-r', 'shift_jis', 'euc-jp', 'gbk', 'big5', 'utf-7', 'utf-16', 'ascii', 'cp037', 'utf-8',
              'iso2022_jp', 'hz', 'cp437', 'unicode_escape', 'punycode', 'gb18030', 'utf_32', 'euc_kr', 'nosuch')
    pieces = ['x = 1', "y = 'éè'", "z = ('a',", 'def f(:', 'f(a b)', "s = \'\'\'é", 'if a:', '    b', '\tc', '\x0cd', '\x0c   e = 2',
              'é = é $ 2', "'unterminated é", 'w = (1,\n2', '# comment é', '', '\\', 'x = \\\n  1', "f'{é b}'", "x = '\\dé'", 'あ = 1', '€',
              "b'é'", 'x = 1if é else 2', 'é é', 'yield é', "'é' = 1", 'f(é=1, é=2)', 'from __future__ import é', 'improt é', '\x00',
              '\x1a', "x = '\u2028' y", 'lambda é, é: 1', "'\\N{é}'", 'é <> é']
    for number in range(300):
        codec, end = chance.choice(codecs), chance.choice((b'\n', b'\r\n', b'\r'))
        text = '\n'.join(chance.choices(pieces, k=chance.randrange(1, 7))) + '\n' * chance.randrange(2)
        try:
            source = text.encode(codec or 'utf-8', 'replace')
        except LookupError:
            source = text.encode()
        if chance.random() < 0.1:
            place = chance.randrange(len(source) + 1)
            source = source[:place] + bytes([chance.randrange(128, 256)]) + source[place:]
        head = b'\xef\xbb\xbf' * (chance.random() < 0.15) + b'#!/bin/sh\n' * (chance.random() < 0.1)
        if codec:
            head += b'# coding: ' + codec.encode() + b'\n'
        yield 'encoded_%d' % number, (head + source).replace(b'\n', end)


def arithmetic():
    """What folding computes: operators on numbers around the edges of machine words, signs, shifts, powers."""
    chance = random.Random(5)

    def number():
        value = chance.choice((chance.randrange(300), chance.getrandbits(chance.randrange(1, 66)),
                               (1 << chance.randrange(130)) + chance.randrange(-1, 2), chance.getrandbits(100)))
        if chance.random() < 0.1:
            return '(%d%s)' % (value, chance.choice(('.5', 'j', '.25j')))
        return '(%s%d)' % (chance.choice(('', '', '-', '~', '-~')), value)

    for group in range(8):
        yield 'arithmetic_%d' % group, ''.join(
            'a = %s%s%s\n' % (number(), op, number() if op not in ('<<', '>>', '**') else chance.randrange(-2, 130))
            for op in chance.choices(('+', '-', '*', '/', '//', '%', '&', '|', '^', '<<', '>>', '**'), k=500))


# Functions whose jumps lead over what stands for @ (statements) and % (arguments).
JUMPS = {
    'for': 'def f(x, y):\n for i in y:\n  for j in x:\n   @\n   if j: continue\n   break\n  else:\n   @\n return x',
    'while': 'def f(x, y):\n while x:\n  if y:\n   @\n  elif x is None:\n   @\n   continue\n  else:\n   while 1:\n    @\n    if x: break',
    'try': 'def f(x, y):\n try:\n  try:\n   @\n  except A as e:\n   @\n   return e\n  except (B, C):\n   @\n   raise\n'
           '  else:\n   @\n finally:\n  @\n return x',
    'with': 'def f(x, y):\n with x as a, y as b:\n  @\n  if a: return b\n  @\n return x',
    'async': 'async def f(x, y):\n async with x as a:\n  @\n  await a\n'
           ' async for x in y:\n  @\n  if x: continue\n  yield x\n else:\n  @\n yield x',
    'match': 'def f(x, y):\n match x:\n  case [1, *r, 2] if y:\n   @\n  case {"a": 1, **k}:\n   @\n'
           '  case C(a=1) | D(y):\n   @\n  case _:\n   @\n return x',
    'except_star': 'def f(x, y):\n try:\n  @\n except* A:\n  @\n except* B as e:\n  @\n return x',
    'generator': 'def f(x, y):\n try:\n  while (yield x):\n   @\n   z = yield from y\n   assert z, x\n finally:\n  @\n  del x\n return x',
    'comprehension': 'def f(x, y):\n z = [i for i in x if g(%) for j in y if j]\n'
           ' return {i: [j for j in i if g(%)] for i in x}, (i async for i in x if g(%))',
    'operators': 'def f(x, y):\n return (x and g(%) or g(%) if x < y < g(%) else g(%)) if x else y',
}


def jumps():
    """Jumps around the greatest distance of one byte, and some of more than two."""
    for n in (*range(24, 66, 3), *range(66, 130, 2), *range(238, 256, 2), 32764):
        for name, text in JUMPS.items():
            if n < 5000 or name in ('for', 'try', 'async'):
                text = re.sub(r'( *)@', lambda at: '\n'.join([at[1] + 'x'] * n), text)
                yield 'jumps_%s_%d' % (name, n), text.replace('%', ','.join('x' * n)) + '\n'


def huge():
    """Sources of many megabytes."""
    yield 'line_of_100_megabytes', 'a = "' + 'x' * 100_000_000 + '"\n'
    yield 'line_of_10_megabytes_of_names', '[' + 'a, ' * 3_000_000 + ']\n'
    yield 'million_constants', lines('a = {0}.5', range(1_000_000))
    yield 'million_integers_in_a_list', '[' + ','.join(map(str, range(1_000_000))) + ']'
    yield 'names_70000', lines('a{0} = a{1}', range(70_000))
    yield 'million_lines', 'a\n' * 1_000_000
    yield 'million_newlines', '\n' * 1_000_000 + 'a'
    yield 'sums_100000', 'a' + '+a' * 100_000
    yield 'parens_million', '(' * 1_000_000
    yield 'minus_million', '-' * 1_000_000 + 'a'
    yield 'attributes_million', 'a' + '.b' * 1_000_000
    yield 'dedents', ''.join(' ' * i + 'if a:\n' for i in range(99)) + ' ' * 99 + 'b\n'
    yield 'digits_million', 'a = 0x' + 'f' * 1_000_000
    yield 'decimal_million', 'a = ' + '9' * 1_000_000
    yield 'comment_50_megabytes', '#' + 'x' * 50_000_000 + '\na\n'
    yield 'string_of_escapes', 'a = "' + '\\u20ac' * 3_000_000 + '"\n'


GROUPS = {'': (depths, widths, texts, typos, encoded, arithmetic, jumps), 'deep': (depths,), 'wide': (widths,),
          'jumps': (jumps,), 'text': (texts, typos, encoded), 'arithmetic': (arithmetic,), 'huge': (huge,)}


def write(group, folder):
    """Writes a group's sources into a folder; [(path, name)]."""
    result = []
    os.makedirs(folder, exist_ok=True)
    for make in GROUPS[group]:
        for name, source in make():
            path = os.path.join(folder, name + '.py')
            if isinstance(source, str):
                whole = name.startswith(('no_final', 'comment_no', 'backslash_only', 'only_spaces'))
                source = (source if whole else source + '\n').encode('utf-8', 'surrogatepass')
            oracles.keep(path, source)
            result.append((path, name + '.py'))
    return result
