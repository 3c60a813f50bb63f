/* Checks of the unit tests: one that does not hold is printed and counted, and the test goes on. */
#ifndef MKPYC_TESTS_UNIT_CHECK_H
#define MKPYC_TESTS_UNIT_CHECK_H

#include <stdbool.h>
#include <stdio.h>

static int failures;

static void check(bool holds, const char *what, const char *file, int line)
{
    if (holds)
        return;
    printf("%s:%d: %s\n", file, line, what);
    failures++;
}

#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)

#endif
