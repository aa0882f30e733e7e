#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# The same sources on a simulated cluster of eight machines give the same bytes.
load ../helpers

@test "eight ranks under SimGrid" {
    command -v smpirun >/dev/null && [[ -x $top/build/smpi/wc ]] || skip 'needs SimGrid'
    corpus zipf 2000000 50000 3 >text
    printf 'h%d\n' {0..7} >hosts
    cat >platform.xml <<'EOF'
<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
<cluster id="lab" prefix="h" suffix="" radical="0-7" speed="10Gf" bw="1.25GBps" lat="20us"/>
</platform>
EOF
    timeout "$limit" smpirun -platform platform.xml -hostfile hosts -np 8 --cfg=smpi/host-speed:10Gf \
        "$top/build/smpi/wc" --memory 16M -o counts text >"$out" 2>"$err"
    grep -q '8 ranks on 8 hosts, verified' "$err"
    oracle text >expected
    expect_same expected counts
}
