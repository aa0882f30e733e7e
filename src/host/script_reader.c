/* SPDX-License-Identifier: BSD-3-Clause */
/* How the variable of a word is to be quoted depends on where it stands. The places within places
 * are a stack; where the shell's own rules are a maze, as within ${...}, a word is refused. */
#include "host/script_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32, DOCUMENTS_MAX = 8 };

enum place {
    COMMAND, /* the whole, and within $(...) */
    BACKQUOTES,
    SINGLE, /* quotes */
    DOUBLE,
    ARITHMETIC, /* $((...)) */
    PARAMETER,  /* ${...} */
    DOCUMENT,   /* a here-document */
};

/* What follows << : a word that ends a text. */
struct document {
    const char *end;
    size_t len;
    bool tabs, quoted; /* <<- ; the text is not looked at */
    size_t top;        /* the place of the command that reads it */
};

struct reader {
    const char *command, *at;
    unsigned places;
    struct script_reading *found;
    FILE *out;
    struct {
        enum place place;
        unsigned parentheses; /* open ones */
    } stack[DEPTH_MAX];
    size_t top;
    struct document documents[DOCUMENTS_MAX]; /* that begin with the next line, or have begun */
    size_t documents_len;
    bool word; /* `at` is within one */
    const char *lost;
};

static enum place place_of(const struct reader *reader)
{
    return reader->stack[reader->top].place;
}

static bool is_within(const struct reader *reader, enum place place)
{
    for (size_t i = 0; i <= reader->top; i++)
        if (reader->stack[i].place == place)
            return true;
    return false;
}

/* Within `...` that stand in double quotes or a here-document: a quote there may be theirs. */
static bool is_entangled(const struct reader *reader)
{
    bool quoted = false;
    for (size_t i = 0; i <= reader->top; i++) {
        const enum place place = reader->stack[i].place;
        quoted = quoted || place == DOUBLE || place == DOCUMENT;
        if (quoted && place == BACKQUOTES)
            return true;
    }
    return false;
}

static void put(struct reader *reader, size_t len)
{
    fwrite(reader->at, 1, len, reader->out);
    reader->at += len;
}

static void push(struct reader *reader, enum place place, size_t len)
{
    put(reader, len);
    if (reader->top + 1 == DEPTH_MAX) {
        reader->lost = "that deep";
        return;
    }
    reader->top++;
    reader->stack[reader->top].place = place;
    reader->stack[reader->top].parentheses = 0;
    reader->word = place != COMMAND && place != BACKQUOTES;
}

static void pop(struct reader *reader, size_t len)
{
    put(reader, len);
    reader->top -= reader->top > 0;
    reader->word = true;
}

/* Why a {} here cannot be what it stands for; NULL: it can. */
static const char *refusal(const struct reader *reader)
{
    if (reader->lost)
        return reader->lost;
    if (is_within(reader, PARAMETER))
        return "within ${...}";
    if (is_entangled(reader))
        return "within `...` that are quoted";
    if (is_within(reader, DOCUMENT) && reader->documents[0].quoted)
        return "in a here-document whose end is quoted";
    return NULL;
}

static void refuse(struct reader *reader, int word, const char *why)
{
    if (reader->found->refused || !why)
        return;
    reader->found->refused = why;
    reader->found->refused_word = word;
}

static void put_word(struct reader *reader, int word, size_t len)
{
    const enum place place = place_of(reader);
    const char *quotes = place == SINGLE                         ? "'\"%s\"'"
                       : place == COMMAND || place == BACKQUOTES ? "\"%s\""
                                                                 : "%s";
    char name[SCRIPT_WORD_BYTES], variable[SCRIPT_WORD_BYTES + 3];
    refuse(reader, word, refusal(reader));
    reader->found->used[word] = true;
    reader->found->arithmetic[word] |= place == ARITHMETIC;
    snprintf(variable, sizeof variable, "${%s}", script_word_variable(word, name));
    fprintf(reader->out, quotes, variable);
    reader->at += len;
    reader->word = true;
}

