/* SPDX-License-Identifier: BSD-3-Clause */
/* What rank 0 reads for others: parts that put together are the window, and never cut a word unless
 * they say so. */
#include "input/root_reader.h"
#include "mapper/mapper.h"

#include "world_in_folder.h"

#include <sys/wait.h>

enum { FILES_MAX = 600 };

/* The files of a test. */
struct file {
    const char *path;
    uint8_t *bytes;
    size_t len;
};

/* How far the parts that were seen have come. */
struct seen {
    size_t file;  /* that the last range was of */
    uint64_t pos; /* where it ended */
    bool open;    /* inside a word, as it said */
    uint64_t bytes;
};

static size_t part_words(const void *context, const uint8_t *bytes, size_t len,
                         struct parting_state *state)
{
    (void)context, (void)state;
    return words_mapper.part(bytes, len);
}

static const struct parting of_words = {part_words, NULL};

static void make_bytes(struct seeded *seeded, uint8_t *bytes, size_t len, size_t longest)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = seeded_below(seeded, longest) ? seeded_of(seeded, "ab\0\xff", 4)
                                                 : seeded_of(seeded, " \n\t", 3);
}

/* Files that hold nothing are passed over. */
static size_t next_file(const struct file *files, size_t len, size_t file)
{
    while (file < len && files[file].len == 0)
        file++;
    return file;
}

/* A range may end inside a word only if it says so, and then only because there is no place to cut
 * in the whole part. */
static void check_end(const struct file *file, const struct window_range *range,
                      const struct root_reader_part *head, size_t part_bytes)
{
    if (!range->continues) {
        assert_true(range->end == file->len || naive_is_gap(file->bytes[range->end - 1]));
        return;
    }
    assert_int_equal(range->end - range->begin, part_bytes);
    assert_int_equal(head->bytes, part_bytes);
    for (uint64_t i = range->begin; i < range->end; i++)
        assert_false(naive_is_gap(file->bytes[i]));
}

static void check_part(const uint8_t *part, size_t size, size_t part_bytes,
                       const struct file *files, size_t len, struct seen *seen)
{
    struct root_reader_part head;
    struct window_range range;
    memcpy(&head, part, sizeof head);
    const uint8_t *bytes = part + sizeof head, *ranges = bytes + (head.bytes + 7) / 8 * 8;
    uint64_t filled = 0;
    assert_true(head.bytes <= part_bytes && head.ranges <= ROOT_READER_MAX_RANGES);
    assert_true(size <= root_reader_room(part_bytes));
    assert_ptr_equal(ranges + head.ranges * sizeof range, part + size);
    for (uint64_t i = 0; i < head.ranges; i++) {
        memcpy(&range, ranges + i * sizeof range, sizeof range);
        if (!seen->open && seen->pos == (seen->file < len ? files[seen->file].len : 0)) {
            seen->file = next_file(files, len, seen->file + (seen->bytes > 0));
            seen->pos = 0;
        }
        assert_true(seen->file < len);
        const struct file *file = &files[seen->file];
        assert_int_equal(range.file, seen->file);
        assert_int_equal(range.begin, seen->pos);
        assert_true(range.end >= range.begin && range.end <= file->len);
        assert_true(range.end > range.begin || seen->open); /* empty only to end what is open */
        assert_memory_equal(bytes + filled, file->bytes + range.begin, range.end - range.begin);
        check_end(file, &range, &head, part_bytes);
        assert_true(!range.continues || i + 1 == head.ranges);
        filled += range.end - range.begin;
        seen->bytes += range.end - range.begin;
        seen->pos = range.end;
        seen->open = range.continues;
    }
    assert_int_equal(filled, head.bytes);
}

