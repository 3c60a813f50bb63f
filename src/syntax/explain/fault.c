/* See fault.h. */
#include "syntax/explain/fault.h"

#include <stdio.h>

#include "util/utf8.h"

const char *fault_vformat(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = arena_alloc(arena, (size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, args);
    return text;
}

size_t fault_character_count(const char *text, size_t size)
{
    size_t count = 0;
    while (size > 0) {
        struct utf8_scan good = utf8_scan(text, size);
        count += utf8_count(text, good.valid_size);
        if (good.valid_size == size)
            break;
        struct utf8_fault fault = utf8_find_fault(text, size);
        count++;
        text += fault.end;
        size -= fault.end;
    }
    return count;
}
