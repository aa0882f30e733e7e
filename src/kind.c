/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of kinds: a line for each. */
#include "kind.h"

#include "cli/options.h"
#include "mapper/lines.h"
#include "text/escape.h"

#include <assert.h>
#include <string.h>

/* name, noun, mapper, value, format where none is asked for */
#define KINDS(KIND)                                                                                \
    KIND("words", "word", words, count, "tsv")                                                     \
    KIND("lines", "line", lines, count, "tsv")                                                     \
    KIND("field", "field", field, count, "tsv")

#define DECLARE(name, noun, keys, value, format) extern const struct mapper keys##_mapper;
KINDS(DECLARE)

static const struct row {
    const char *name, *noun;
    const struct mapper *mapper;
    const struct value *value;
    const char *format;
} rows[] = {
#define ROW(name, noun, mapper, value, format)                                                     \
    {name, noun, &mapper##_mapper, &value_##value, format},
    KINDS(ROW)};

/* What the mapper cannot make of a line without a copy. */
static bool choose_fields(const char *argument, struct kind *kind)
{
    kind->mapper = lines_mapper;
    kind->extractor = fields_extractor;
    kind->extractor.argument = argument;
    return kind->extractor.parse(&kind->extractor);
}

bool kind_choose(const char *text, struct kind *kind)
{
    size_t len = strcspn(text, ":");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        if (strlen(row->name) != len || memcmp(row->name, text, len) != 0)
            continue;
        *kind = (struct kind){
            .name = row->name, .noun = row->noun, .mapper = *row->mapper, .value = row->value};
        format_choose(row->format, &kind->format);
        if (!row->mapper->parse || text[len] == '\0')
            return !row->mapper->parse && text[len] == '\0';
        return row->mapper->parse(&kind->mapper, text + len + 1)
            || (row->mapper == &field_mapper && choose_fields(text + len + 1, kind));
    }
    return false;
}

/* What tasks leave behind: nobody names that kind. */
static void choose_tasks(struct kind *kind)
{
    *kind = (struct kind){.name = "tasks",
                          .noun = "result",
                          .mapper = lines_mapper,
                          .value = &value_outcome,
                          .format = results_format};
}

static bool choose_format(const struct options *options, struct format *format, struct fail *fail)
{
    if (options->format && !format_choose(options->format, format))
        return fail_set(fail, FAIL_USAGE, "--format: '%s' is none of %s, counts", options->format,
                        format_names());
    if (!format_set_columns(format, options->columns))
        return fail_set(fail, FAIL_USAGE,
                        "--columns: '%s' is no list of word, count, rank, per-million and "
                        "cumulative, each once",
                        options->columns);
    if (options->header && !format->head)
        return fail_set(fail, FAIL_USAGE, "--header: --format=%s has none", format->name);
    if (options->escape && !format->escapes)
        return fail_set(fail, FAIL_USAGE, "--escape: --format=%s has its own way", format->name);
    if (options->separator && !format->separator)
        return fail_set(fail, FAIL_USAGE, "--output-separator: --format=%s has none", format->name);
    if (options->separator
        && (!escape_parse(options->separator, &format->separator) || format->separator == '"'))
        return fail_set(fail, FAIL_USAGE,
                        "--output-separator: '%s' is not one byte, or is a quote or newline",
                        options->separator);
    return true;
}

/* None of the bytes that mean something else in what has separators. */
static bool choose_separator(const struct options *options, struct extractor *extractor,
                             struct fail *fail)
{
    const char *separator = options->input_separator;
    if (!separator)
        return true;
    if (!extractor->separator)
        return fail_set(fail, FAIL_USAGE, "--separator: only with --csv");
    return (escape_parse(separator, &extractor->separator) && extractor->separator != '"'
            && extractor->separator != '\r')
        || fail_set(fail, FAIL_USAGE,
                    "--separator: '%s' is not one byte, or is a quote, newline or carriage return",
                    separator);
}

