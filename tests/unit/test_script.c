/* SPDX-License-Identifier: BSD-3-Clause */
/* Scripts: whatever a task is and wherever {} stands, the shells there are hand it on as one word,
 * or the command is refused before anything runs. */
#include "host/script.h"

#include "world_in_folder.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_BYTES = 4096 };

static const char *const shells[] = {"/bin/sh", "/bin/bash"};

enum { ALL = SCRIPT_TASK | SCRIPT_NUMBER | SCRIPT_COLUMNS, COLUMNS = 12 };

/* What the places of a command are filled with. */
struct words {
    const char *task, *number, *columns[COLUMNS];
};

/* What a shell prints, with OUTPUT_BYTES of room; its exit status. */
static int run_words(const char *shell, const char *script, const struct words *words, char *output)
{
    const char *arguments[4 + 2 + COLUMNS + 1] = {"sh", "-c",        script,
                                                  "sh", words->task, words->number};
    for (size_t i = 0; i < COLUMNS; i++)
        arguments[6 + i] = words->columns[i];
    int ends[2], status;
    ssize_t len = 0, got;
    assert_int_equal(pipe(ends), 0);
    const pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        execv(shell, (char *const *)(uintptr_t)arguments);
        _exit(126);
    }
    close(ends[1]);
    while ((got = read(ends[0], output + len, OUTPUT_BYTES - 1 - (size_t)len)) > 0)
        len += got;
    close(ends[0]);
    output[len] = '\0';
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int run(const char *shell, const char *script, const char *task, char *output)
{
    return run_words(shell, script, &(struct words){.task = task}, output);
}

/* The text with the task for each @, as a command is expected to print it. */
static void fill(const char *text, const char *task, char *filled)
{
    char *at = filled;
    for (; *text; text++)
        if (*text == '@')
            at = stpcpy(at, task);
        else
            *at++ = *text;
    *at = '\0';
}

struct row {
    const char *command, *prints;
};

/* The command prints what it is expected to, with `shown` for each @. */
static void expect_words(const struct row *row, const struct words *words, unsigned places,
                         const char *shown)
{
    char output[OUTPUT_BYTES], expected[OUTPUT_BYTES];
    struct fail fail = {0};
    struct script script;
    if (!script_make(&script, row->command, places, &fail) || !script.text)
        fail_msg("%s: %s", row->command, fail.code ? fail.text : "has no place");
    fill(row->prints, shown, expected);
    for (size_t i = 0; i < LEN(shells); i++) {
        if (access(shells[i], X_OK) != 0)
            continue;
        const int status = run_words(shells[i], script.text, words, output);
        if (status != 0 || strcmp(output, expected) != 0)
            fail_msg("%s: %s\nof '%s' is, with status %d, '%s'", shells[i], script.text, shown,
                     status, output);
    }
    script_free(&script);
}

static void expect(const struct row *row, const char *task)
{
    expect_words(row, &(struct words){.task = task}, SCRIPT_TASK, task);
}

/* A command with another place for each {}. */
static const char *replace(const char *command, const char *place, char *replaced)
{
    char *at = replaced;
    while (*command)
        if (strncmp(command, "{}", 2) == 0) {
            at = stpcpy(at, place);
            command += 2;
        } else {
            *at++ = *command++;
        }
    *at = '\0';
    return replaced;
}

/* And so do its number and its columns, where there are such places. */
static void expect_everywhere(const struct row *row, const char *task)
{
    struct words words = {task, "42", {"x"}};
    char command[OUTPUT_BYTES], prints[OUTPUT_BYTES];
    struct row other = {command, prints};
    for (size_t i = 0; i < COLUMNS; i++)
        words.columns[i] = i == 1 || i == 11 ? task : "no";
    expect(row, task);
    expect_words(row, &words, ALL, task);
    replace(row->command, "{2}", command);
    replace(row->prints, "{2}", prints);
    expect_words(&other, &words, ALL, task);
    replace(row->command, "{12}", command);
    replace(row->prints, "{12}", prints);
    expect_words(&other, &words, SCRIPT_COLUMNS, task);
    replace(row->command, "{#}", command);
    replace(row->prints, "{#}", prints);
    words.columns[0] = NULL; /* they are not in it */
    expect_words(&other, &words, ALL, "42");
}

