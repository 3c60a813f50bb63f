/* Names of tokens, for dumps. See token.h. */
#include "syntax/token.h"

const char *token_kind_name(unsigned kind)
{
    static const char *const names[TOKEN_KIND_COUNT] = {
#define TOKEN(symbol, name, text) [TOKEN_##symbol] = name,
#include "syntax/token.def"
#undef TOKEN
    };
    return kind <= TOKEN_LAST_KEYWORD ? "NAME" : names[kind];
}
