"""A small program that touches many things at once."""
from __future__ import division

import os.path
from collections import OrderedDict as Dict

LIMIT = 10
NAMES = ("alpha", "beta", "gamma")
TABLE = {"one": 1, "two": 2, "three": (1, 2, 3)}


class Shape(object):
    """A thing with sides."""

    sides = 0
    __private = None

    def __init__(self, name, *points, **options):
        self.name = name
        self.points = list(points)
        self.__private = options.get("private", False)

    @property
    def area(self):
        total = 0
        for i, (x, y) in enumerate(self.points):
            x2, y2 = self.points[(i + 1) % len(self.points)]
            total += x * y2 - x2 * y
        return abs(total) / 2

    def __repr__(self):
        return "%s(%r, sides=%d)" % (type(self).__name__, self.name, self.sides)


class Square(Shape):
    sides = 4

    def __init__(self, size):
        super().__init__("square", (0, 0), (size, 0), (size, size), (0, size))


def primes(limit=LIMIT):
    found = []
    for n in range(2, limit):
        if all(n % p for p in found if p * p <= n):
            found.append(n)
            yield n
    else:
        return found


def read(path, default=None):
    try:
        with open(path, "rb") as file, Dict() as other:
            return [line.strip() for line in file if line and not line.startswith(b"#")]
    except (OSError, ValueError) as error:
        if default is None:
            raise RuntimeError("cannot read {}".format(path)) from error
        return default
    finally:
        print("done", path, sep=": ", end="\n")


def main(arguments):
    global LIMIT
    counts = {}
    while arguments:
        word = arguments.pop()
        if word in ("-h", "--help"):
            continue
        elif not word or word[0] == "-" and len(word) > 1:
            break
        counts[word] = counts.get(word, 0) + 1
    LIMIT = sum(counts.values()) or LIMIT
    key = lambda item: (-item[1], item[0])
    for word, count in sorted(counts.items(), key=key)[:LIMIT]:
        print(word, count)
    assert LIMIT > 0, "no limit"
    return {name: value for name, value in TABLE.items() if value != 1}


if __name__ == "__main__":
    main(list(NAMES) + [os.path.basename(__file__)])
