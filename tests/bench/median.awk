# SPDX-License-Identifier: BSD-3-Clause
# What the tables of measured runs share. The program that uses this fills runs[key], the number of runs of that key, and
# value[key, column, 1] to value[key, column, runs[key]].

# Sets low, high and returns the median of a column over the runs of a key.
function median(key, column,   i, k, held, sorted, many) {
    many = runs[key]
    for (i = 1; i <= many; i++) {
        held = value[key, column, i] + 0
        for (k = i; k > 1 && sorted[k - 1] > held; k--)
            sorted[k] = sorted[k - 1]
        sorted[k] = held
    }
    low = sorted[1]
    high = sorted[many]
    return (sorted[int((many + 1) / 2)] + sorted[int(many / 2) + 1]) / 2
}
