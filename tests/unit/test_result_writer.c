/* SPDX-License-Identifier: BSD-3-Clause */
/* Results on rank 0: in the order of the tasks or as they come, whole, and no others. */
#include "stage/result_writer.h"

#include "env.h"

#include "world_in_folder.h"

#include <inttypes.h>

enum { MEMORY_BYTES = 32 << 20, TASKS = 500 };

/* A writer, whose output is the file `out` of the folder. */
struct fixture {
    struct env env;
    struct output output;
    struct ledger ledger;
    struct result_writer writer;
    XXH3_state_t *checksum;
};

static struct fixture *begin(struct options options)
{
    static struct fixture fixture;
    struct env *env = &fixture.env;
    memset(&fixture, 0, sizeof fixture);
    options.verify = true;
    env->options = options;
    env->mem.limit_bytes = env->budget.memory_bytes = MEMORY_BYTES;
    env->kind.format = (struct format){.raw = options.raw, .escape = options.escape};
    fixture.checksum = XXH3_createState();
    XXH3_64bits_reset(fixture.checksum);
    assert_true(output_create(&fixture.output, folder_path("out"), &env->fail));
    result_writer_init(&fixture.writer, env, &env->options, &fixture.output, NULL,
                       fixture.checksum);
    fixture.writer.ledger = &fixture.ledger;
    return &fixture;
}

/* Gives the output its name, and compares it. */
static void end(struct fixture *fixture, uint64_t tasks, uint64_t failed, const char *expected)
{
    struct fail *fail = &fixture->env.fail;
    const uint64_t bytes = fixture->writer.bytes + fixture->writer.text.len;
    size_t len = 0;
    assert_true(result_writer_flush(&fixture->writer));
    if (!result_writer_check(&fixture->writer, tasks, failed)
        || !output_commit(&fixture->output, bytes, fail))
        fail_msg("%s", fail->text);
    uint8_t *got = folder_get(folder_path("out"), &len);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(got, expected, len);
    assert_true(XXH3_64bits_digest(fixture->checksum) == XXH3_64bits(expected, len));
    free(got);
    result_writer_free(&fixture->writer);
    output_close(&fixture->output);
    XXH3_freeState(fixture->checksum);
    assert_int_equal(fixture->env.mem.used_bytes, 0);
}

/* Appends the frame of a result. */
static size_t frame(uint8_t *frames, size_t len, const char *text)
{
    const struct frame frame = {VALUE_KIND_RESULT, NULL, strlen(text), FRAME_PRINTED};
    frame_write_header(frames + len, &frame);
    memcpy(frames + len + FRAME_HEADER_BYTES, text, frame.len);
    return len + FRAME_HEADER_BYTES + frame.len;
}

static struct task_reader_task task(uint64_t number)
{
    return (struct task_reader_task){.number = number, .offset = 10 * number};
}

/* A task is done, and has printed these texts. */
static void add(struct fixture *fixture, uint64_t number, const char *first, const char *second)
{
    uint8_t frames[256];
    size_t len = first ? frame(frames, 0, first) : 0;
    len = second ? frame(frames, len, second) : len;
    const struct ledger_entry entry = {
        .task = task(number), .done = true, .frames = frames, .frames_len = len};
    if (!result_writer_add(&fixture->writer, &entry))
        fail_msg("%s", fixture->env.fail.text);
}

static void in_the_order_of_the_tasks(void **state)
{
    (void)state;
    struct fixture *fixture = begin((struct options){0});
    add(fixture, 3, "c\n", "cc");
    add(fixture, 2, NULL, NULL);
    assert_true(result_writer_skip(&fixture->writer, &(struct task_reader_task){.number = 5}));
    assert_int_equal(fixture->writer.tasks, 0);
    add(fixture, 1, "a\n", NULL);
    assert_int_equal(fixture->writer.tasks, 3);
    add(fixture, 4, "", NULL);
    add(fixture, 6, "f\n\n", NULL);
    assert_int_equal(fixture->writer.results, 5);
    assert_int_equal(fixture->writer.tally.tokens, 5);
    end(fixture, 6, 1, "a\nc\ncc\n\nf\n\n");
}

