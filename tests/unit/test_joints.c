/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a file may be cut, against where its members or records were put. */
#include "membered.h"

/* The joints, by their definition: the first member at or behind each multiple of the unit. */
static size_t joints_naively(const struct membered *file, size_t members, uint64_t unit,
                             uint64_t *joints)
{
    size_t len = 0, member = 1;
    for (uint64_t at = unit; at <= file->stored_len; at += unit) {
        while (member < members && file->begins[member] < at)
            member++;
        if (member < members && (len == 0 || joints[len - 1] != file->begins[member]))
            joints[len++] = file->begins[member];
    }
    return len;
}

static void expect_joints(const struct catalog *catalog, const struct membered *file,
                          size_t members)
{
    uint64_t joints[MEMBERED_MAX];
    size_t len = joints_naively(file, members, catalog->unit, joints);
    assert_int_equal(catalog->files[0].joints_len, len);
    assert_memory_equal(catalog->joints + catalog->files[0].joints, joints, len * sizeof *joints);
}

static const struct packer *make(struct seeded *seeded, int round, struct membered *file)
{
    const struct packer *packer = &membered_packers[(size_t)round % LEN(membered_packers)];
    size_t longest = seeded_below(seeded, 3) ? 20 : 2 * MEMBERED_TEXT_MAX / MEMBERED_MAX - 100;
    membered_make(seeded, packer, 1 + seeded_below(seeded, MEMBERED_MAX), longest, "ab \n", file);
    return packer;
}

static void joints_are_where_members_begin(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {1};
    static struct membered file;
    for (int round = 0; round < 150; round++) {
        struct catalog catalog;
        make(&seeded, round, &file);
        uint64_t unit = 1 + seeded_below(&seeded, seeded_below(&seeded, 2) ? 100 : file.stored_len);
        membered_put(world, &catalog, unit, file.stored, file.stored_len);
        expect_joints(&catalog, &file, file.members);
        catalog_free(&catalog);
    }
}

/* A record is a byte, and as many bytes as it says; `context` is one that no record may have. */
static uint64_t behind_record(const void *context, struct peek *peek, uint64_t at, uint64_t from)
{
    assert_true(from > at);
    const uint8_t *head = peek_at(peek, at, 1);
    return head && *head != *(const uint8_t *)context ? at + 1 + *head : 0;
}

/* Up to one that is bad, or cut; whatever a decoder would see in them. */
static void records_are_passed_as_members_are(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {6};
    static const uint8_t bad = 201;
    const struct joints_records records = {.next = behind_record, .context = &bad};
    static struct membered file;
    for (int round = 0; round < 150; round++) {
        struct catalog catalog;
        size_t whole = 0;
        for (file.members = file.stored_len = 0; file.members < MEMBERED_MAX; file.members++) {
            const uint8_t len =
                file.members == 0 ? 0x1f : (uint8_t)seeded_below(&seeded, round % 2 ? 201 : 202);
            file.begins[file.members] = file.stored_len;
            file.stored[file.stored_len] = len;
            memset(file.stored + file.stored_len + 1, 0x8b, len);
            file.stored_len += 1u + len;
        }
        file.stored_len -= seeded_below(&seeded, 2);
        while (whole < file.members && file.stored[file.begins[whole]] != bad
               && file.begins[whole] + 1 + file.stored[file.begins[whole]] <= file.stored_len)
            whole++;
        catalog_init(&catalog, &world->mem);
        assert_true(catalog_add(&catalog, folder_put("records", file.stored, file.stored_len),
                                false, &world->fail));
        catalog.unit = 1 + seeded_below(&seeded, 500);
        assert_true(joints_find(&catalog, 0, &records, &world->fail));
        expect_joints(&catalog, &file, whole);
        catalog_free(&catalog);
    }
}

/* Each byte is a record; the head is the first one. */
static uint64_t at_once(const void *context, struct peek *peek, uint64_t at, uint64_t from)
{
    (void)context;
    assert_int_equal(from, (at / 100 + 1) * 100);
    return from < peek->bytes ? from : peek->bytes;
}

static uint64_t first_byte(const void *context, const uint8_t *text, size_t len)
{
    (void)context;
    assert_true(len > 0);
    return *text;
}

static void a_file_is_cut_where_its_head_is_known(void **state)
{
    struct world *world = *state;
    const struct joints_records records = {.next = at_once, .head = first_byte};
    for (uint8_t head = 0; head < 2; head++) {
        struct catalog catalog;
        uint8_t bytes[350] = {head, 'a'};
        catalog_init(&catalog, &world->mem);
        catalog.any_format = true;
        assert_true(
            catalog_add(&catalog, folder_put("records", bytes, sizeof bytes), false, &world->fail));
        catalog.unit = 100;
        assert_true(joints_find(&catalog, 0, &records, &world->fail));
        assert_int_equal(catalog.files[0].head, head);
        assert_int_equal(catalog.joints_len, head * 3);
        for (size_t i = 0; i < catalog.joints_len; i++)
            assert_int_equal(catalog.joints[i], 100 * (i + 1));
        catalog_free(&catalog);
    }
}

