/* SPDX-License-Identifier: BSD-3-Clause */
/* Metrics of a run that is made up, read by the rules of the text format. */
#include "status/metrics.h"

#include "told.h"

static struct told told;

static const char *metrics(void)
{
    return told_by(&told, metrics_write);
}

static void make(void)
{
    told_make(&told);
    told.snapshot.share = told.snapshot.left_s = -1;
    told.snapshot.begun_ns = 1500000000;
    told.snapshot.now_ns = 13250000000;
}

static void expect(const char *line)
{
    const char *text = metrics(), *found = strstr(text, line);
    const size_t len = strlen(line);
    while (found && ((found > text && found[-1] != '\n') || found[len] != '\n'))
        found = strstr(found + 1, line);
    if (!found)
        fail_msg("no line '%s' in:\n%s", line, text);
}

static void numbers_are_those_of_the_run(void **state)
{
    (void)state;
    make();
    expect("mpiwc_state{state=\"running\"} 1");
    expect("mpiwc_state{state=\"done\"} 0");
    expect("mpiwc_state{state=\"lost\"} 0");
    expect("mpiwc_phase{phase=\"map\"} 1");
    expect("mpiwc_phase{phase=\"sort\"} 0");
    expect("mpiwc_input_bytes_total 6000000");
    expect("mpiwc_input_expected_bytes 12000000");
    expect("mpiwc_work_seconds 2");
    expect("mpiwc_host_ranks{host=\"n01\",index=\"0\"} 2");
    expect("mpiwc_host_input_bytes_total{host=\"n02\",index=\"1\"} 3000000");
    expect("mpiwc_start_timestamp_seconds 1.5");
    expect("mpiwc_last_write_timestamp_seconds 13.25");
    assert_null(strstr(metrics(), "tasks"));
    told.snapshot.runs_tasks = true;
    told.snapshot.read_tasks = 200;
    expect("mpiwc_tasks{state=\"done\"} 60");
    expect("mpiwc_tasks{state=\"read\"} 200");
    expect("mpiwc_failed_tries_total 3");
    expect("mpiwc_host_tasks_running{host=\"n01\",index=\"0\"} 2");
}

static void what_is_not_known_is_left_out(void **state)
{
    (void)state;
    make();
    told.snapshot.expected_bytes = 0;
    assert_null(strstr(metrics(), "mpiwc_share"));
    assert_null(strstr(metrics(), "mpiwc_left_seconds"));
    assert_null(strstr(metrics(), "mpiwc_input_expected_bytes"));
    assert_null(strstr(metrics(), "mpiwc_scratch"));
    told.snapshot.share = 0.5;
    told.snapshot.left_s = 0;
    expect("mpiwc_share 0.5");
    expect("mpiwc_left_seconds 0");
    told.snapshot.scratch = "disk";
    told.snapshot.work.scratch_limit_bytes = 1000000;
    expect("mpiwc_scratch_bytes 0");
    expect("mpiwc_scratch_limit_bytes 1000000");
}

/* The length of a label's value, from behind its quote to the next that is not escaped. */
static size_t value_len(const char *value)
{
    size_t len = 0;
    while (value[len] != '"') {
        assert_true(value[len] != '\n' && value[len] != '\0');
        if (value[len] == '\\')
            assert_non_null(strchr("\\\"n", value[++len]));
        len++;
    }
    return len;
}

/* A line is a comment, or a name, labels and a number; each name has its type before it, once. */
static void expect_format(const char *text)
{
    char name[80], head[100];
    for (const char *line = text, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        assert_non_null(end);
        if (strncmp(line, "# HELP ", 7) == 0 || strncmp(line, "# TYPE ", 7) == 0)
            continue;
        const size_t len = strspn(line, "abcdefghijklmnopqrstuvwxyz_");
        snprintf(name, sizeof name, "%.*s", (int)len, line);
        snprintf(head, sizeof head, "# TYPE %s ", name);
        const char *type = strstr(text, head);
        assert_true(type && type < line && !strstr(type + 1, head));
        const char *at = line + len;
        if (*at == '{') {
            do {
                at = strchr(at, '"') + 1;
                at += value_len(at) + 1;
            } while (*at == ',');
            assert_int_equal(*at++, '}');
        }
        assert_int_equal(*at++, ' ');
        char *rest;
        (void)strtod(at, &rest);
        assert_true(rest > at);
        assert_ptr_equal(rest, end);
    }
}

static void whatever_names_hold_the_format_is_kept(void **state)
{
    (void)state;
    make();
    told.snapshot.runs_tasks = true;
    expect_format(metrics());
    told.snapshot.output = "a\"} 1\nmpiwc_share 7\\\xff\xe2\x80\xae\xc3\xa9";
    strcpy(told.ranks[0].host, "\",index=\"7\\");
    strcpy(told.ranks[1].host, "\",index=\"7\\");
    expect_format(metrics());
    assert_non_null(strstr(metrics(), "output=\"a\\\"} 1?mpiwc_share 7\\\\??\xc3\xa9\"} 1\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_the_run),
        cmocka_unit_test(what_is_not_known_is_left_out),
        cmocka_unit_test(whatever_names_hold_the_format_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
