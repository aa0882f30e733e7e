/* SPDX-License-Identifier: BSD-3-Clause */
/* The command of --pre: what it is given, what is read of it, how it ends, and that nothing of it
 * is left. */
#include "input/filter.h"
#include "input/filter_child.h"
#include "input/reader.h"

#include "working.h"

enum { ROOM = 4 << 20 };

static uint8_t text[ROOM];

static struct filter filter_of(const char *command)
{
    return (struct filter){.command = command};
}

/* Reads all that the command prints for a name, in portions of up to `most` bytes. False with the
 * world's failure set. */
static bool read_all(struct world *world, struct filter *filter, const char *name, size_t most,
                     size_t *len)
{
    *len = 0;
    world->fail = (struct fail){0};
    if (!filter_start(filter, name, &world->fail))
        return false;
    for (ssize_t got = 1; got > 0; *len += (size_t)got) {
        assert_true(*len < ROOM);
        if (!filter_read(filter, text + *len, most < ROOM - *len ? most : ROOM - *len, &got,
                         &world->fail))
            return false;
    }
    assert_null(filter->name);
    return true;
}

static void expect(struct world *world, struct filter *filter, const char *name,
                   const char *expected)
{
    size_t len;
    if (!read_all(world, filter, name, ROOM, &len))
        fail_msg("%s: %s", name, world->fail.text);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(text, expected, len);
}

static void all_that_is_printed_is_read(void **state)
{
    struct seeded seeded = {1};
    static const size_t sizes[] = {0, 1, 4095, 4096, 65536, 65537, (1 << 20) + 1, 3000000};
    static uint8_t printed[ROOM];
    struct filter filter = filter_of("cat {}");
    for (size_t i = 0; i < LEN(sizes); i++) {
        size_t len;
        for (size_t at = 0; at < sizes[i]; at++)
            printed[at] = (uint8_t)seeded_below(&seeded, 256);
        assert_true(read_all(*state, &filter, folder_put("printed", printed, sizes[i]),
                             sizes[i] < 9999 ? 1 + seeded_below(&seeded, 99) : ROOM, &len));
        assert_int_equal(len, sizes[i]);
        assert_memory_equal(text, printed, len);
    }
    filter_stop(&filter);
}

static void a_name_is_one_word_and_never_interpreted(void **state)
{
    static const char *const names[] = {"a b", "it's",     "\"", "$(echo no)", "*",  "~",
                                        "\\",  "a;b|c&d",  "{}", "a\nb\n",     "-n", "#",
                                        "$1",  "s3://b/k", ">x", "\xff\xfe"};
    static const char *const commands[] = {"printf '<%s>' {}", "printf '<%s>'", "printf '<{}>'"};
    for (size_t c = 0; c < 2; c++) {
        struct filter filter = filter_of(commands[c]);
        for (size_t i = 0; i < LEN(names); i++) {
            char expected[64];
            snprintf(expected, sizeof expected, "<%s>", names[i]);
            expect(*state, &filter, names[i], expected);
        }
        filter_stop(&filter);
    }
    struct filter quoted = filter_of(commands[2]);
    expect(*state, &quoted, "it's", "<it's>");
    filter_stop(&quoted);
}

static void a_command_that_fails_is_a_failure_of_its_file(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *command, *reason;
    } rows[] = {
        {"echo some; exit 3", "name: --pre: exit 3"},
        {"exit 3; {}", "name: --pre: exit 3"},
        {"kill -9 $$", "name: --pre: killed by signal 9 (Killed)"},
        {"kill -PIPE $$", "name: --pre: killed by signal 13 (Broken pipe)"},
        {"echo first >&2; echo last >&2; exit 1", "name: --pre: exit 1: last"},
        {"yes | head -c 3000000; exit 5; {}", "name: --pre: exit 5"},
        {"exec >&-; sleep 0.1; exit 6; {}", "name: --pre: exit 6"},
    };
    size_t len;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct filter filter = filter_of(rows[i].command);
        assert_false(read_all(world, &filter, "name", ROOM, &len));
        assert_int_equal(world->fail.code, FAIL_INPUT);
        assert_string_equal(world->fail.text, rows[i].reason);
        filter_stop(&filter);
    }
    struct filter missing = filter_of("./no-such-program");
    assert_false(read_all(world, &missing, "name", ROOM, &len));
    assert_non_null(strstr(world->fail.text, "name: --pre: exit 127: "));
    assert_non_null(strstr(world->fail.text, "no-such-program"));
    filter_stop(&missing);
}

