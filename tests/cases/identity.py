# What is one object and what is two, in the marshalled code: sets, names, equal tuples, qualified names.
import a.b.c as first_name

ROWS = ('ab', 'cd'), ('ab', 'cd'), (1, 2.5, 3j, b'x', b'', '', 'y', 'é', 'two words', None, ..., True)


def names_in_sets(x):
    return x in {'known_nowhere', 'nor_this'}, x in {'first_name', 'other'}, x in {'append', 'keys'}, x in {'a b', 'c d'}


def the_same_sets(x):
    return x in {'nor_this', 'known_nowhere'}, x in {'first_name', 'other'}, x in {'append', 'keys'}, x in {'a b', 'c d'}, 5.5


def order_of_sets(x):
    if x in {'z', 'y', 'x', 1, 2.5, 'long word', b'bytes', (1, 'tuple', 4.5), -1, 1 << 80, 'a', 'ü', '\u20ac', '\U0001f600'}:
        return x in {'IPV6_CHECKSUM', 'IPV6_DONTFRAG', 'IPV6_DSTOPTS', 'IPV6_HOPLIMIT', 'IPV6_HOPOPTS', 'IPV6_NEXTHOP',
                     'IPV6_PATHMTU', 'IPV6_PKTINFO', 'IPV6_RECVDSTOPTS', 'IPV6_RECVHOPLIMIT', 'IPV6_RECVHOPOPTS',
                     'IPV6_RECVPATHMTU', 'IPV6_RECVPKTINFO', 'IPV6_RECVRTHDR', 'IPV6_RECVTCLASS', 'IPV6_RTHDR',
                     'IPV6_RTHDRDSTOPTS', 'IPV6_RTHDR_TYPE_0', 'IPV6_TCLASS', 'IPV6_USE_MIN_MTU'}
    return x.IPV6_TCLASS in {1, 2, 3, 1.5, None} or x in {0.1, 1e300, -1e-300, 2 ** 61 - 1, 2 ** 61, True, False, 5j, 1 + 2j}


class Outer:
    """The docstring."""
    class Inner:
        def method(self, first_name, *, ab=('ab', 'cd'), cd=[(20, 30, 40), (20, 30, 40)]):
            return 'Outer.Inner', 'Outer.Inner.method', lambda: 1000000, lambda: 1000000, '%s%%' % first_name, '%'

        class Deep:
            value = 'Outer.Inner.Deep'

    class Inner:
        pass


class Outer:
    class Inner:
        text = 'the same text', 'the same text', 'the ' 'same text', 70000, 70000, 1.25, 1.25, -5, 256, 257, 1024, 1025


def equal_tables(a, b):
    return [x for x in a], [x for x in b], lambda x: x, lambda x: x


def equal_tables_again(a, b):
    return [x for x in a], [x for x in b], lambda x: x, lambda x: x
