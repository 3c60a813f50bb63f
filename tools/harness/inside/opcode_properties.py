# Runs inside an interpreter (3.8 and later): prints all that it knows of its opcodes, as JSON.
#
# Stack effects are asked for a row of arguments, with the jump taken and not taken; null where there is none.
import dis, json, opcode, sys

ARGUMENTS = list(range(18)) + [255, 256, 257, 258, 511, 515, 1023, 4097, 65535]

# 3.11 keeps its pseudo instructions inside the compiler, under these numbers; dis.stack_effect knows them all the same.
HIDDEN_PSEUDO = {
    'SETUP_FINALLY': -1, 'SETUP_CLEANUP': -2, 'SETUP_WITH': -3, 'POP_BLOCK': -4, 'JUMP': -5,
    'JUMP_NO_INTERRUPT': -6, 'POP_JUMP_IF_FALSE': -7, 'POP_JUMP_IF_TRUE': -8, 'POP_JUMP_IF_NONE': -9,
    'POP_JUMP_IF_NOT_NONE': -10}


def effect(number, argument, jump):
    """dis.stack_effect, or None where the interpreter refuses."""
    for given in (argument, None):
        try:
            return opcode.stack_effect(number, given, jump=jump)
        except ValueError:
            pass
    return None


def is_listed(name, number):
    """Not a specialised or instrumented form of another instruction."""
    return not name.startswith('INSTRUMENTED_') and not (
        name == 'RESERVED' and sys.version_info < (3, 12))


numbers = dict(opcode.opmap)
if sys.version_info[:2] == (3, 11):
    numbers.update(HIDDEN_PSEUDO)
caches = getattr(opcode, '_inline_cache_entries', {})
if isinstance(caches, list):
    caches = {name: count for name, count in zip(opcode.opname, caches)}
has_arg = getattr(dis, 'hasarg', None)
backward = getattr(dis, '_is_backward_jump', lambda number: 'BACKWARD' in opcode.opname[number])
table = {}
for name, number in numbers.items():
    if not is_listed(name, number):
        continue
    pseudo = number < 0 or number > 255
    jumps = number in opcode.hasjrel or (number < 0 and 'JUMP' in name)
    table[name] = {
        'number': number, 'pseudo': pseudo, 'caches': 0 if pseudo else caches.get(name, 0),
        'arg': number in getattr(dis, 'hasexc', ()) or (
               number in has_arg if has_arg is not None else number >= opcode.HAVE_ARGUMENT or
               (number < 0 and name != 'POP_BLOCK')),
        'const': number in opcode.hasconst, 'name': number in opcode.hasname,
        'local': number in opcode.haslocal, 'free': number in opcode.hasfree,
        'relative': jumps, 'absolute': number in opcode.hasjabs,
        'back': not pseudo and jumps and bool(backward(number)),
        'effects': {str(jump): [effect(number, argument, jump) for argument in ARGUMENTS]
                    for jump in (False, True)}}
print(json.dumps({'arguments': ARGUMENTS, 'opcodes': table}))