static bool choose_extractor(const struct options *options, struct extractor *extractor,
                             struct fail *fail)
{
    const char *option = options->extractor, *argument = options->extractor_argument;
    if (!option && options->skip_bad && !options_weighted(options))
        return fail_set(fail, FAIL_USAGE,
                        "--skip-bad needs an option that says what a record is, such as --jsonl");
    if (!option)
        return choose_separator(options, extractor, fail);
    if (extractor->extract)
        return fail_set(fail, FAIL_USAGE, "--%s: only with one field, and one byte between fields",
                        option);
    if (options->other_extractor)
        return fail_set(fail, FAIL_USAGE, "--%s and --%s: only one of them",
                        options->other_extractor, option);
    if (options_tasks(options))
        return fail_set(fail, FAIL_USAGE, "--%s: not for tasks", option);
    const struct extractor *found = extractor_find(option);
    assert(found);
    *extractor = *found;
    extractor->argument = argument;
    extractor->skip_bad = options->skip_bad;
    if (!choose_separator(options, extractor, fail))
        return false;
    return extractor->parse(extractor)
        || fail_set(fail, FAIL_USAGE, "--%s: '%s' is not %s", option, argument, extractor->wants);
}

static size_t part(const void *context, const uint8_t *bytes, size_t len,
                   struct parting_state *state)
{
    const struct kind *kind = context;
    return kind_extracts(kind) ? kind->extractor.part(&kind->extractor, bytes, len, state)
                               : kind->mapper.part(bytes, len);
}

struct parting kind_parting(const struct kind *kind)
{
    return (struct parting){part, kind};
}

bool kind_recognises(const struct kind *kind, const struct options *options)
{
    return !kind_extracts(kind) && !options_tasks(options) && !options->zero_terminated
        && !options->skip_header && options->input_format == OPTIONS_INPUT_FORMAT_AUTO;
}

bool kind_recognise(struct kind *kind, const struct options *options, const uint8_t *head,
                    size_t len)
{
    const struct extractor *found = extractor_of(head, len);
    const bool alone = kind->extractor.alone;
    if (!found || !kind_recognises(kind, options))
        return false;
    kind->extractor = *found;
    kind->extractor.alone = alone;
    return kind->extractor.parse(&kind->extractor);
}

/* Lines of the result, too, where a newline may be in what is counted. */
static bool end_with_nul(struct kind *kind, bool tasks, struct fail *fail)
{
    struct mapper *mapper = &kind->mapper;
    if (tasks || kind_extracts(kind) || !mapper->end)
        return fail_set(fail, FAIL_USAGE,
                        "-z: for lines and single fields of the FILEs themselves");
    mapper->end = '\0';
    mapper->part = lines_part_nul;
    if (mapper->parse && !mapper->field.blanks && mapper->field.separator == mapper->end)
        return fail_set(fail, FAIL_USAGE, "-z: NUL cannot separate fields where it ends lines");
    if (kind->format.escapes)
        kind->format.end = '\0';
    return true;
}

/* Where records are lines, or say what they consist of. */
static bool skip_header(struct kind *kind, bool tasks, struct fail *fail)
{
    if (tasks || (kind_extracts(kind) ? !kind->extractor.headed : !kind->mapper.end))
        return fail_set(fail, FAIL_USAGE, "--skip-header: for lines, fields and --csv");
    kind->mapper.header = !kind_extracts(kind);
    kind->extractor.header = true;
    return true;
}

bool kind_of_options(const struct options *options, struct kind *kind, struct fail *fail)
{
    struct format *format = &kind->format;
    const bool tasks = options_tasks(options);
    if (tasks)
        choose_tasks(kind);
    else if (!kind_choose(options->count, kind))
        return fail_set(
            fail, FAIL_USAGE,
            "--count: '%s' is none of words, lines, field:LIST and field:LIST:SEP, as field:2 or "
            "field:1,3-5:,",
            options->count);
    if (options_weighted(options)) {
        kind->mapper = lines_mapper;
        kind->extractor = (struct extractor){.option = NULL};
    }
    if (tasks && (options->format || options->columns || options->header || options->separator))
        return fail_set(
            fail, FAIL_USAGE,
            "--format, --columns, --header and --output-separator: not for tasks, whose "
            "results are written as they are");
    if ((!tasks && !choose_format(options, format, fail))
        || !choose_extractor(options, &kind->extractor, fail))
        return false;
    if (options->crlf && !tasks && strcmp(kind->name, "words") == 0)
        return fail_set(fail, FAIL_USAGE, "--crlf: for lines, fields and tasks; words end there");
    kind->mapper.crlf = options->crlf && kind->extractor.parse != fields_extractor.parse;
    kind->extractor.crlf = options->crlf;
    if ((options->zero_terminated && !end_with_nul(kind, tasks, fail))
        || (options->skip_header && !skip_header(kind, tasks, fail)))
        return false;
    format->noun = kind->noun;
    format->escape = options->escape;
    format->raw = options->raw;
    format->header = options->header;
    if (format->prepare)
        format->prepare(format);
    return true;
}
