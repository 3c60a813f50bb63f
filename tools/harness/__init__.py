"""The differential harness: real interpreters, their recorded answers, and mkpyc beside them.

oracles     finds CPython interpreters and asks each which release it is
corpus      turns names such as lib:3.13.0 or a folder into lists of source files
reference   what an interpreter makes of a source, kept in a cache
marshalled  reads, canonicalises and disassembles marshal data of any release
product     drives the mkpyc command in batch mode
inside/     scripts that run inside the interpreters (3.6 and later), never in the harness
"""