/* Reads all files by parts of a size; returns how many parts it took. */
static size_t root_reader_all(struct world *world, const struct file *files, size_t len,
                              size_t part_bytes)
{
    struct root_reader reader;
    struct catalog catalog;
    struct seen seen = {0};
    struct root_reader_part head = {0};
    uint64_t bytes = 0;
    size_t parts = 0;
    catalog_init(&catalog, &world->mem);
    for (size_t i = 0; i < len; i++) {
        assert_true(catalog_add(&catalog, files[i].path, false, &world->fail));
        bytes += files[i].len;
    }
    uint8_t *part = malloc(root_reader_room(part_bytes) + 1);
    assert_true(
        root_reader_init(&reader, &world->mem, &catalog, of_words, part_bytes, &world->fail));
    do {
        assert_false(head.ends);
        part[root_reader_room(part_bytes)] = 0x5a;
        size_t size = root_reader_next(&reader, part, part_bytes, &world->fail);
        if (size == 0)
            fail_msg("%s", world->fail.text);
        assert_int_equal(part[root_reader_room(part_bytes)], 0x5a);
        check_part(part, size, part_bytes, files, len, &seen);
        memcpy(&head, part, sizeof head);
        assert_int_equal(reader.open, seen.open);
        assert_int_equal(head.ends, root_reader_ended(&reader));
        parts++;
    } while (!root_reader_ended(&reader));
    assert_true(head.ends && !seen.open);
    assert_int_equal(seen.bytes, bytes);
    assert_int_equal(reader.read_bytes, bytes);
    root_reader_free(&reader, &world->mem);
    root_reader_free(&reader, &world->mem);
    catalog_free(&catalog);
    free(part);
    return parts;
}

static void put_file(struct file *file, const char *name)
{
    file->path = strdup(folder_put(name, file->bytes, file->len));
}

static void free_files(struct file *files, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        free(files[i].bytes);
        free((char *)(uintptr_t)files[i].path);
    }
}

static void parts_put_together_are_the_input(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {1};
    for (int round = 0; round < 400; round++) {
        struct file files[6];
        size_t len = 1 + seeded_below(&seeded, LEN(files));
        size_t longest = 1 + seeded_below(&seeded, 40);
        for (size_t i = 0; i < len; i++) {
            char name[16];
            files[i].len =
                seeded_below(&seeded, 3) ? seeded_below(&seeded, 300) : seeded_below(&seeded, 4);
            files[i].bytes = malloc(files[i].len + 1);
            make_bytes(&seeded, files[i].bytes, files[i].len, longest);
            snprintf(name, sizeof name, "file%zu", i);
            put_file(&files[i], name);
        }
        root_reader_all(world, files, len, 1 + seeded_below(&seeded, 100));
        root_reader_all(world, files, len, 100000);
        free_files(files, len);
    }
}

static void a_part_holds_many_small_files_but_not_too_many(void **state)
{
    struct world *world = *state;
    static struct file files[FILES_MAX];
    for (size_t i = 0; i < FILES_MAX; i++) {
        char name[16];
        files[i].len = (size_t)sprintf(name, "f%zu", i);
        files[i].bytes = malloc(files[i].len);
        memcpy(files[i].bytes, name, files[i].len);
        if (i % 7 == 0)
            files[i].len = 0;
        put_file(&files[i], name);
    }
    assert_int_equal(root_reader_all(world, files, FILES_MAX, 100000),
                     (FILES_MAX * 6 / 7 + ROOT_READER_MAX_RANGES - 1) / ROOT_READER_MAX_RANGES);
    free_files(files, FILES_MAX);
}

static void a_word_longer_than_a_part_goes_on_in_the_next(void **state)
{
    struct world *world = *state;
    for (size_t len = 90; len <= 110; len++)
        for (size_t tail = 0; tail < 3; tail++) {
            struct file file = {.bytes = malloc(len + tail), .len = len + tail};
            memset(file.bytes, 'w', len);
            memset(file.bytes + len, ' ', tail);
            put_file(&file, "long");
            assert_true(root_reader_all(world, &file, 1, 10) >= len / 10);
            free_files(&file, 1);
        }
}

/* As a rank is told that has nothing to do in this round. */
static void nothing_is_a_part_too(void **state)
{
    struct world *world = *state;
    struct root_reader reader;
    struct catalog catalog;
    struct root_reader_part head;
    uint8_t part[1024];
    catalog_init(&catalog, &world->mem);
    for (int files = 0; files < 2; files++) {
        assert_true(root_reader_init(&reader, &world->mem, &catalog, of_words, 10, &world->fail));
        assert_int_equal(root_reader_nothing(&reader, part), sizeof head);
        memcpy(&head, part, sizeof head);
        assert_true(head.bytes == 0 && head.ranges == 0);
        assert_int_equal(head.ends, files == 0);
        root_reader_free(&reader, &world->mem);
        assert_true(catalog_add(&catalog, folder_put("text", "word", 4), false, &world->fail));
    }
    catalog_free(&catalog);
}

/* A child writes a pipe in small pieces, with pauses: short reads must not look like ends of words.
 */