static void the_task_is_one_word_wherever_it_stands(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"printf '[%s]' {} a{}b {}{}", "[@][a@b][@@]"},
        {"printf '[%s]' \"{}\" \"a {} b\" \"\\\"{}\" \"\\{}\" \\{} '\\'{}",
         "[@][a @ b][\"@][{}][{}][\\@]"},
        {"printf '[%s]' '{}' 'a {} b' '\"'{}'\"' \\'{}", "[@][a @ b][\"@\"]['@]"},
        {"printf '[%s]' $# \"$#{}\" # {} it's \"\nprintf '(%s)' {}", "[0][0@](@)"},
        {"printf '[%s]' \"$(printf '<%s>' '{}' {} \"{}\" \"'{}'\")\"", "[<@><@><@><'@'>]"},
        {"printf '[%s]' \"$(printf '%s' \"$(printf '<%s>' {})\" '{}')\" {}", "[<@>@][@]"},
        {"printf '[%s]' \"$( (printf %s {}); printf %s '{}' )\" '{}'", "[@@][@]"},
        {"printf '[%s]' \"$(echo a # ' ) {}\n)\" {}", "[a][@]"},
        {"x=`printf %s {}`; printf '[%s]' \"$x\" {}", "[@][@]"},
        {"x=`printf %s '{}' \"{}\"`; printf '[%s]' \"$x\"", "[@@]"},
        {"cat <<END\n{} '{}' \"{}\" \\{}\nEND\nprintf %s {}", "@ '@' \"@\" {}\n@"},
        {"cat <<-END; printf %s {}\n\t{} it's\n\tEND\nprintf '(%s)' '{}'", "@ it's\n@(@)"},
        {"cat <<'END'; printf %s {}\n$(no) `\nEND\nprintf '(%s)' '{}'", "$(no) `\n@(@)"},
        {"cat <<END\n$(printf '<%s>' {} \"{}\")\nEND", "<@><@>\n"},
        {"printf '[%s]' \"$(cat <<END\n{}\nEND\n)\" {}", "[@][@]"},
        {"f() { printf '[%s]' \"$1\" {}; }; f x", "[x][@]"},
        {"x={}; printf '[%s]' \"${x:-no}\" \"${x#\"$x\"}\" {}", "[@][][@]"},
        {"case {} in {}) printf '[%s]' {};; *) exit 1;; esac", "[@]"},
        {"printf '[%s]' \"$((1+2))\" {} $(( (1+2)*2 )) '{}'", "[3][@][6][@]"},
        {"[ {} = '{}' ] && printf '[%s]' \"${#}\" {}", "[0][@]"},
    };
    static const char *const tasks[] = {
        "1",          "a b",       "a\tb",     "it's",   "\"",  "\\", "\\\\",
        "$(echo no)", "`echo no`", "$x",       "${x",    "*",   "?",  "[a-z]",
        "~",          "-n",        ";echo no", "&",      "|",   "#",  "a # b",
        "{}",         "\\{}",      "(",        ")",      "!",   "%s", "\xc3\xa9\xff",
        "a\\nb",      "' '",       "END",      "$((1))", "a=b",
    };
    for (size_t i = 0; i < LEN(rows); i++)
        for (size_t task = i % 3; task < LEN(tasks); task += 3) /* all of them with some row */
            expect_everywhere(&rows[i], tasks[task]);
}

