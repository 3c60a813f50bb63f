# Runs inside an interpreter (3.6 and later): prints its opcode numbering as JSON, for disassembly.
import json, opcode
caches = getattr(opcode, '_inline_cache_entries', {})
if isinstance(caches, list):
    caches = {name: count for name, count in zip(opcode.opname, caches)}
print(json.dumps({
    'names': {str(number): name for name, number in opcode.opmap.items()},
    'caches': {name: int(count) for name, count in caches.items() if count},
    'const': sorted(opcode.hasconst), 'name': sorted(opcode.hasname), 'local': sorted(opcode.haslocal),
    'free': sorted(opcode.hasfree), 'relative': sorted(opcode.hasjrel),
    'absolute': sorted(opcode.hasjabs), 'have_argument': opcode.HAVE_ARGUMENT,
    'extended': opcode.EXTENDED_ARG}))
