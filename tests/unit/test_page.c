/* SPDX-License-Identifier: BSD-3-Clause */
/* The page, from numbers that are made up. */
#include "status/page.h"

#include "balanced.h"
#include "slow.h"
#include "told_many.h"

#include "host/clock.h"

enum { PAGE_MAX_BYTES = 50000, PAGE_MAX_NS = 5000000 };

#define NBSP "\xc2\xa0"
#define EVIL "<script>alert(1)</script>]]>\"'&\xe2\x80\xae\x1b[31m\xff\n<!-- state -->\n"

static struct told_many told;

static const char *page(void)
{
    const char *text = told_many_by(&told, page_write);
    balanced_check(text);
    return text;
}

static void expect(const char *part)
{
    if (!strstr(told.text, part))
        fail_msg("the page does not say: %s", part);
}

static void expect_not(const char *part)
{
    const char *found = strstr(told.text, part);
    if (found)
        fail_msg("the page says: %.60s", found);
}

static void add_failures(struct world *world, int len, const char *reason)
{
    for (int i = 0; i < len; i++) {
        char with_number[300];
        snprintf(with_number, sizeof with_number, "%.250s %d", reason, i);
        const struct failures_entry entry = {.file = "tasks.txt",
                                             .reason = with_number,
                                             .task = (const uint8_t *)EVIL EVIL EVIL,
                                             .offset = 1234567,
                                             .task_len = 3 * strlen(EVIL),
                                             .tries = 3,
                                             .rank = i % told.snapshot.size};
        assert_true(failures_add(&told.failures, &world->mem, &entry, &world->fail));
    }
}

static void what_can_be_found_in_it_is_as_page_h_says(void **state)
{
    (void)state;
    told_many_make(&told, 2, 1, false);
    for (int which = SNAPSHOT_RUNS; which <= SNAPSHOT_FAILED; which++) {
        told.snapshot.state = (enum snapshot_state)which;
        told.snapshot.failure = which == SNAPSHOT_FAILED ? EVIL : NULL;
        const char *text = page(), *at = strstr(text, "\n<!-- state -->\n");
        assert_non_null(at);
        at = strchr(at + 16, '\n');
        assert_memory_equal(at, "\n<!-- end of state -->\n", 23);
        assert_null(strstr(at, "<!-- state -->"));
        const char *refresh = strstr(text, "\n<meta http-equiv=\"refresh\" content=\"2\"/>\n");
        assert_int_equal(refresh != NULL, which == SNAPSHOT_RUNS);
    }
    told_many_free(&told);
}

static void while_it_runs_it_says_how_far_it_is(void **state)
{
    (void)state;
    told_many_make(&told, 8, 2, false);
    page();
    expect("<title>Count of words: 43 %</title>");
    expect("running: map</p>");
    expect("43.2" NBSP "% done, 2" NBSP "min 04" NBSP "s left");
    expect("written at 2027-01-15 08:01:35 UTC, renewed every 2 s");
    expect("8 ranks on 2 hosts");
    expect("counts.tsv");
    expect("<h2>Rate</h2>");
    expect("MB/s");
    expect("node002");
    expect_not("Phases");
    expect_not("hapax");
    told.snapshot.share = told.snapshot.left_s = -1;
    page();
    expect("how much is done is not known, time left unknown");
    expect("<title>Count of words: running</title>");
    expect_not("scratch");
    told.snapshot.scratch = "/nvme0";
    told.snapshot.work.scratch_bytes = (uint64_t)12 << 30;
    told.snapshot.work.scratch_limit_bytes = (uint64_t)90 << 30;
    page();
    expect("<dt>scratch</dt><dd>12.0" NBSP "GiB of 90.0" NBSP "GiB in /nvme0</dd>");
    told_many_free(&told);
}

static void a_run_that_has_just_begun_has_a_page(void **state)
{
    (void)state;
    struct snapshot *snapshot = &told.snapshot;
    for (int tasks = 0; tasks < 2; tasks++) {
        told_many_make(&told, 1, 1, tasks);
        memset(told.ranks, 0, sizeof *told.ranks);
        snapshot->work = (struct snapshot_work){0};
        snapshot->history = NULL;
        snapshot->read_tasks = snapshot->expected_bytes = snapshot->begun_ns = 0;
        snapshot->seconds = 0;
        snapshot->share = snapshot->left_s = -1;
        snapshot->phase = TIMING_START;
        page();
        expect("running: start");
        expect_not("nan");
        expect_not("inf ");
        told_many_free(&told);
    }
}