static void as_they_come(void **state)
{
    (void)state;
    struct fixture *fixture = begin((struct options){.unordered = true});
    add(fixture, 3, "c\n", "cc");
    add(fixture, 1, "a", NULL);
    assert_true(result_writer_skip(&fixture->writer, &(struct task_reader_task){.number = 2}));
    end(fixture, 3, 1, "c\ncc\na\n");
}

static void byte_for_byte_escaped_or_only_the_first(void **state)
{
    (void)state;
    struct fixture *fixture = begin((struct options){.raw = true});
    add(fixture, 2, "b", "\n");
    add(fixture, 1, "a\n", NULL);
    end(fixture, 2, 0, "a\nb\n");
    fixture = begin((struct options){.escape = ESCAPE_CONTROL});
    add(fixture, 2, "b\033\n", NULL);
    add(fixture, 1, "a\\", NULL);
    end(fixture, 2, 0, "a\\\\\nb\\x1b\n");
    fixture = begin((struct options){.top = 2});
    add(fixture, 2, "b", "c");
    add(fixture, 1, "a", NULL);
    assert_int_equal(fixture->writer.left, 1);
    end(fixture, 2, 0, "a\nb\n");
}

/* A line of a random length, the same for the same task. */
static size_t line_of(uint64_t number, char *text)
{
    struct seeded seeded = {number};
    const size_t len = seeded_below(&seeded, 100000);
    memset(text, 'a' + (int)(number % 26), len);
    text[len] = '\0';
    return len;
}

/* More than the memory for what waits; those of a journal are fetched from there. */
static void more_than_memory_holds(void **state)
{
    (void)state;
    static char line[100001], expected[TASKS * 100001];
    static uint8_t frames[FRAME_HEADER_BYTES + 100001];
    for (int journal = 0; journal < 2; journal++) {
        const struct manifest run = {.command = "", .fixed = "", .inputs = ""};
        struct fixture *fixture = begin((struct options){0});
        size_t expected_len = 0;
        fixture->ledger.open = journal
                            && journal_open(&fixture->ledger.journal, folder_path("journal"), &run,
                                            &fixture->env.fail);
        for (uint64_t number = TASKS; number > 0; number--) {
            line_of(number, line);
            const struct ledger_entry entry = {.task = task(number),
                                               .done = true,
                                               .frames = frames,
                                               .frames_len = frame(frames, 0, line)};
            const struct journal_entry row = {.offset = entry.task.offset,
                                              .done = true,
                                              .frames = frames,
                                              .frames_len = entry.frames_len};
            assert_true(!journal
                        || journal_add(&fixture->ledger.journal, &row, &fixture->env.fail));
            assert_true(result_writer_add(&fixture->writer, &entry));
        }
        for (uint64_t number = 1; number <= TASKS; number++) {
            expected_len += line_of(number, expected + expected_len);
            expected[expected_len++] = '\n';
        }
        expected[expected_len] = '\0';
        assert_true(fixture->env.mem.peak_bytes < MEMORY_BYTES / 8);
        assert_true(expected_len > MEMORY_BYTES / 4);
        end(fixture, TASKS, 0, expected);
        ledger_close(&fixture->ledger);
    }
}

static void what_is_missing_is_noticed(void **state)
{
    (void)state;
    struct fixture *fixture = begin((struct options){0});
    add(fixture, 1, "a", NULL);
    add(fixture, 3, "c", NULL);
    assert_false(result_writer_check(&fixture->writer, 3, 0));
    assert_int_equal(fixture->env.fail.code, FAIL_VERIFY);
    fixture->env.fail = (struct fail){0};
    add(fixture, 2, "b", NULL);
    assert_false(result_writer_check(&fixture->writer, 3, 1));
    fixture->env.fail = (struct fail){0};
    end(fixture, 3, 0, "a\nb\nc\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(in_the_order_of_the_tasks),
        folder_test(as_they_come),
        folder_test(byte_for_byte_escaped_or_only_the_first),
        folder_test(more_than_memory_holds),
        folder_test(what_is_missing_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
