/* SPDX-License-Identifier: BSD-3-Clause */
/* How far a submission is. */
#include "spool/spool_state.h"

#include "spool/spool_file.h"
#include "spool/spool_json.h"
#include "text/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const words[] = {"queued", "running", "done", "failed", "cancelled", "refused"};

enum { WORDS = sizeof words / sizeof *words, EXIT_MAX = 255 };

struct written {
    const char *word, *reason;
    struct spool_state state;
    int64_t exit;
};

#define AT(field) offsetof(struct written, field)

static const struct spool_json_field fields[] = {
    {"state", SPOOL_JSON_TEXT, true, AT(word)},
    {"tasks", SPOOL_JSON_NUMBER, true, AT(state.tasks)},
    {"done", SPOOL_JSON_NUMBER, true, AT(state.done)},
    {"failed", SPOOL_JSON_NUMBER, true, AT(state.failed)},
    {"result_bytes", SPOOL_JSON_NUMBER, true, AT(state.result_bytes)},
    {"exit", SPOOL_JSON_COUNT, true, AT(exit)},
    {"reason", SPOOL_JSON_TEXT, false, AT(reason)},
};

enum { FIELDS = sizeof fields / sizeof *fields };

const char *spool_state_word(enum spool_state_name name)
{
    return words[name];
}

bool spool_state_read(const struct spool *spool, uint64_t number, struct spool_state *state,
                      bool *found, struct fail *fail)
{
    char name[SPOOL_NAME_BYTES];
    struct written written = {0};
    struct json_t *held;
    *state = (struct spool_state){0};
    spool_file_name(name, number, "state");
    *found = spool_json_read(spool, name, fields, FIELDS, &written, &held, fail);
    if (!*found)
        return fail->code == FAIL_NONE;
    *state = written.state;
    state->exit = (int)written.exit;
    size_t word = 0;
    while (word < WORDS && strcmp(words[word], written.word) != 0)
        word++;
    state->name = (enum spool_state_name)word;
    snprintf(state->reason, sizeof state->reason, "%s", written.reason ? written.reason : "");
    spool_json_free(held);
    *found = word < WORDS && written.exit <= EXIT_MAX;
    return *found || spool_file_wrong(spool, name, FAIL_INPUT, fail, "is not what a service wrote");
}

/* A reason may have bytes of names in it. */
static void show_as_utf8(const char *text, char *shown)
{
    size_t len = strlen(text), sequence;
    for (; len > 0; text += sequence, len -= sequence) {
        sequence = utf8_sequence((const uint8_t *)text, len);
        *shown = '?';
        memcpy(shown, sequence ? text : "?", sequence ? sequence : 1);
        sequence += sequence == 0;
        shown += sequence;
    }
    *shown = '\0';
}

bool spool_state_write(const struct spool *spool, uint64_t number, const struct spool_state *state,
                       struct fail *fail)
{
    char name[SPOOL_NAME_BYTES], reason[FAIL_TEXT_BYTES];
    size_t len;
    show_as_utf8(state->reason, reason);
    const struct written written = {words[state->name], reason[0] ? reason : NULL, *state,
                                    state->exit};
    char *text = spool_json_text(fields, FIELDS, &written, &len, fail);
    bool ok =
        text && spool_file_replace(spool, spool_file_name(name, number, "state"), text, len, fail);
    free(text);
    return ok;
}

bool spool_state_finish(const struct spool *spool, uint64_t number, const struct spool_state *state,
                        struct fail *fail)
{
    char part[SPOOL_NAME_BYTES], result[SPOOL_NAME_BYTES];
    spool_file_name(part, number, "part");
    spool_file_name(result, number, "result");
    bool ok = renameat(spool->folder, part, spool->folder, result) == 0
           || (errno == ENOENT && faccessat(spool->folder, result, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
           || spool_file_errno(spool, part, FAIL_OUTPUT, errno, fail);
    return ok && spool_state_write(spool, number, state, fail);
}