static void at_the_end_it_has_the_numbers_of_the_closing_line_and_the_table(void **state)
{
    (void)state;
    told_many_make(&told, 3, 2, false);
    told_many_end(&told);
    told.totals.left_out_words = 17;
    for (int rank = 0; rank < 3; rank++)
        told.ranks[rank].spent_ns[TIMING_MAP] = (uint64_t)(rank + 1) * 250000000;
    page();
    expect(">done</p>");
    expect(" words, ");
    expect(
        " distinct, 251,658,240 bytes in 94.200 s (3 MB/s), 3 ranks on 2 hosts, verified; 17 "
        "distinct words left out</p>");
    expect("</i>map</td><td>0.2500</td><td>0.5000</td><td>0.7500</td><td>1.50</td>");
    expect("</i>shuffle</td>");
    expect("<td>9.0" NBSP "MiB</td><td>6.0" NBSP "MiB</td></tr>");
    expect("0123456789abcdef");
    expect("Rank and frequency of words");
    expect("Frequency spectrum of words");
    expect("What the most frequent words cover");
    expect("Growth of the vocabulary of words");
    expect("node002 \xc2\xb7 2</text>");
    told.snapshot.verifies = false;
    told.snapshot.spectrum = NULL;
    page();
    expect("not verified");
    expect("none (--verify=off)");
    expect_not("hapax");
    told_many_free(&told);
}

static void tasks_are_counted_by_their_state(void **state)
{
    struct world *world = *state;
    told_many_make(&told, 4, 2, true);
    told.snapshot.work.tasks = (struct snapshot_tasks){1000, 7, 4, 9000000000};
    told.snapshot.read_tasks = 1500;
    told.snapshot.command = "echo '<b>' {}";
    add_failures(world, 25, "exit status");
    for (int rank = 0; rank < 4; rank++)
        told.ranks[rank].running.ns = (uint64_t)(rank ^ 1) * 1000000000 + 500000000;
    page();
    expect("what tasks run</dt><dd>echo '&lt;b&gt;' {}</dd>");
    expect("done</dt><dd>1,000</dd>");
    expect("failed for good</dt><dd>25</dd>");
    expect("running</dt><dd>4</dd>");
    expect("waiting</dt><dd>471</dd>");
    expect("failed tries</dt><dd>7</dd>");
    expect("in all</dt><dd>1,500</dd>");
    expect("5 more tasks failed for other reasons");
    expect("exit status 19</td>");
    expect_not("exit status 20</td>");
    const char *first = strstr(told.text, "<td>3.500" NBSP "s</td><td>2</td>");
    const char *last = strstr(told.text, "<td>0.500" NBSP "s</td><td>1</td>");
    assert_true(first && last && first < last);
    told.snapshot.all_read = false;
    page();
    expect("in all, as far as read</dt><dd>1,500</dd>");
    told.snapshot.state = SNAPSHOT_WOUND_DOWN;
    page();
    expect("wound down, to be taken up again</p>");
    expect("running</dt><dd>0</dd>");
    expect("waiting</dt><dd>475</dd>");
    told.totals.resumed_tasks = 300; /* done before, and not read again */
    told.totals.tasks = 300 + 1025;
    page();
    expect("waiting</dt><dd>475</dd>");
    expect("1,800</dd>");
    told.totals.resumed_tasks = told.totals.tasks = 0;
    told_many_end(&told);
    page();
    expect("1,500 tasks, 1,475 done, 25 failed in 94.200 s");
    expect("waiting</dt><dd>0</dd>");
    expect_not("Running longest");
    expect("balance 0.");
    failures_free(&told.failures, &world->mem);
    told_many_free(&told);
}

static void a_failure_is_its_state(void **state)
{
    (void)state;
    told_many_make(&told, 2, 1, false);
    told.snapshot.state = SNAPSHOT_FAILED;
    told.snapshot.failure = "a.txt: Input/output error";
    page();
    expect("<p class=\"state bad\">failed: a.txt: Input/output error</p>");
    expect_not("verified");
    expect_not("left</p>");
    expect_not("hapax");
    told_many_free(&told);
}

static void names_of_others_are_harmless(void **state)
{
    struct world *world = *state;
    for (int ended = 0; ended < 2; ended++) {
        told_many_make(&told, 3, 3, true);
        add_failures(world, 3, EVIL);
        told.snapshot.program = told.snapshot.output = EVIL;
        told.snapshot.kernel = told.snapshot.count = told.snapshot.scratch = EVIL;
        told.snapshot.work.scratch_bytes = 1;
        strcpy(told.snapshot.rules, EVIL);
        for (int rank = 0; rank < 3; rank++) {
            memset(&told.ranks[rank].running.text, '\xe2', SNAPSHOT_TASK_BYTES);
            strcpy(told.ranks[rank].host, EVIL);
        }
        memcpy(told.ranks[0].running.text, EVIL, strlen(EVIL));
        if (ended)
            told_many_end(&told);
        page();
        expect("&lt;script&gt;alert(1)&lt;/script&gt;]]&gt;");
        expect("\\xe2\\x80\\xae");
        expect_not("<script");
        expect_not("]]>");
        failures_free(&told.failures, &world->mem);
        told_many_free(&told);
    }
}

