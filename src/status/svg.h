/* SPDX-License-Identifier: BSD-3-Clause */
/* svg: what pages and plots are drawn with. Colours and type are those of page.css, so that they
 * follow the reader's choice of light and dark. */
#ifndef SVG_H
#define SVG_H

#include <stdio.h>

/* Local. The style sheet, as an element of HTML or, of plots alone, of SVG. */
void svg_style(FILE *file);
void svg_style_of_plots(FILE *file);

/* Local. Text of others, made harmless: what HTML would obey, what cannot be seen and what is not
 * UTF-8 is shown instead, as in ESCAPE_ALL. Of more than `most` bytes it is the beginning. */
void svg_text(FILE *file, const char *text, size_t most);

#endif
