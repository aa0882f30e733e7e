#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Links are followed where the user names them, and skipped below a folder: nothing is counted twice, no circle is walked.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir -p folder/inner elsewhere
    echo inside >folder/file
    echo deeper >folder/inner/file
    echo outside >elsewhere/file
    ln -s ../elsewhere/file folder/link-to-file
    ln -s ../elsewhere folder/link-to-folder
    ln -s . folder/circle
    ln -s nowhere folder/broken
    ln -s folder link-to-folder
    ln -s folder/file link-to-file
    mkfifo folder/pipe
}

@test "followed on the command line" {
    cd "$BATS_FILE_TMPDIR"
    run_wc plain link-to-file
    expect_success
    expect_counts folder/file
    run_wc 2 -r link-to-folder
    expect_success
    expect_counts folder/file folder/inner/file
}

@test "skipped below a folder, as are pipes" {
    cd "$BATS_FILE_TMPDIR"
    run_wc 2 -r folder
    expect_success
    expect_counts folder/file folder/inner/file
}

@test "a broken link on the command line is exit 3" {
    cd "$BATS_FILE_TMPDIR"
    run_wc plain folder/broken
    expect_failure 3 'folder/broken: No such file or directory'
}
