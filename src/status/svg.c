/* SPDX-License-Identifier: BSD-3-Clause */
/* Pieces of HTML and SVG. */
#include "status/svg.h"

#include "text/escape.h"

#include <page_css.h>
#include <stdint.h>
#include <string.h>

enum { PIECE_BYTES = 4, ELLIPSIS_BYTES = 3 };

static const char style[] = PAGE_CSS;

void svg_style(FILE *file)
{
    fprintf(file, "<style>\n%s</style>\n", style);
}

void svg_style_of_plots(FILE *file)
{
    const char *end = strstr(style, "/* Pages alone. */");
    fprintf(file, "<style>\n%.*s</style>\n", (int)(end - style), style);
}

static void put(FILE *file, const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] == '&')
            fputs("&amp;", file);
        else if (text[i] == '<')
            fputs("&lt;", file);
        else if (text[i] == '>')
            fputs("&gt;", file);
        else if (text[i] == '"')
            fputs("&quot;", file);
        else
            putc(text[i], file);
}

void svg_text(FILE *file, const char *text, size_t most)
{
    uint8_t shown[256 * ESCAPE_GROWTH];
    const size_t all = strlen(text);
    size_t len = all < most ? all : most;
    len = len < 256 ? len : 256;
    put(file, shown, (size_t)(escape_write(shown, (const uint8_t *)text, len, ESCAPE_ALL) - shown));
    if (len < all)
        fputs("\xe2\x80\xa6", file);
}