/* Large frames, of many blocks of each kind. */
static void members_of_many_blocks_are_passed(void **state)
{
    enum { TEXT = 3000000, ROOM = TEXT + 100000 };
    struct world *world = *state;
    struct seeded seeded = {2};
    uint8_t *text = calloc(1, TEXT), *stored = malloc(2 * ROOM);
    for (size_t i = 0; i < TEXT; i++) /* nothing but zeros; what cannot be made smaller; words */
        text[i] = i < TEXT / 3 ? 0 : (uint8_t)seeded_below(&seeded, i < TEXT / 3 * 2 ? 256 : 5);
    for (size_t i = 0; i < LEN(membered_packers); i++) {
        struct packed packed = {.bytes = stored, .room = 2 * ROOM};
        struct catalog catalog;
        if (membered_packers[i].add == packed_bgzf) /* whose members are short */
            continue;
        membered_packers[i].add(&seeded, &packed, text, TEXT, true);
        packed.begin = packed.len;
        membered_packers[i].add(&seeded, &packed, text, TEXT, true);
        const uint64_t joint = packed.begin;
        membered_put(world, &catalog, 1000, stored, packed.len);
        assert_int_equal(catalog.joints_len, 1);
        assert_int_equal(catalog.joints[0], joint);
        assert_int_equal(joints_longest(&catalog, 0),
                         joint > packed.len / 2 ? joint : packed.len - joint);
        catalog_free(&catalog);
    }
    free(stored);
    free(text);
}

/* Members that are whole are found, however short the last one was cut, or what follows it. */
static void what_is_damaged_is_not_cut_from_there_on(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {3};
    static struct membered file;
    for (int round = 0; round < 150; round++) {
        struct catalog catalog;
        const struct packer *packer = make(&seeded, round, &file);
        /* A head of bgzip that is cut is one that does not say how long its member is. */
        const bool filled = packer->add == packed_bgzf || (size_t)round / LEN(membered_packers) % 2;
        size_t len = 10 + seeded_below(&seeded, file.stored_len - 9);
        len = filled                ? file.begins[seeded_below(&seeded, file.members)]
            : len < file.stored_len ? len
                                    : file.stored_len;
        const size_t members = membered_found(&file, len);
        if (filled && members > 0) /* with zeros, which begin no member */
            memset(file.stored + len, 0, file.stored_len - len);
        membered_put(world, &catalog, 1, file.stored, filled ? file.stored_len : len);
        expect_joints(&catalog, &file, filled && members == 0 ? file.members : members);
        catalog_free(&catalog);
    }
}

static void any_bytes_end_the_walk_and_nothing_else(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {4};
    static struct membered file;
    for (int round = 0; round < 300; round++) {
        struct catalog catalog;
        const struct packer *packer = make(&seeded, round, &file);
        for (size_t changes = 1 + seeded_below(&seeded, 20); changes > 0; changes--)
            file.stored[seeded_below(&seeded, file.stored_len)] = (uint8_t)seeded_next(&seeded);
        memcpy(file.stored, packer->mark, packer->mark_len);
        membered_put(world, &catalog, 1, file.stored, file.stored_len);
        for (size_t i = 0; i < catalog.joints_len; i++) {
            assert_true(catalog.joints[i] > (i > 0 ? catalog.joints[i - 1] : 0));
            assert_true(catalog.joints[i] < file.stored_len);
        }
        catalog_free(&catalog);
    }
}

/* How long they are does not show in bzip2 data, and nothing looks like a member. */
static void others_are_whole(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {5};
    static const uint8_t text[] = "some text\n";
    for (size_t i = 0; i < LEN(packers); i++) {
        static uint8_t stored[1000];
        struct packed packed = {.bytes = stored, .room = sizeof stored};
        struct catalog catalog;
        for (int member = 0; member < 3; member++)
            packers[i].add(&seeded, &packed, text, sizeof text - 1, true);
        membered_put(world, &catalog, 1, stored, packed.len);
        const bool cut = packers[i].add != packed_bzip2;
        assert_int_equal(catalog.joints_len, cut ? 2 : 0);
        assert_int_equal(joints_longest(&catalog, 0) < packed.len, cut);
        catalog_free(&catalog);
    }
}

static bool begins_with_r(const uint8_t *text, size_t len)
{
    return len > 0 && *text == 'r';
}

/* Members without text before it are of no matter; behind the first that begins with something else
 * there is none. */
