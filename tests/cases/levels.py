# levels: 0,1,2
"""Module docstring."""
assert __debug__, "message"


def f(a):
    """Function docstring."""
    assert a
    if __debug__:
        print("debug")
    else:
        print("release")
    return not __debug__


class C:
    """Class docstring."""

    def g(self):
        """Method docstring."""


def h():
    """Only a docstring."""


def i():
    "first" "second"
    "not a docstring"
    assert 0, "x"
    return __debug__ and a
