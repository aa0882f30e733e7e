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

/* What a shell prints for a task, with OUTPUT_BYTES of room; its exit status. */
static int run(const char *shell, const char *script, const char *task, char *output)
{
    int ends[2], status;
    ssize_t len = 0, got;
    assert_int_equal(pipe(ends), 0);
    const pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl(shell, "sh", "-c", script, "sh", task, NULL);
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

static void expect(const struct row *row, const char *task)
{
    char output[OUTPUT_BYTES], expected[OUTPUT_BYTES];
    struct fail fail = {0};
    bool none;
    char *script = script_make(row->command, &none, &fail);
    if (!script)
        fail_msg("%s: %s", row->command, none ? "has no {}" : fail.text);
    fill(row->prints, task, expected);
    for (size_t i = 0; i < LEN(shells); i++) {
        if (access(shells[i], X_OK) != 0)
            continue;
        const int status = run(shells[i], script, task, output);
        if (status != 0 || strcmp(output, expected) != 0)
            fail_msg("%s: %s\nof '%s' is, with status %d, '%s'", shells[i], script, task, status,
                     output);
    }
    free(script);
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
            expect(&rows[i], tasks[task]);
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
            expect(&rows[i], numbers[task]);
    struct fail fail = {0};
    bool none;
    char output[OUTPUT_BYTES], element[300];
    char *script = script_make("echo $(({}))", &none, &fail);
    assert_non_null(script);
    snprintf(element, sizeof element, "a[$(touch %s)]", folder_path("spied")); /* bash would */
    for (size_t i = 0; i < LEN(shells); i++) {
        if (access(shells[i], X_OK) != 0)
            continue;
        for (size_t task = 0; task < LEN(others); task++)
            assert_int_not_equal(run(shells[i], script, others[task], output), 0);
        assert_int_not_equal(run(shells[i], script, element, output), 0);
    }
    assert_int_not_equal(access(folder_path("spied"), F_OK), 0);
    free(script);
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
        "cat <<END\n$(echo\necho {})\nEND",
        "echo $((echo a); (echo b)) {}",
        "cat <<END $(echo -\n)\n{}\nEND\n",
        "echo $(cat <<END)\nEND\n{}",
    };
    for (size_t i = 0; i < LEN(commands); i++) {
        struct fail fail = {0};
        bool none;
        if (script_make(commands[i], &none, &fail))
            fail_msg("%s", commands[i]);
        assert_false(none);
        assert_int_equal(fail.code, FAIL_USAGE);
        assert_non_null(strstr(fail.text, "{} cannot be the task "));
        fail = (struct fail){0};
        assert_false(script_check(commands[i], &fail));
    }
}

static void without_a_place_there_is_no_script(void **state)
{
    (void)state;
    static const char *const commands[] = {"cat", "{ }", "", "echo ${x} `y` $'z' <<END"};
    for (size_t i = 0; i < LEN(commands); i++) {
        struct fail fail = {0};
        bool none;
        assert_null(script_make(commands[i], &none, &fail));
        assert_true(none);
        assert_true(script_check(commands[i], &fail));
    }
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
        bool none;
        for (size_t left = 1 + seeded_below(&seeded, 9); left > 0; left--)
            strcat(command, pieces[seeded_below(&seeded, LEN(pieces))]);
        char *script = script_make(command, &none, &fail);
        if (!script)
            continue;
        made++;
        run(shells[made % 2], script, spies[made / 2 % 3], output);
        if (access(folder_path("spied"), F_OK) == 0
            || (strstr(output, "p q") && !strstr(command, "$(") && !strchr(command, '`')))
            fail_msg("%s", script);
        printed += strstr(output, "p  q") != NULL;
        free(script);
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
        folder_test(any_command_is_refused_or_has_the_task),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