/* The longest of everything, and all of it bytes that are shown as four. */
static void make_all_hostile(struct world *world)
{
    char reason[300];
    for (int rank = 0; rank < told.snapshot.size; rank++) {
        memset(told.ranks[rank].host, '\x01', SNAPSHOT_HOST_BYTES - 1);
        memset(told.ranks[rank].running.text, '\x01', SNAPSHOT_TASK_BYTES);
    }
    memset(reason, '<', sizeof reason);
    reason[sizeof reason - 1] = '\0';
    add_failures(world, 30, reason);
}

static void many_ranks_fit_in_50_kb(void **state)
{
    struct world *world = *state;
    static const int hosts[] = {1, 64, 1024};
    for (size_t i = 0; i < LEN(hosts); i++) {
        for (int which = 0; which < 4; which++) {
            told_many_make(&told, 1024, hosts[i], which / 2);
            if (which / 2)
                make_all_hostile(world);
            if (which % 2)
                told_many_end(&told);
            if (which / 2)
                told.snapshot.spectrum = NULL;
            uint64_t fastest = UINT64_MAX;
            for (int j = 0; j < 5; j++) {
                const uint64_t from = clock_ns();
                told_many_by(&told, page_write);
                fastest = clock_ns() - from < fastest ? clock_ns() - from : fastest;
            }
            assert_true(fastest < PAGE_MAX_NS * slow());
            page();
            expect("1,024 ranks on ");
            expect("<figure class=\"strip wide\">");
            if (told.len > PAGE_MAX_BYTES)
                fail_msg("%zu bytes: %d hosts, %d", told.len, hosts[i], which);
            failures_free(&told.failures, &world->mem);
            told_many_free(&told);
        }
    }
}

static void the_strip_shows_what_each_rank_has_done(void **state)
{
    (void)state;
    told_many_make(&told, 128, 2, false);
    for (int rank = 0; rank < 128; rank++)
        told.ranks[rank].work.mapped_bytes = rank < 64 ? 1000 : rank == 70 ? 300 : 0;
    page();
    expect(
        "<path class=\"l0\" d=\"M0 17.5h66M77 17.5h627\"/>\n"
        "<path class=\"l1\" d=\"\"/>\n"
        "<path class=\"l2\" d=\"M66 17.5h11\"/>\n"
        "<path class=\"l3\" d=\"\"/>\n"
        "<path class=\"l4\" d=\"M0 5.5h704\"/>\n");
    told_many_free(&told);
}

static void bars_of_the_timeline_follow_each_other(void **state)
{
    (void)state;
    told_many_make(&told, 2, 1, false);
    told_many_end(&told);
    for (int rank = 0; rank < 2; rank++) {
        memset(told.ranks[rank].spent_ns, 0, sizeof told.ranks[rank].spent_ns);
        told.ranks[rank].spent_ns[TIMING_MAP] = 1000000000;
        told.ranks[rank].spent_ns[TIMING_REDUCE] = (uint64_t)rank * 1000000000;
    }
    page();
    expect(
        "<path class=\"p3\" d=\"M130 15h287M130 29h287\"/>\n"
        "<path class=\"p4\" d=\"\"/>\n"
        "<path class=\"p5\" d=\"M417 29h287\"/>\n");
    told_many_free(&told);
}

static void of_very_many_hosts_the_extremes_are_shown(void **state)
{
    (void)state;
    told_many_make(&told, 300, 300, false);
    told.ranks[150].work.mapped_bytes = 1;
    told.ranks[170].work.mapped_bytes = (uint64_t)1 << 33;
    page();
    expect("Of 300 hosts, these have the least and the most done.");
    const char *least = strstr(told.text, "node151"), *most = strstr(told.text, "node171");
    assert_true(least && most && least < most);
    told_many_free(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_be_found_in_it_is_as_page_h_says),
        cmocka_unit_test(while_it_runs_it_says_how_far_it_is),
        cmocka_unit_test(a_run_that_has_just_begun_has_a_page),
        cmocka_unit_test(at_the_end_it_has_the_numbers_of_the_closing_line_and_the_table),
        world_test(tasks_are_counted_by_their_state),
        cmocka_unit_test(a_failure_is_its_state),
        world_test(names_of_others_are_harmless),
        world_test(many_ranks_fit_in_50_kb),
        cmocka_unit_test(the_strip_shows_what_each_rank_has_done),
        cmocka_unit_test(bars_of_the_timeline_follow_each_other),
        cmocka_unit_test(of_very_many_hosts_the_extremes_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