static void after_a_failure_the_next_command_is_not_given_the_rest(void **state)
{
    size_t len;
    struct filter filter = filter_of("case {} in bad) yes | head -c 900000; exit 1; esac; echo {}");
    for (int i = 0; i < 3; i++) {
        assert_false(read_all(*state, &filter, "bad", 10, &len));
        expect(*state, &filter, "good", "good\n");
    }
    filter_stop(&filter);
}

static void a_command_reads_nothing(void **state)
{
    struct filter filter = filter_of("cat; echo {}");
    expect(*state, &filter, "name", "name\n");
    filter_stop(&filter);
}

/* What a shell leaves behind is waited for, unless it has a session of its own. */
static void what_stays_behind_is_waited_for_or_ended(void **state)
{
    struct filter filter = filter_of("(sleep 0.3; echo late) & setsid sleep 1111111 & echo {}");
    expect(*state, &filter, "name", "name\nlate\n");
    assert_true(working_reaches("1111111", 0));
    filter_stop(&filter);
}

static void a_command_that_is_stopped_is_ended_with_all_it_started(void **state)
{
    struct world *world = *state;
    ssize_t got;
    for (int i = 0; i < 40; i++) { /* who sees which end first is a matter of chance */
        struct filter filter = filter_of("(setsid sleep 2222222; :) & yes {}");
        assert_true(filter_start(&filter, "name", &world->fail));
        assert_true(filter_read(&filter, text, 5, &got, &world->fail));
        assert_true(got > 0);
        assert_true(working_reaches("2222222", 1));
        filter_stop(&filter);
        filter_stop(&filter);
        assert_true(working_reaches("2222222", 0));
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie */
    }
    struct filter next = filter_of("echo {}");
    expect(world, &next, "name", "name\n");
    filter_stop(&next);
}

static void nothing_outlives_the_rank_here_either(void **state)
{
    struct world *world = *state;
    pid_t rank = fork();
    if (rank == 0) {
        struct filter filter = filter_of("sleep 3333333; {}");
        filter_start(&filter, "name", &world->fail);
        for (;;)
            pause();
    }
    assert_true(working_reaches("3333333", 1));
    kill(rank, SIGKILL);
    assert_int_equal(waitpid(rank, NULL, 0), rank);
    assert_true(working_reaches("3333333", 0));
}

/* Here because a folder is in the place of the pipe, which nobody can read. */
static void what_cannot_be_read_is_no_end(void **state)
{
    struct world *world = *state;
    size_t len;
    ssize_t got;
    struct filter filter = filter_of("cat {}");
    expect(world, &filter, "/dev/null", "");
    assert_true(filter_start(&filter, "/dev/null", &world->fail));
    const int folder = open("/", O_RDONLY | O_DIRECTORY);
    assert_int_equal(dup2(folder, filter.output), filter.output);
    close(folder);
    assert_false(filter_read(&filter, text, ROOM, &got, &world->fail));
    assert_int_equal(world->fail.code, FAIL_INPUT);
    assert_string_equal(world->fail.text, "/dev/null: --pre: Is a directory");
    assert_true(read_all(world, &filter, "/dev/null", ROOM, &len));
    filter_stop(&filter);
}

