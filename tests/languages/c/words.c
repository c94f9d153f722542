#include "words.h"

#include <string.h>

#include "orapool.h"

const struct word get_modes[] = {
    {"WAIT", ORAPOOL_GET_WAIT},
    {"NOWAIT", ORAPOOL_GET_NOWAIT},
    {"FORCEGET", ORAPOOL_GET_FORCEGET},
    {"TIMEDWAIT", ORAPOOL_GET_TIMEDWAIT},
    {NULL, 0},
};

const struct word purities[] = {
    {"DEFAULT", ORAPOOL_PURITY_DEFAULT},
    {"NEW", ORAPOOL_PURITY_NEW},
    {"SELF", ORAPOOL_PURITY_SELF},
    {NULL, 0},
};

const struct word close_modes[] = {
    {"DEFAULT", ORAPOOL_CLOSE_DEFAULT},
    {"FORCE", ORAPOOL_CLOSE_FORCE},
    {NULL, 0},
};

const struct word get_bits[] = {
    {"MATCHANY", ORAPOOL_SESSGET_MATCHANY},
    {"PURITY_NEW", ORAPOOL_SESSGET_PURITY_NEW},
    {"PURITY_SELF", ORAPOOL_SESSGET_PURITY_SELF},
    {"MULTIPROPERTY_TAG", ORAPOOL_SESSGET_MULTIPROPERTY_TAG},
    {NULL, 0},
};

const struct word release_bits[] = {
    {"DROPSESS", ORAPOOL_SESSRLS_DROPSESS},
    {"RETAG", ORAPOOL_SESSRLS_RETAG},
    {"MULTIPROPERTY_TAG", ORAPOOL_SESSRLS_MULTIPROPERTY_TAG},
    {NULL, 0},
};

const struct word statuses[] = {
    {"ORAPOOL_SUCCESS", ORAPOOL_SUCCESS},
    {"ORAPOOL_SUCCESS_WITH_INFO", ORAPOOL_SUCCESS_WITH_INFO},
    {"ORAPOOL_ERROR", ORAPOOL_ERROR},
    {"ORAPOOL_INVALID_HANDLE", ORAPOOL_INVALID_HANDLE},
    {"ORAPOOL_INVALID_ARGUMENT", ORAPOOL_INVALID_ARGUMENT},
    {"ORAPOOL_TIMEOUT", ORAPOOL_TIMEOUT},
    {"ORAPOOL_CLOSED", ORAPOOL_CLOSED},
    {"ORAPOOL_UNSUPPORTED", ORAPOOL_UNSUPPORTED},
    {"ORAPOOL_CONFLICT", ORAPOOL_CONFLICT},
    {"ORAPOOL_CALLBACK_FAILED", ORAPOOL_CALLBACK_FAILED},
    {NULL, 0},
};

const struct word users[] = {
    {"none", USER_NONE},
    {"owner", USER_OWNER},
    {"second", USER_SECOND},
    {NULL, 0},
};

const struct word knobs[] = {
    {"connect_delay_ms", 0},
    {"call_delay_ms", 0},
    {"connect_failures", 0},
    {NULL, 0},
};

const struct word kinds_of_source[] = {
    {"vendor test", 0},
    {"document", 0},
    {"decision", 0},
    {NULL, 0},
};

const struct word arguments[] = {
    {"wanted", 0},
    {"actual", 0},
    {NULL, 0},
};

const struct word needs[] = {
    {"plsql", NEEDS_PLSQL},
    {"callback", NEEDS_CALLBACK},
    {"callback_values", NEEDS_CALLBACK_VALUES},
    {"kill", NEEDS_KILL},
    {"two_users", NEEDS_TWO_USERS},
    {"raw_tags", NEEDS_RAW_TAGS},
    {"knobs", NEEDS_KNOBS},
    {"threads", NEEDS_THREADS},
    {NULL, 0},
};

const struct word *find_word(const struct word *list, json_t *word)
{
    if (!json_is_string(word))
        return NULL;
    while (list->name != NULL && strcmp(list->name, json_string_value(word)) != 0)
        list++;
    return list->name != NULL ? list : NULL;
}

int64_t word_value(const struct word *list, json_t *word, int64_t otherwise)
{
    const struct word *found = find_word(list, word);
    return found != NULL ? found->value : otherwise;
}

uint32_t bits_of(const struct word *list, json_t *words)
{
    uint32_t bits = 0;
    size_t i;
    json_t *word;
    json_array_foreach (words, i, word)
        bits |= (uint32_t)word_value(list, word, 0);
    return bits;
}
