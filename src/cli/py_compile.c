/* `mkpyc py_compile ARGS`, and the command under the name py_compile: the command line of Lib/py_compile.py. */
#include "cli/cli.h"

int cli_py_compile(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    cli_complain("py_compile: no such command");
    return EXIT_USAGE;
}