static void write_slowly(const char *path, const struct file *file)
{
    int fd = open(path, O_WRONLY);
    for (size_t at = 0; at < file->len; at += 7) {
        size_t len = file->len - at < 7 ? file->len - at : 7;
        if (write(fd, file->bytes + at, len) != (ssize_t)len)
            _exit(1);
        usleep(100);
    }
    _exit(0);
}

static void streams_are_read_to_their_end(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {2};
    static const size_t sizes[] = {0, 1, 10, 20, 500, 1000};
    for (size_t i = 0; i < LEN(sizes); i++) {
        struct file file = {.bytes = malloc(sizes[i] + 1), .len = sizes[i]};
        int status;
        make_bytes(&seeded, file.bytes, file.len, 8);
        unlink(folder_path("pipe"));
        assert_int_equal(mkfifo(folder_path("pipe"), 0600), 0);
        file.path = strdup(folder_path("pipe"));
        fflush(NULL);
        pid_t child = fork();
        if (child == 0)
            write_slowly(file.path, &file);
        root_reader_all(world, &file, 1, 10 + i);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        free_files(&file, 1);
    }
}

/* The end of a stream is not known before it is read: a part may end inside a word, as it says, and
 * the next hold nothing but the news that the word was whole. */
static void a_stream_that_ends_with_a_full_part_ends_its_word(void **state)
{
    struct world *world = *state;
    struct file file = {.bytes = malloc(400), .len = 400};
    int status;
    memset(file.bytes, 'w', 400);
    assert_int_equal(mkfifo(folder_path("pipe"), 0600), 0);
    file.path = strdup(folder_path("pipe"));
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        write_slowly(file.path, &file);
    assert_int_equal(root_reader_all(world, &file, 1, 10), 41);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    free_files(&file, 1);
}

static void standard_input_is_a_file_too(void **state)
{
    struct world *world = *state;
    static uint8_t text[] = "words from standard input";
    struct file files[2] = {{.path = "-", .bytes = text, .len = sizeof text - 1}};
    int saved = dup(STDIN_FILENO);
    int fd = open(folder_put("in", text, sizeof text - 1), O_RDONLY);
    files[1] = files[0];
    files[1].path = folder_path("in");
    dup2(fd, STDIN_FILENO);
    root_reader_all(world, files, 2, 12);
    bool still_open = fcntl(STDIN_FILENO, F_GETFD) >= 0;
    dup2(saved, STDIN_FILENO);
    close(fd);
    close(saved);
    assert_true(still_open);
}

/* The plan saw a size; later there is less, more, or nothing. */
static void a_file_that_changed_is_cut_off_or_a_failure(void **state)
{
    struct world *world = *state;
    uint8_t part[8192];
    for (int change = 0; change < 3; change++) {
        struct root_reader reader;
        struct catalog catalog;
        struct root_reader_part head;
        const char *path = folder_put("text", "some words here ", 16);
        world->fail = (struct fail){0};
        catalog_init(&catalog, &world->mem);
        assert_true(catalog_add(&catalog, path, false, &world->fail));
        assert_true(root_reader_init(&reader, &world->mem, &catalog, of_words, 100, &world->fail));
        if (change == 0) {
            folder_put("text", "some words here and more", 24);
            assert_true(root_reader_next(&reader, part, 100, &world->fail) > 0);
            memcpy(&head, part, sizeof head);
            assert_int_equal(head.bytes, 16);
            assert_true(head.ends);
        } else {
            assert_int_equal(change == 1 ? truncate(path, 7) : unlink(path), 0);
            assert_int_equal(root_reader_next(&reader, part, 100, &world->fail), 0);
            assert_int_equal(world->fail.code, FAIL_INPUT);
            assert_non_null(strstr(world->fail.text, change == 1 ? "byte 7" : "No such file"));
        }
        root_reader_free(&reader, &world->mem);
        catalog_free(&catalog);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(parts_put_together_are_the_input),
        folder_test(a_part_holds_many_small_files_but_not_too_many),
        folder_test(a_word_longer_than_a_part_goes_on_in_the_next),
        folder_test(nothing_is_a_part_too),
        folder_test(streams_are_read_to_their_end),
        folder_test(a_stream_that_ends_with_a_full_part_ends_its_word),
        folder_test(standard_input_is_a_file_too),
        folder_test(a_file_that_changed_is_cut_off_or_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
