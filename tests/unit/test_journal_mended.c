/* SPDX-License-Identifier: BSD-3-Clause */
/* With which command and inputs a journal goes on. */
#include "store/journal.h"

#include "journaled.h"

#include <sqlite3.h>

static void open_with(struct world *world, struct manifest with, const char *refusal)
{
    struct journal journal;
    bool ok = journal_open(&journal, path(), &with, &world->fail);
    journal_close(&journal);
    if (refusal) {
        assert_false(ok);
        assert_int_equal(world->fail.code, FAIL_USAGE);
        assert_string_equal(strstr(world->fail.text, ": is "), refusal);
    } else if (!ok) {
        fail_msg("%s", world->fail.text);
    }
    world->fail = (struct fail){0};
}

static void inputs_are_kept_for_people_and_not_compared(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *inputs, *rows;
    } starts[] = {{"input-1=a, 5 bytes\n", "exec|true\ncollect|order\ninput-1|a, 5 bytes\n"},
                  {"input-1=a, 9 bytes\ninput-2=b\n=c, 1 bytes\n",
                   "exec|true\ncollect|order\ninput-1|a, 9 bytes\ninput-2|b\n|c, 1 bytes\n"},
                  {"input-1=-, 0 bytes\n", "exec|true\ncollect|order\ninput-1|-, 0 bytes\n"},
                  {"", "exec|true\ncollect|order\n"}};
    for (size_t i = 0; i < LEN(starts); i++) {
        struct manifest with = {"exec=true\n", "collect=order\n", starts[i].inputs, i == 2};
        open_with(world, with, NULL);
        assert_string_equal(asked("select * from run"), starts[i].rows);
    }
    assert_string_equal(asked("select count(*) from start"), "4\n");
}

static void another_command_is_refused_unless_it_is_mended(void **state)
{
    struct world *world = *state;
    static const char *const commands[] = {
        "task=\nexec=a\ntask-arguments=\n", "task=\nexec=b\ntask-arguments=\n",
        "task=\nexec=b\n=c\ntask-arguments=\n", "task=squares\nexec=\ntask-arguments=x\n",
        "task=squares\nexec=\ntask-arguments=\n"};
    static const char *const differences[] = {
        NULL, "there exec=a, here exec=b", "there task-arguments=, here =c",
        "there task=, here task=squares", "there task-arguments=x, here task-arguments="};
    static const char *const back[] = {
        NULL, "there exec=b, here exec=a",
        "there =c, here task-arguments=", "there task=squares, here task=", NULL};
    char refusal[200];
    for (size_t i = 0; i < LEN(commands); i++) {
        struct manifest with = {commands[i], "collect=order\n", "input-1=a\n", false};
        snprintf(refusal, sizeof refusal,
                 ": is the journal of another run: %s (--mended goes on with another command)",
                 differences[i] ? differences[i] : "");
        open_with(world, with, differences[i] ? refusal : NULL);
        with.mended = true;
        with.fixed = "collect=sum\n";
        if (i > 0)
            open_with(world, with,
                      ": is the journal of another run: there collect=order, here collect=sum");
        with.fixed = "collect=order\n";
        open_with(world, with, NULL);
        with.mended = false;
        open_with(world, with, NULL); /* it is the command of the journal from then on */
        if (back[i]) {
            with.command = commands[i - 1];
            snprintf(refusal, sizeof refusal,
                     ": is the journal of another run: %s (--mended goes on with another command)",
                     back[i]);
            open_with(world, with, refusal);
        }
    }
    assert_string_equal(asked("select * from run"),
                        "task|squares\nexec|\ntask-arguments|\ncollect|order\ninput-1|a\n");
}

/* What is refused changes nothing. */
static void a_refusal_leaves_the_journal_as_it_was(void **state)
{
    struct world *world = *state;
    open_with(world, (struct manifest){"exec=a\n", "collect=order\n", "input-1=a\n", false}, NULL);
    open_with(world, (struct manifest){"exec=b\n", "collect=order\n", "input-1=b\n", false},
              ": is the journal of another run: there exec=a, here exec=b"
              " (--mended goes on with another command)");
    open_with(world, (struct manifest){"exec=b\n", "collect=sum\n", "input-1=b\n", true},
              ": is the journal of another run: there collect=order, here collect=sum");
    assert_string_equal(asked("select * from run"), "exec|a\ncollect|order\ninput-1|a\n");
    assert_string_equal(asked("select count(*) from start"), "1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(inputs_are_kept_for_people_and_not_compared),
        folder_test(another_command_is_refused_unless_it_is_mended),
        folder_test(a_refusal_leaves_the_journal_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