static void a_member_is_one_that_begins_with_a_record(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {5};
    static const char *const texts[] = {"record", "r", "", "rest", "xr", "record"};
    enum { GOOD = 3 };
    for (size_t i = 0; i < LEN(membered_packers); i++) {
        static uint8_t stored[4000];
        struct packed packed = {.bytes = stored, .room = sizeof stored};
        uint64_t begins[LEN(texts)];
        struct catalog catalog;
        for (size_t member = 0; member < LEN(texts); member++) {
            packed.begin = packed.len;
            membered_packers[i].add(&seeded, &packed, (const uint8_t *)texts[member],
                                    strlen(texts[member]), true);
            begins[member] = packed.begin;
        }
        struct joints_records records = {.begins = begins_with_r};
        for (int known = 1; known >= 0; known--, records.begins = NULL) {
            catalog_init(&catalog, &world->mem);
            assert_true(catalog_add(&catalog, folder_put("members", stored, packed.len), false,
                                    &world->fail));
            catalog.unit = 1;
            assert_true(joints_find(&catalog, 0, &records, &world->fail));
            assert_int_equal(catalog.joints_len, known ? GOOD : 0);
            assert_memory_equal(catalog.joints, begins + 1, catalog.joints_len * sizeof *begins);
            catalog_free(&catalog);
        }
    }
}

static size_t behind_r(const void *context, const uint8_t *text, size_t len)
{
    (void)context;
    const uint8_t *found = memchr(text, 'r', len);
    return found ? (size_t)(found - text) + 1 : 0;
}

static uint64_t text_len(const void *context, const uint8_t *text, size_t len)
{
    (void)context;
    assert_memory_equal(text, "head", 4);
    return len;
}

/* One in whose text that does not show is passed; what is looked at is its own text, however long
 * it is. */
static void a_member_may_begin_within_a_record(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {5};
    enum { LONG = 70000, ROOM = 3 * LONG };
    static char early[LONG + 1], late[LONG + 1];
    static uint8_t stored[ROOM];
    memset(early, 'x', LONG);
    memset(late, 'x', LONG);
    early[JOINTS_TEXT_BYTES - 1] = late[JOINTS_TEXT_BYTES] = 'r';
    const char *const texts[] = {"head", "xxr", "xxx", "rr", "", early, late, "xr"};
    static const uint64_t first[] = {0, 3, 0, 1, 0, JOINTS_TEXT_BYTES, 0, 2};
    for (size_t i = 0; i < LEN(membered_packers); i++) {
        struct packed packed = {.bytes = stored, .room = sizeof stored};
        const struct joints_records records = {.first = behind_r, .head = text_len};
        struct catalog catalog;
        uint64_t begins[LEN(texts)];
        size_t joint = 0;
        if (membered_packers[i].add == packed_bgzf)
            continue; /* its members are not so long */
        for (size_t member = 0; member < LEN(texts); member++) {
            packed.begin = packed.len;
            membered_packers[i].add(&seeded, &packed, (const uint8_t *)texts[member],
                                    strlen(texts[member]), true);
            begins[member] = packed.begin;
        }
        catalog_init(&catalog, &world->mem);
        assert_true(
            catalog_add(&catalog, folder_put("members", stored, packed.len), false, &world->fail));
        catalog.unit = 1;
        assert_true(joints_find(&catalog, 0, &records, &world->fail));
        assert_int_equal(catalog.files[0].head, JOINTS_TEXT_BYTES);
        for (size_t member = 1; member < LEN(texts); member++) {
            assert_int_equal(joints_text(&catalog, 0, begins[member]), first[member]);
            assert_int_equal(joints_text(&catalog, 0, begins[member] + 1), 0);
            if (first[member] > 0)
                assert_int_equal(catalog.joints[joint++], begins[member]);
        }
        assert_int_equal(catalog.joints_len, joint);
        assert_int_equal(joints_text(&catalog, 0, 0), 0);
        catalog_free(&catalog);
    }
}

static void the_nearest_joints_are_found(void **state)
{
    (void)state;
    uint64_t joints[] = {99, 3, 4, 10, 77};
    struct catalog_file files[] = {{.bytes = 200, .encoded = true, .joints_len = 1},
                                   {.bytes = 20, .encoded = true, .joints = 1, .joints_len = 3},
                                   {.bytes = 5, .encoded = true, .joints = 4}};
    const struct catalog catalog = {.files = files, .len = LEN(files), .joints = joints};
    static const uint64_t rows[][3] = {{0, 0, 3},  {2, 0, 3},    {3, 3, 4},    {4, 4, 10},
                                       {9, 4, 10}, {10, 10, 20}, {19, 10, 20}, {20, 10, 20}};
    for (size_t i = 0; i < LEN(rows); i++) {
        assert_int_equal(joints_at_or_before(&catalog, 1, rows[i][0]), rows[i][1]);
        assert_int_equal(joints_behind(&catalog, 1, rows[i][0]), rows[i][2]);
    }
    assert_int_equal(joints_longest(&catalog, 0), 101);
    assert_int_equal(joints_longest(&catalog, 1), 10);
    assert_int_equal(joints_longest(&catalog, 2), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(joints_are_where_members_begin),
        folder_test(records_are_passed_as_members_are),
        folder_test(a_file_is_cut_where_its_head_is_known),
        folder_test(members_of_many_blocks_are_passed),
        folder_test(what_is_damaged_is_not_cut_from_there_on),
        folder_test(any_bytes_end_the_walk_and_nothing_else),
        folder_test(others_are_whole),
        folder_test(a_member_is_one_that_begins_with_a_record),
        folder_test(a_member_may_begin_within_a_record),
        cmocka_unit_test(the_nearest_joints_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
