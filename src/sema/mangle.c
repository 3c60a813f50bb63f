/* Name mangling: __private inside class Class is _Class__private. Answers to _Py_Mangle and
 * _Py_MaybeMangle. */
#include "sema/symtable.h"

/* A name that mangling concerns, given that it starts with two underscores: it does not end in two
 * and has no dot. */
static bool is_private(const struct string *s)
{
    if (s->bytes[s->length - 1] == '_' && s->bytes[s->length - 2] == '_')
        return false;
    return memchr(s->bytes, '.', s->length) == NULL;
}

identifier mangle_private(struct compilation *c, identifier class_name, identifier name)
{
    const struct string *s = strings_get(&c->strings, name);
    if (!is_private(s))
        return name;
    const struct string *class_ = strings_get(&c->strings, class_name);
    uint32_t skip = 0;
    while (skip < class_->length && class_->bytes[skip] == '_')
        skip++;
    if (skip == class_->length)
        return name;
    size_t prefix = class_->length - skip, length = 1 + prefix + s->length;
    char *bytes = arena_alloc(c->arena, length);
    bytes[0] = '_';
    memcpy(bytes + 1, class_->bytes + skip, prefix);
    memcpy(bytes + 1 + prefix, s->bytes, s->length);
    return strings_intern(&c->strings, bytes, length);
}

bool symtable_mangles(const struct symtable_entry *e, identifier name)
{
    for (uint32_t i = 0; i < e->ste_mangled_names.count; i++) {
        if (e->ste_mangled_names.items[i] == name)
            return true;
    }
    return false;
}
