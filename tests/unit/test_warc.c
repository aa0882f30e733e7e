/* SPDX-License-Identifier: BSD-3-Clause */
/* The extractor of WARC: whatever blocks and parts a file comes in, the texts of its records are
 * the same, and every byte is accounted for by one range. */
#include "warc_file.h"
#include "world_in_folder.h"

static struct extractor make(const char *types, bool skip_bad)
{
    return extracting_by(types ? "warc-type" : "warc", types, skip_bad);
}

static void put_all_kinds(struct warc_file *file)
{
    warc_file_put(file, "\r\n");
    warc_file_record(file, "warcinfo", "Content-Type: application/warc-fields\r\n", "a: b\r\n",
                     "\r\n\r\n");
    warc_file_record(file, "conversion", "", "one\ntwo", "\r\n\r\n");
    warc_file_record(file, "conversion", "Content-Type: text/plain\r\n", "", "\n\n");
    warc_file_record(file, "resource", "content-type: text/plain\r\n",
                     "WARC/1.0\r\nContent-Length: 1\r\n\r\nx\r\n\r\n", "\r\n\r\n");
    warc_file_record(file, "response", "Content-Type: application/http; msgtype=response\r\n",
                     "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>", "\r\n\r\n");
    warc_file_put(file, "WARC/0.18\nContent-length:3\nwarc-type:CONVERSION\n\n");
    warc_file_put(file, "end");
    file->places[file->places_len++] = file->len;
    warc_file_put(file, "\r\n\r\n\n");
}

static const char all_texts[] =
    "one\ntwo\n\nWARC/1.0\r\nContent-Length: 1\r\n\r\nx\r\n"
    "\r\n\n<p>\nend\n";

static size_t lines_of(const struct warc_file *file)
{
    return window_lines((const uint8_t *)file->bytes, file->len);
}

static void all_ways_to_cut_a_file_give_the_same(void **state)
{
    (void)state;
    struct warc_file file = {.len = 0};
    const struct extractor extractor = make(NULL, false);
    put_all_kinds(&file);
    const struct expected expected = {all_texts, {.records = 6, .without = 1}, lines_of(&file)};
    warc_file_each_way(&extractor, &file, extracting_check, &expected);
}

/* A text that is larger than a part is not parted, all others are. */
static void parts_end_where_records_do(void **state)
{
    (void)state;
    struct warc_file file = {.len = 0};
    struct found found;
    const struct extractor extractor = make(NULL, false);
    put_all_kinds(&file);
    const struct way way = {1000, 1000, false};
    assert_int_equal(warc_file_by_parts(&extractor, &file, way, file.len, &found), 1);
    for (size_t part = 150; part < 200; part++)
        assert_in_range(warc_file_by_parts(&extractor, &file, way, part, &found), 3,
                        file.places_len);
    assert_in_range(warc_file_by_parts(&extractor, &file, way, 7, &found), 6, 2 * file.places_len);
}

static void the_next_record_is_found_without_extracting(void **state)
{
    (void)state;
    static char name[5000];
    struct warc_file file = {.len = 0};
    const struct extractor extractor = make(NULL, false);
    put_all_kinds(&file);
    struct peek peek = {.fd = open(folder_put("records", file.bytes, file.len), O_RDONLY),
                        .bytes = file.len};
    for (size_t i = 0; i + 1 < file.places_len; i++)
        assert_int_equal(extractor.next(&extractor, &peek, i == 0 ? 0 : file.places[i], UINT64_MAX),
                         file.places[i + 1]);
    assert_int_equal(
        extractor.next(&extractor, &peek, file.places[file.places_len - 1], UINT64_MAX), 0);
    for (size_t at = 1; at < 60; at++) /* within the head of the first one */
        assert_int_equal(extractor.next(&extractor, &peek, at, UINT64_MAX),
                         at <= 2 ? file.places[1] : 0);
    close(peek.fd);
    /* A head that is longer than what is looked at at once, and one that has no end. */
    memset(name, 'n', sizeof name - 1);
    for (int whole = 0; whole < 2; whole++) {
        char *bytes = NULL;
        const int len = asprintf(&bytes, "WARC/1.1\r\n%s: %s\r\nContent-Length: 777\r\n%s", name,
                                 name, whole ? "\r\n" : "");
        peek = (struct peek){.fd = open(folder_put("long", bytes, (size_t)len), O_RDONLY),
                             .bytes = (uint64_t)len};
        assert_int_equal(extractor.next(&extractor, &peek, 0, UINT64_MAX), whole ? len + 777 : 0);
        close(peek.fd);
        free(bytes);
    }
}

struct bad {
    const char *cause;
    size_t at;
};

static void check_bad(const char *text, const struct found *found, const void *expected)
{
    const struct bad *bad = expected;
    (void)text;
    assert_non_null(found->cause);
    assert_non_null(strstr(found->cause, bad->cause));
    assert_int_equal(found->bad_at, bad->at);
    assert_int_equal(found->sums.bad, 0);
}