static void in_arithmetic_it_is_a_number(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"echo $(({}))", "@\n"},
        {"echo \"$(( ({}) + 0 ))\" {}", "@ @\n"},
        {"echo $(( $(echo {}) * (2 - 1) ))", "@\n"},
    };
    static const char *const numbers[] = {"0", "7", "-7", "123456789"};
    static const char *const others[] = {"", "x", "1 1", "1;", "--1", "1-1", "-"};
    for (size_t i = 0; i < LEN(rows); i++)
        for (size_t task = 0; task < LEN(numbers); task++)
            expect_everywhere(&rows[i], numbers[task]);
    struct fail fail = {0};
    struct script script;
    char output[OUTPUT_BYTES], element[300];
    assert_true(script_make(&script, "echo $(({}))", SCRIPT_TASK, &fail));
    snprintf(element, sizeof element, "a[$(touch %s)]", folder_path("spied")); /* bash would */
    for (size_t i = 0; i < LEN(shells); i++) {
        if (access(shells[i], X_OK) != 0)
            continue;
        for (size_t task = 0; task < LEN(others); task++)
            assert_int_not_equal(run(shells[i], script.text, others[task], output), 0);
        assert_int_not_equal(run(shells[i], script.text, element, output), 0);
    }
    assert_int_not_equal(access(folder_path("spied"), F_OK), 0);
    script_free(&script);
}

static void expect_refused(const char *command, unsigned places, const char *text)
{
    struct fail fail = {0};
    struct script script;
    if (script_make(&script, command, places, &fail))
        fail_msg("%s", command);
    assert_null(script.text);
    assert_int_equal(fail.code, FAIL_USAGE);
    if (!strstr(fail.text, text))
        fail_msg("%s: %s", command, fail.text);
    fail = (struct fail){0};
    assert_false(script_check(command, places, &fail));
}

static void where_it_cannot_be_the_task_it_is_refused(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "echo ${x:-{}}",
        "echo \"${x#{}}\"",
        "echo \"${x:-\"{}\"}\"",
        "echo \"${x:-$(echo {})}\"",
        "echo \"`echo {}`\"",
        "echo `echo '`' {}`",
        "echo `echo \"`\" {}`",
        "echo `# ` {}",
        "echo $'it\\'s' {}",
        "echo $(case x in x) echo {};; esac)",
        "cat <<'END'\n{}\nEND",
        "cat <<\"END\"\n{}\nEND",
        "cat <<\\END\n{}\nEND",
        "cat <<A <<'B'\n\nA\n{}\nB",
        "cat <<{}\nx\n{}",
        "cat <<END\n{}",
        "cat <<END\n{}\nEND \n",
        "((1<<2))\necho {}",
        "(( {} ))",
        "((x = {})); echo $x",
        "true && ((echo {}); echo b)",
        "cat <<END\n$(echo\necho {})\nEND",
        "echo $((echo a); (echo b)) {}",
        "cat <<END $(echo -\n)\n{}\nEND\n",
        "echo $(cat <<END)\nEND\n{}",
    };
    for (size_t i = 0; i < LEN(commands); i++) {
        char command[OUTPUT_BYTES];
        expect_refused(commands[i], SCRIPT_TASK, "{} cannot be the task ");
        expect_refused(replace(commands[i], "{#}", command), ALL,
                       "{#} cannot be the task's number ");
        expect_refused(replace(commands[i], "{7}", command), ALL,
                       "{7} cannot be the task's column ");
    }
}

static void without_a_place_there_is_no_script(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        unsigned places;
    } rows[] = {
        {"cat", ALL},
        {"{ }", ALL},
        {"", ALL},
        {"echo ${x} `y` $'z' <<END", ALL},
        {"echo {#} {1}", SCRIPT_TASK},
        {"echo {1} {99}", SCRIPT_TASK | SCRIPT_NUMBER},
        {"echo {} {#}", SCRIPT_COLUMNS},
        {"echo {0} {01} {100} {1 } {1,2} {a} {#x}", ALL},
        {"echo ${#} ${1} ${#x} '${1} ${#}'", ALL},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct fail fail = {0};
        struct script script;
        assert_true(script_make(&script, rows[i].command, rows[i].places, &fail));
        assert_null(script.text);
        assert_false(script.task || script.columns > 0);
        assert_true(script_check(rows[i].command, rows[i].places, &fail));
    }
}

static void it_says_what_it_needs(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        bool task;
        unsigned columns;
    } rows[] = {
        {"echo {}", true, 0},        {"echo {#}", false, 0},     {"echo {2} {7} {3}", true, 7},
        {"echo \\{} {#}", false, 0}, {"echo {99}", true, 99},    {"echo \\{1} \\{#}", false, 0},
        {"echo ${1} {}", true, 0},   {"echo ${1} {1}", true, 1},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct fail fail = {0};
        struct script script;
        assert_true(script_make(&script, rows[i].command, ALL, &fail));
        assert_non_null(script.text);
        assert_int_equal(script.task, rows[i].task);
        assert_int_equal(script.columns, rows[i].columns);
        script_free(&script);
        script_free(&script);
    }
}