static void a_process_that_is_lost_is_a_failure_and_made_anew(void **state)
{
    struct world *world = *state;
    size_t len;
    struct filter filter = filter_of("echo {}");
    expect(world, &filter, "name", "name\n");
    kill(filter.process.pid, SIGKILL);
    assert_false(read_all(world, &filter, "name", ROOM, &len));
    assert_int_equal(world->fail.code, FAIL_INPUT);
    assert_non_null(strstr(world->fail.text, "name: --pre: "));
    expect(world, &filter, "name", "name\n");
    filter_stop(&filter);
}

static void count_idle(void *context)
{
    ++*(int *)context;
}

static void others_get_their_turn_while_nothing_comes(void **state)
{
    int turns = 0;
    struct filter filter = {.command = "sleep 0.3; echo {}", .idle = count_idle, .context = &turns};
    expect(*state, &filter, "name", "name\n");
    assert_true(turns > 2);
    filter_stop(&filter);
}

static void descriptors_do_not_grow_with_commands(void **state)
{
    struct filter filter = filter_of("ls /proc/self/fd | wc -l; : {}");
    char first[16];
    size_t len;
    assert_true(read_all(*state, &filter, "name", ROOM, &len));
    snprintf(first, sizeof first, "%.*s", (int)len, text);
    int before = dup(0);
    close(before);
    for (int i = 0; i < 100; i++)
        expect(*state, &filter, "name", first);
    int after = dup(0);
    close(after);
    assert_int_equal(after, before);
    filter_stop(&filter);
}

/* How a reader gives the text: decoded, or refused. */
static bool read_text(struct world *world, struct filter *filter, size_t *len)
{
    const struct catalog_file entry = {.bytes = 1, .encoded = true, .filter = filter};
    struct reader reader;
    bool ended = false;
    world->fail = (struct fail){0};
    bool ok = reader_open(&reader, &world->mem, "name", &entry, false, &world->fail)
           && reader_read(&reader, text, ROOM, len, &ended, &world->fail);
    assert_true(!ok || ended);
    reader_close(&reader);
    filter_stop(filter);
    return ok;
}

static void what_is_printed_is_looked_at_as_a_file_is(void **state)
{
    struct world *world = *state;
    size_t len;
    struct filter packed = filter_of("echo {} | gzip"),
                  cut = filter_of("echo {} | gzip | head -c 9"),
                  fails = filter_of("echo {} | gzip; exit 1"),
                  zip = filter_of("printf 'PK\\003\\004'"),
                  any = {.command = "printf 'PK\\003\\004'", .any_format = true};
    assert_true(read_text(world, &packed, &len));
    assert_int_equal(len, 5);
    assert_memory_equal(text, "name\n", 5);
    assert_false(read_text(world, &cut, &len));
    assert_non_null(strstr(world->fail.text, "damaged gzip data"));
    assert_false(read_text(world, &fails, &len));
    assert_string_equal(world->fail.text, "name: --pre: exit 1");
    assert_false(read_text(world, &zip, &len));
    assert_non_null(strstr(world->fail.text, "name: what --pre prints is a zip archive"));
    assert_true(read_text(world, &any, &len));
    assert_int_equal(len, 4);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        folder_test(all_that_is_printed_is_read),
        world_test(a_name_is_one_word_and_never_interpreted),
        world_test(a_command_that_fails_is_a_failure_of_its_file),
        world_test(after_a_failure_the_next_command_is_not_given_the_rest),
        world_test(a_command_reads_nothing),
        world_test(what_stays_behind_is_waited_for_or_ended),
        world_test(a_command_that_is_stopped_is_ended_with_all_it_started),
        world_test(nothing_outlives_the_rank_here_either),
        world_test(what_cannot_be_read_is_no_end),
        world_test(a_process_that_is_lost_is_a_failure_and_made_anew),
        world_test(others_get_their_turn_while_nothing_comes),
        world_test(descriptors_do_not_grow_with_commands),
        world_test(what_is_printed_is_looked_at_as_a_file_is),
    };
    if (filter_child_wanted(argc, argv))
        return filter_child_main(argc, argv);
    signal(SIGPIPE, SIG_IGN); /* as the program does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
