# SPDX-License-Identifier: BSD-3-Clause
# Laws of scaling, fitted to measured times by least squares.
#
# fit() looks for T(p) = s + w/p + o*p with no negative constant: s seconds that ranks do not share, w that they do, o
# that each
# rank adds. Amdahl's law is o = 0. Errors are relative: the square of (T - measured) / measured, else the long runs
# with few
# ranks would decide alone.

# The value that a constant is multiplied by with p ranks.
function base(name, p) { return name == "s" ? 1 : name == "w" ? 1 / p : p }

# Solves the normal equations for the constants named in `names` ("sw") over points x[1..many], y[1..many] into found[name].
# Returns 0 where they have no single solution or a constant is negative.
function solve(names, x, y, many, found,   k, i, r, c, pivot, factor, a, size, held) {
    size = length(names)
    for (r = 1; r <= size; r++)
        for (c = 1; c <= size + 1; c++) {
            a[r, c] = 0
            for (i = 1; i <= many; i++)
                a[r, c] += base(substr(names, r, 1), x[i]) / y[i] * (c > size ? 1 : base(substr(names, c, 1), x[i]) / y[i])
        }
    for (k = 1; k <= size; k++) {
        for (pivot = r = k; r <= size; r++)
            if (a[r, k] ^ 2 > a[pivot, k] ^ 2) pivot = r
        if (a[pivot, k] ^ 2 < 1e-30 * a[1, size + 1] ^ 2)
            return 0
        for (c = k; c <= size + 1; c++) {
            held = a[k, c]; a[k, c] = a[pivot, c]; a[pivot, c] = held
        }
        for (r = 1; r <= size; r++)
            if (r != k) {
                factor = a[r, k] / a[k, k]
                for (c = k; c <= size + 1; c++)
                    a[r, c] -= factor * a[k, c]
            }
    }
    for (k = 1; k <= size; k++) {
        found[substr(names, k, 1)] = a[k, size + 1] / a[k, k]
        if (found[substr(names, k, 1)] < -1e-9 * y[1]) # below it is the arithmetic
            return 0
    }
    return 1
}

# The best law among `choices` ("sw w s") into law["s"], law["w"], law["o"]; law["error"] is its relative error (root of the
# mean square), law["variance"] the same with regard to how many constants it took. Only laws with at least `spare`
# points more
# than constants are tried. Returns 0 where there is none.
function fit(choices, spare, x, y, many, law,   c, i, n, name, found, sum, best) {
    best = -1
    n = split(choices, name, " ")
    for (c = 1; c <= n; c++) {
        found["s"] = found["w"] = found["o"] = 0
        if (many < length(name[c]) + spare || !solve(name[c], x, y, many, found))
            continue
        sum = 0
        for (i = 1; i <= many; i++)
            sum += ((found["s"] + found["w"] / x[i] + found["o"] * x[i]) / y[i] - 1) ^ 2
        if (best >= 0 && sum >= best - 1e-15) # of equals the first
            continue
        best = sum
        for (i in found)
            law[i] = found[i] < 0 ? 0 : found[i]
        law["error"] = sqrt(sum / many)
        law["variance"] = many > length(name[c]) ? sum / (many - length(name[c])) : 0
    }
    return best >= 0
}