/* A backslash and what it quotes; \{} is {}, also where the shell would leave the backslash. */
static void put_quoted(struct reader *reader)
{
    int word;
    const size_t len = script_word_read(reader->command, reader->at + 1, reader->places, &word);
    const bool expands = reader->at > reader->command && reader->at[-1] == '$';
    if (len > 0 && (word == SCRIPT_WORD_TASK || !expands)) {
        reader->at++;
        put(reader, len);
    } else {
        put(reader, reader->at[1] ? 2 : 1);
    }
    reader->word = true;
}

/* What begins with $ or ` in all places but single quotes. */
static bool put_expansion(struct reader *reader)
{
    const char *at = reader->at;
    if (strncmp(at, "$((", 3) == 0)
        push(reader, ARITHMETIC, 3);
    else if (strncmp(at, "$(", 2) == 0)
        push(reader, COMMAND, 2);
    else if (strncmp(at, "${", 2) == 0)
        push(reader, PARAMETER, 2);
    else if (*at == '`' && place_of(reader) == BACKQUOTES)
        pop(reader, 1);
    else if (*at == '`')
        push(reader, BACKQUOTES, 1);
    else
        return false;
    return true;
}

/* A << and the word behind it. */
static void read_document(struct reader *reader)
{
    struct document *document = &reader->documents[reader->documents_len];
    if (reader->at[2] == '<') {
        put(reader, 3); /* a string, in some shells */
        return;
    }
    if (reader->documents_len == DOCUMENTS_MAX) {
        reader->lost = "behind that many here-documents";
        put(reader, 2);
        return;
    }
    const bool tabs = reader->at[2] == '-';
    put(reader, tabs ? 3 : 2);
    put(reader, strspn(reader->at, " \t"));
    const size_t len = strcspn(reader->at, " \t\n;&|<>()");
    *document = (struct document){reader->at, len, tabs, false, reader->top};
    for (size_t i = 0; i < len; i++) {
        int word;
        document->quoted |= strchr("'\"\\", reader->at[i]) != NULL;
        if (script_word_read(reader->command, reader->at + i, reader->places, &word) > 0)
            refuse(reader, word, "as the end of a here-document");
    }
    put(reader, len);
    reader->documents_len++;
    reader->word = true;
}

/* The length of a line that ends the document, 0 if this one does not. */
static size_t ends_document(const struct reader *reader)
{
    const struct document *document = &reader->documents[0];
    const char *line = reader->at + (document->tabs ? strspn(reader->at, "\t") : 0), *at = line;
    for (size_t i = 0; i < document->len; i++) {
        if (document->quoted && strchr("'\"\\", document->end[i]))
            continue;
        if (*at != document->end[i])
            return 0;
        at++;
    }
    return *at == '\n' || *at == '\0' ? (size_t)(at - reader->at) : 0;
}

/* At the beginning of a line of a document: goes past its end, and to the next one. */
static void begin_line(struct reader *reader)
{
    size_t len;
    while (place_of(reader) == DOCUMENT && (len = ends_document(reader)) > 0) {
        pop(reader, len);
        reader->word = false;
        reader->documents_len--;
        memmove(reader->documents, reader->documents + 1,
                reader->documents_len * sizeof *reader->documents);
        if (*reader->at == '\n' && reader->documents_len > 0)
            push(reader, DOCUMENT, 1);
    }
}

static void put_newline(struct reader *reader)
{
    if (is_within(reader, DOCUMENT))
        reader->lost = "behind a command of several lines in a here-document";
    else if (reader->documents_len > 0 && reader->documents[0].top != reader->top)
        reader->lost = "behind a here-document within another command";
    else if (reader->documents_len > 0)
        push(reader, DOCUMENT, 1);
    if (*reader->at == '\n' && place_of(reader) != DOCUMENT)
        put(reader, 1);
    reader->word = false;
    begin_line(reader);
}