static void a_bad_record_is_where_reading_stops(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *cause;
        bool is_cut;
    } rows[] = {
        {"no record\n", "no record begins here", false},
        {"no record and no newline", "no record begins here", false},
        {"HTTP/1.0\r\nContent-Length: 1\r\n\r\nx", "no record begins here", false},
        {"WARC-Type: conversion\r\nContent-Length: 0\r\n\r\n", "no record begins here", false},
        {"WARC/1.0\r\n\r\n", "no valid Content-Length", false},
        {"WARC/1.0\r\nWARC-Type: conversion\r\n\r\ntext", "no valid Content-Length", false},
        {"WARC/1.0\r\nContent-Length:\r\n\r\n", "no valid Content-Length", false},
        {"WARC/1.0\r\nContent-Length: 1x\r\n\r\nx", "no valid Content-Length", false},
        {"WARC/1.0\r\nContent-Length: -1\r\n\r\nx", "no valid Content-Length", false},
        {"WARC/1.0\r\nContent-Length: 4611686018427387904\r\n\r\n", "no valid Content-L", false},
        {"WARC/1.0\r\nContent-Length: 99999999999999999999\r\n\r\n", "no valid Conten", false},
        {"WARC/1.0\r\nContent-Length: 0                                  0\r\n\r\n", "no va",
         false},
        {"WARC/1.0\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\nx", "no valid Con", false},
        {"W", "the file ends within a record", true},
        {"WARC/1.0\r\nContent-Length: 0\r\n", "the file ends within a record", true},
        {"WARC/1.0\r\nContent-Length: 1\r\n\r\n", "the file ends within a record", true},
        {"WARC/1.0\r\nContent-Length: 5\r\n\r\nxyz", "the file ends within a record", true},
        {"WARC/1.0\r\nContent-Length: 99999999999\r\n\r\nxyz", "the file ends within a re", true},
        {"WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: 5\r\n\r\nWARC", "ends within", true},
    };
    const struct extractor extractor = make(NULL, false);
    for (size_t i = 0; i < LEN(rows); i++)
        for (int first = 0; first < 2; first++) {
            struct warc_file file = {.places_len = 1};
            if (!first)
                warc_file_record(&file, "conversion", "", "text", "\r\n\r\n");
            file.places_len = 1; /* behind what is bad there is no place to cut */
            struct bad bad = {rows[i].cause, file.len};
            warc_file_put(&file, "%s", rows[i].bytes);
            bad.at = rows[i].is_cut ? file.len : bad.at;
            warc_file_each_way(&extractor, &file, check_bad, &bad);
        }
}

static void bad_records_are_skipped_up_to_the_next_that_begins(void **state)
{
    (void)state;
    const struct extractor extractor = make(NULL, true);
    struct warc_file file = {.len = 0};
    warc_file_put(&file, "garbage WARC/1.0\r\n\r\nWARC/2\r\n\nWARC/1.\t");
    file.len -= 1;
    warc_file_put(&file, "0\r\nContent-Length: x\r\n\r\nmore\r\n");
    warc_file_record(&file, "conversion", "", "a", "\r\n\r\n");
    warc_file_record(&file, "metadata", "", "WARC/1.0\r\n", "\r\n\r\n");
    warc_file_put(&file, "WARC/1.0\r\n\r\nno length\n WARC/1.0\n");
    warc_file_record(&file, "conversion", "", "b", "");
    warc_file_record(&file, "conversion", "", "c", "\n");
    warc_file_put(&file,
                  "WARC/1.0\r\nContent-Length: 100\r\n\r\nWARC/1.0\r\nContent-Length: 0\r\n\r\n");
    file.places_len = 1;
    file.places[0] = 0;
    const struct expected expected = {
        "a\nb\nc\n", {.records = 8, .without = 1, .bad = 4}, lines_of(&file)};
    warc_file_each_way(&extractor, &file, extracting_check, &expected);
}