static void words_of_all_kinds_stand_together(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"printf '[%s]' {} {#} {1} {2} {12}", "[a b,c][7][a b][c][it's]"},
        {"printf '[%s]' \"{1}-{#}\" '{2}{}' \\{1} \"\\{#}\" ${#} \"${#}\" $#",
         "[a b-7][ca b,c][{1}][{#}][0][0][0]"},
        {"echo $(({#} * 2)) $(({3} + {#}))", "14 12\n"},
        {"set -- x y; echo $# ${#} \"${1}\" {1}", "2 2 x a b\n"},
        {"x=abc; echo ${#x} {#}", "3 7\n"},
        {"printf '[%s]' $\\{1} $\\{#} {2}", "[${1}][${#}][c]"},
        {"set -- x; printf '[%s]' \"$\\{1}\" {2}", "[$\\{1}][c]"},
        {"( (echo {#}); echo {2} )", "7\nc\n"},
    };
    const struct words words = {
        "a b,c", "7", {"a b", "c", "5", "", "", "", "", "", "", "", "", "it's"}};
    for (size_t i = 0; i < LEN(rows); i++)
        expect_words(&rows[i], &words, ALL, "@");
}

/* Tasks that tell when they are run, and one that is not the same when it is cut into words. */
static void make_spies(char spies[3][600])
{
    const char *spied = folder_path("spied");
    snprintf(spies[0], 600, "$(touch %s)`touch %s`;touch %s;'\"", spied, spied, spied);
    snprintf(spies[1], 600, "a[$(touch %s)]", spied);
    strcpy(spies[2], "p  q");
}

/* Commands of pieces in any order, whatever they make together: such a one is refused, or runs
 * nothing of a task, and where it has no command within a command, whose output a shell cuts, a
 * task is printed as it is or not at all. */
static void any_command_is_refused_or_has_the_task(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "{}",    "{}",           " ",     " ",     "\n",      "'",
        "\"",    "\"",           "\\",    "`",     "$(",      ")",
        "$((",   "))",           "${x:-", "}",     "(",       "#",
        "echo ", "echo ",        ";",     "<<E\n", "<<'E'\n", "\nE\n",
        "$'",    "case x in x)", "esac",  "a",     "1",       "$",
        "{",     "\\{}"};
    char spies[3][600];
    struct seeded seeded = {7};
    size_t made = 0, printed = 0;
    make_spies(spies);
    for (int round = 0; round < 1500; round++) {
        char command[256] = "exec </dev/null; echo ";
        char output[OUTPUT_BYTES];
        struct fail fail = {0};
        struct script script;
        for (size_t left = 1 + seeded_below(&seeded, 9); left > 0; left--)
            strcat(command, pieces[seeded_below(&seeded, LEN(pieces))]);
        if (!script_make(&script, command, SCRIPT_TASK, &fail) || !script.text)
            continue;
        made++;
        run(shells[made % 2], script.text, spies[made / 2 % 3], output);
        if (access(folder_path("spied"), F_OK) == 0
            || (strstr(output, "p q") && !strstr(command, "$(") && !strchr(command, '`')))
            fail_msg("%s", script.text);
        printed += strstr(output, "p  q") != NULL;
        script_free(&script);
    }
    print_message("# %zu made, %zu printed\n", made, printed);
    assert_true(made > 100 && printed > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_task_is_one_word_wherever_it_stands),
        folder_test(in_arithmetic_it_is_a_number),
        cmocka_unit_test(where_it_cannot_be_the_task_it_is_refused),
        cmocka_unit_test(without_a_place_there_is_no_script),
        cmocka_unit_test(it_says_what_it_needs),
        cmocka_unit_test(words_of_all_kinds_stand_together),
        folder_test(any_command_is_refused_or_has_the_task),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