static void put_of_command(struct reader *reader)
{
    const char *at = reader->at;
    unsigned *parentheses = &reader->stack[reader->top].parentheses;
    const bool nested = reader->top > 0 && place_of(reader) == COMMAND;
    if (*at == '\'') {
        if (reader->word && at[-1] == '$')
            reader->lost = "behind $'...'";
        push(reader, SINGLE, 1);
    } else if (*at == '"') {
        push(reader, DOUBLE, 1);
    } else if (*at == '#' && !reader->word && !is_within(reader, BACKQUOTES)) {
        put(reader, strcspn(at, "\n"));
    } else if (strncmp(at, "<<", 2) == 0) {
        read_document(reader);
    } else if (*at == '\n') {
        put_newline(reader);
    } else if (*at == ')' && nested && *parentheses == 0) {
        pop(reader, 1);
    } else {
        if (nested && !reader->word && strncmp(at, "case", 4) == 0)
            reader->lost = "behind a case within $(...)"; /* whose ) opens nothing */
        if (!reader->word && strncmp(at, "((", 2) == 0)
            reader->lost = "behind ((, where some shells calculate"; /* and run what is in a word */
        *parentheses += *at == '(';
        *parentheses -= *at == ')' && *parentheses > 0;
        put(reader, 1);
        reader->word = !strchr(" \t;&|()<>", *at);
    }
}

static void put_of_arithmetic(struct reader *reader)
{
    unsigned *parentheses = &reader->stack[reader->top].parentheses;
    if (strncmp(reader->at, "))", 2) == 0 && *parentheses == 0) {
        pop(reader, 2);
        return;
    }
    if (strchr("'\"", *reader->at) || (*reader->at == ')' && *parentheses == 0))
        reader->lost = "behind $((...)) that is no sum"; /* but $( and a command in ( ) */
    *parentheses += *reader->at == '(';
    *parentheses -= *reader->at == ')' && *parentheses > 0;
    put(reader, 1);
}

static void put_of_parameter(struct reader *reader)
{
    const bool plain = !is_within(reader, DOUBLE) && !is_within(reader, DOCUMENT);
    if (*reader->at == '}')
        pop(reader, 1);
    else if (*reader->at == '"')
        push(reader, DOUBLE, 1);
    else if (*reader->at == '\'' && plain)
        push(reader, SINGLE, 1);
    else
        put(reader, 1);
}

static void put_of_document(struct reader *reader)
{
    const bool newline = *reader->at == '\n';
    put(reader, 1);
    if (newline)
        begin_line(reader);
}

static void step(struct reader *reader)
{
    const enum place place = place_of(reader);
    const char c = *reader->at;
    const bool verbatim = place == DOCUMENT && reader->documents[0].quoted;
    /* These end at the next ` whatever it stands in. */
    if (is_within(reader, BACKQUOTES) && (c == '`' ? place != BACKQUOTES : c == '#'))
        reader->lost = "behind ` or # within `...`";
    int word;
    const size_t len = script_word_read(reader->command, reader->at, reader->places, &word);
    if (len > 0)
        put_word(reader, word, len);
    else if (place == SINGLE)
        c == '\'' ? pop(reader, 1) : put(reader, 1);
    else if (c == '\\' && !verbatim)
        put_quoted(reader);
    else if (!verbatim && (c == '$' || c == '`') && put_expansion(reader))
        ;
    else if (place == DOUBLE)
        c == '"' ? pop(reader, 1) : put(reader, 1);
    else if (place == ARITHMETIC)
        put_of_arithmetic(reader);
    else if (place == PARAMETER)
        put_of_parameter(reader);
    else if (place == DOCUMENT)
        put_of_document(reader);
    else
        put_of_command(reader);
}

/* The first word that is used; one that cannot be in what does not end. */
static int first_word(const struct script_reading *found)
{
    int word = 0;
    while (word + 1 < SCRIPT_WORDS && !found->used[word])
        word++;
    return found->used[word] ? word : SCRIPT_WORD_TASK;
}

bool script_reader_read(struct script_reading *found, const char *command, unsigned places)
{
    size_t len;
    *found = (struct script_reading){0};
    struct reader reader = {.command = command,
                            .at = command,
                            .places = places,
                            .found = found,
                            .out = open_memstream(&found->text, &len)};
    if (!reader.out)
        return false;
    while (*reader.at && !found->refused)
        step(&reader);
    if (is_within(&reader, DOCUMENT))
        refuse(&reader, first_word(found), "in a here-document that does not end");
    const bool ok = !ferror(reader.out);
    return fclose(reader.out) == 0 && ok;
}