static void what_is_text_is_said_by_types(void **state)
{
    (void)state;
#define HTTP "Content-Type: application/http\r\n"
    static const struct {
        const char *types, *type, *fields, *block, *text;
    } rows[] = {
        {NULL, "conversion", "", "t", "t"},
        {NULL, "Resource", "Content-Type: TEXT/css;x=json\r\n", "t", "t"},
        {NULL, "resource", "Content-Type: application/ld+json\r\n", "t", "t"},
        {NULL, "resource", "Content-Type:application/xhtml+xml; charset=utf-8\r\n", "t", "t"},
        {NULL, "resource", "Content-Type: image/png; name=xml\r\n", "t", NULL},
        {NULL, "response", "Content-Type: text/dns\r\n", "t", "t"},
        {NULL, "response", HTTP, "HTTP/1.1 200 OK\r\nA: b\r\n\r\nt\r\n\r\nu", "t\r\n\r\nu"},
        {NULL, "response", HTTP, "HTTP/1.1 200 OK\nContent-Type: text/x\n\nt", "t"},
        {NULL, "response", HTTP, "HTTP/1.1 200 OK\r\n\r\n", ""},
        {NULL, "response", HTTP, "HTTP/1.1 200 OK\r\nA: b\r\n", NULL},
        {NULL, "response", HTTP, "HTTP/1.1 200 OK\r\nContent-type:image/x\r\n\r\nt", NULL},
        {NULL, "response", HTTP, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nt", NULL},
        {NULL, "response", HTTP, "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\n\r\nt", "t"},
        {NULL, "response", HTTP, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nt", NULL},
        {NULL, "request", HTTP, "GET / HTTP/1.1\r\n\r\nt", NULL},
        {"request", "request", HTTP, "POST / HTTP/1.1\r\n\r\nt", "t"},
        {"request,warcinfo", "warcinfo", "Content-Type: application/warc-fields\r\n", "t", "t"},
        {"request,warcinfo", "conversion", "", "t", NULL},
        {NULL, "revisit", "", "t", NULL},
        {NULL, "of its own", "", "t", NULL},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        const struct extractor extractor = make(rows[i].types, false);
        struct warc_file file = {.len = 0};
        char text[100] = "";
        warc_file_record(&file, rows[i].type, rows[i].fields, rows[i].block, "");
        warc_file_record(&file, "metadata", "", "", "");
        if (rows[i].text)
            snprintf(text, sizeof text, "%s\n", rows[i].text);
        const struct expected expected = {
            text, {.records = 2, .without = 1 + (rows[i].text == NULL)}, lines_of(&file)};
        warc_file_each_way(&extractor, &file, extracting_check, &expected);
    }
}

/* What counts the texts may want one at a time, without the newline behind it. */
static void texts_come_one_at_a_time(void **state)
{
    (void)state;
    struct warc_file file = {.len = 0};
    struct extractor extractor = make(NULL, false);
    struct found found;
    extractor.alone = true;
    warc_file_record(&file, "conversion", "", "one", "\r\n\r\n");
    warc_file_record(&file, "metadata", "", "no", "\r\n\r\n");
    warc_file_record(&file, "conversion", "", "two", "\r\n\r\n");
    warc_file_by_ranges(&extractor, &file, (struct way){1000, 1000, false}, 0, &found);
    assert_int_equal(found.len, 6);
    assert_memory_equal(found.text, "onetwo", 6);
    struct block block = {.bytes = warc_file_shown(&file, 'W'),
                          .begin = 1,
                          .end = file.len + 1,
                          .own = file.len + 1,
                          .ends_file = true};
    struct extracted got = {0};
    assert_true(extracting_once(&extractor, &block, 1000, &got));
    assert_int_equal(got.len, 3);
    assert_int_equal(got.next, 1 + file.places[1]);
}

/* Of what has no text nothing is held, however large it is. */
static void what_has_no_text_is_passed_over_as_it_comes(void **state)
{
    (void)state;
    static const char head[] = "WARC/1.0\r\nWARC-Type: revisit\r\nContent-Length: 1000000\r\n\r\n";
    struct warc_file file = {.len = 0};
    const struct extractor extractor = make(NULL, false);
    struct extracted got = {0};
    warc_file_put(&file, "%s%s", head, "some bytes");
    struct block block = {
        .bytes = warc_file_shown(&file, 'W'), .begin = 1, .end = file.len + 1, .own = SIZE_MAX};
    assert_true(extracting_once(&extractor, &block, 1, &got));
    assert_int_equal(got.next, block.end - 1);
    assert_int_equal(got.within, 1000000 - strlen("some byte"));
    assert_int_equal(got.sums.records, 0);
}

static void an_option_names_its_extractor(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", ",", "conversion,", "conversions", "a", "response,,"};
    struct extractor extractor = *extractor_find("warc-type");
    assert_string_equal(extractor.option, "warc");
    assert_ptr_equal(extractor_find("warc"), extractor_find("warc-type"));
    assert_null(extractor_find("warcs"));
    assert_null(extractor_find("war"));
    for (size_t i = 0; i < LEN(wrong); i++) {
        extractor.argument = wrong[i];
        assert_false(extractor.parse(&extractor));
    }
}

static void a_text_shows_that_it_is_warc(void **state)
{
    (void)state;
    assert_ptr_equal(extractor_of((const uint8_t *)"WARC/1.1", 8), extractor_find("warc"));
    assert_ptr_equal(extractor_of((const uint8_t *)"WARC/0.1", 8), extractor_find("warc"));
    assert_null(extractor_of((const uint8_t *)"WARC/2.1", 8));
    assert_null(extractor_of((const uint8_t *)"WARC/1\0\0", 8));
    assert_null(extractor_of((const uint8_t *)"{\"a\":1}\n", 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_ways_to_cut_a_file_give_the_same),
        cmocka_unit_test(parts_end_where_records_do),
        folder_test(the_next_record_is_found_without_extracting),
        cmocka_unit_test(a_bad_record_is_where_reading_stops),
        cmocka_unit_test(bad_records_are_skipped_up_to_the_next_that_begins),
        cmocka_unit_test(what_is_text_is_said_by_types),
        cmocka_unit_test(texts_come_one_at_a_time),
        cmocka_unit_test(what_has_no_text_is_passed_over_as_it_comes),
        cmocka_unit_test(an_option_names_its_extractor),
        cmocka_unit_test(a_text_shows_that_it_is_warc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
