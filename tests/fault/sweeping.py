# SPDX-License-Identifier: BSD-3-Clause
"""What sweeps share: many runs of the program, with one fault in each, and how they ended."""
import argparse
import collections
import concurrent.futures
import itertools
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
SLOW = int(os.environ.get('WC_TEST_SLOW', '1'))
LIMIT_S = 20 * SLOW
STANDS_S = 2 * SLOW  # --timeout
MPIRUN = ['mpirun', '-q', '--oversubscribe', '--mca', 'pml', 'ob1', '--mca', 'btl', 'self,vader', '--mca', 'plm', 'isolated']
SETTINGS = {'OMPI_MCA_hwloc_base_binding_policy': 'none', 'OMPI_MCA_mpi_yield_when_idle': '1',
            'OMPI_MCA_odls_base_sigkill_timeout': os.environ.get('OMPI_MCA_odls_base_sigkill_timeout', '0'), 'OMPI_ALLOW_RUN_AS_ROOT': '1', 'OMPI_ALLOW_RUN_AS_ROOT_CONFIRM': '1'}
OLD = ('counts', 'counts.mwc', 'lines', 'record', 'page.html', 'plot.svg')  # what may be there before a run


class Sweep:
    """One kind of fault. A subclass says which runs there are (name: ranks, 0 without mpirun, and arguments), the layer and
    the variable that tells it, which cases a call makes, and what it does not forgive."""
    RUNS = {}
    LAYER = ''
    VARIABLE = ''
    STATUSES = ()  # that a failure may have
    STATEFUL = ()  # runs that are started again behind a failure, and must then end exactly
    KEPT = ()  # how files of an input folder begin that are results by themselves: a failure may have left some of them
    AROUND = ('record', 'done.db')  # how files begin that are no result: they differ from run to run, and may change

    def __init__(self, base, program):
        self.base, self.program = base, program
        self.layer = os.environ.get('WC_PRELOAD', '') + TOP + '/build/' + self.LAYER
        os.makedirs(base + '/inputs')
        self.make_inputs(base + '/inputs')
        self.inputs = set(os.listdir(base + '/inputs'))
        self.expected, self.words = {}, {}

    def wc(self, folder, *arguments):
        env = {**os.environ, **SETTINGS}
        subprocess.run([self.program, '-q', *arguments], cwd=folder, check=True, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def make_inputs(self, folder):
        for name, seed in (('text', 1), ('more', 2)):
            with open(f'{folder}/{name}', 'wb') as file:
                subprocess.run([TOP + '/build/corpus', 'zipf', '100000', '5000', str(seed)], stdout=file, check=True)
        with open(folder + '/tasks', 'w') as file:
            file.write(''.join('{"n": %d}\n' % n for n in range(1, 31)))
        for made, text in (('one', 'text'), ('two', 'more')):
            self.wc(folder, '-o', made + '.mwc', text)

    def arguments(self, name):
        return shlex.split(self.RUNS[name][1])

    def start(self, name, folder, settings, layer=True):
        """Returns exit status (None: it was ended), standard output, lines, seconds."""
        ranks = self.RUNS[name][0]
        env = {key: value for key, value in os.environ.items() if key not in ('LD_PRELOAD', self.VARIABLE)}
        env.update(SETTINGS, TMPDIR=folder + '.tmp')
        os.makedirs(folder + '.tmp', exist_ok=True)
        preload = {'LD_PRELOAD': self.layer, **settings} if layer else {}
        command = [self.program] + self.arguments(name)
        if ranks:
            command = MPIRUN + ['-n', str(ranks), 'env'] + [f'{key}={value}' for key, value in preload.items()] + command
        else:
            env.update(preload)
        begun = time.time()
        process = subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=LIMIT_S)
            status = process.returncode
        except subprocess.TimeoutExpired:
            process.terminate()
            try:
                out, err = process.communicate(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                out, err = process.communicate()
            status = None
        lines = [line for line in err.decode(errors='replace').split('\n') if line and not re.match(r'wc: warning: |\[warn\] Epoll ', line)]
        return status, out, lines, time.time() - begun

    def folder(self, name):
        """A new one, with the inputs and, in the place of the results, what was there before."""
        folder = tempfile.mkdtemp(prefix=name + '-', dir=self.base)
        for entry in self.inputs:
            made = f'{self.base}/inputs/{entry}'
            if os.path.isdir(made):
                shutil.copytree(made, f'{folder}/{entry}')
            else:
                os.link(made, f'{folder}/{entry}')
        for result in OLD:
            with open(f'{folder}/{result}', 'w') as file:
                file.write('old\n')
        return folder

    def remove(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(folder + '.tmp', ignore_errors=True)

    def results(self, folder):
        """All that is neither hidden nor an input."""
        found = {}
        for path, folders, names in os.walk(folder):
            folders[:] = [entry for entry in folders if not entry.startswith('.')]
            for entry in names:
                inside = os.path.relpath(f'{path}/{entry}', folder)
                given = inside.split('/')[0] in self.inputs and not (inside.startswith(self.KEPT) and entry.endswith('.result'))
                if not given and not entry.startswith('.') and not entry.endswith(('-wal', '-shm')):
                    with open(f'{path}/{entry}', 'rb') as file:
                        found[inside] = b'' if inside.startswith(self.AROUND) else file.read()
        return found

    def learn(self, name):
        """Runs it whole; returns how many calls there are: a list of (rank, call, number)."""
        folder = self.folder(name)
        status, out, lines, _ = self.start(name, folder, {self.VARIABLE + '_COUNTS': folder + '/.calls'})
        if status != 0:
            sys.exit(f'sweep: {name}: exit {status}: {lines}')
        self.expected[name] = out, self.results(folder)
        self.words[name] = lines
        calls = []
        for rank in range(self.RUNS[name][0] or 1):
            with open(f'{folder}/.calls.{rank}') as file:
                calls += [(rank, line.split()[0], int(line.split()[1])) for line in file]
        self.remove(folder)
        return sorted(calls)

    def run(self, case):
        name, fault = case[0], self.fault(case)
        folder = self.folder(name)
        before = self.results(folder)
        met = folder + '.met'
        status, out, lines, seconds = self.start(name, folder, {self.VARIABLE: fault, self.VARIABLE + '_MET': met})
        was_met = os.path.exists(met)
        if was_met:
            os.unlink(met)
        problems = self.judge(case, folder, before, status, out, lines)
        if was_met and status not in (0, None) and name in self.STATEFUL:
            again, out, more, _ = self.start(name, folder, {}, layer=False)
            if again != 0 or (out, self.results(folder)) != self.expected[name]:
                problems.append(f'started again: exit {again}, {" ".join(more)}')
        self.remove(folder)
        return case, fault, was_met, status, lines, seconds, problems

    def judge(self, case, folder, before, status, out, lines):
        problems = []
        left = self.left(case, folder)
        for _ in range(50 * SLOW if left else 0):  # what removes temporary files comes after the last rank
            time.sleep(0.02)
            left = self.left(case, folder)
            if not left:
                break
        if left:
            problems.append('left behind: ' + ' '.join(left))
        found = self.results(folder)
        whole = self.is_whole(case[0], folder, out, found)
        if status is None:
            problems.append(f'no end in {LIMIT_S} s')
        elif status == 0:
            if not whole:
                problems.append('exit 0 and a WRONG RESULT')
            if lines != self.words[case[0]]:
                problems.append('exit 0 and other words')
        else:
            if status not in self.STATUSES:
                problems.append(f'exit {status}')
            changed = [entry for entry in found if found[entry] != before.get(entry) and not entry.startswith(self.AROUND + self.KEPT)]
            if changed:
                problems.append('a failure, but ' + ('the result is new and right' if whole else 'changed: ' + ' '.join(sorted(changed))))
            if not self.expected[case[0]][0].startswith(out):
                problems.append('a failure, and other words on standard output')
            if len(lines) != 1 or not lines[0].startswith('wc: '):
                problems.append(f'{len(lines)} lines')
        return problems

    def is_whole(self, name, folder, out, found):
        return (out, found) == self.expected[name]

    def left(self, case, folder):
        """Files, and processes of the program."""
        found = []
        for path, folders, names in os.walk(folder):
            found += [entry for entry in folders + names if entry.startswith('.')]
        for process in os.listdir('/proc'):
            try:
                if process.isdigit() and os.path.samefile(f'/proc/{process}/cwd', folder) and os.readlink(f'/proc/{process}/exe') == self.program:
                    found.append('process ' + process)
            except OSError:
                pass
        return found


def sample_of(cases, size, seed):
    """Of each fault of each kind of call in each run some, before any has more."""
    draw = random.Random(seed)
    groups = collections.defaultdict(list)
    for case in cases:
        groups[case[:3]].append(case)
    lists = [draw.sample(group, len(group)) for group in groups.values()]
    kinds = collections.defaultdict(list)  # of a fault in a call, in any run
    for group in draw.sample(lists, len(lists)):
        kinds[group[0][1:3]].append(group)
    turns = [itertools.chain.from_iterable(itertools.zip_longest(*of_kind)) for of_kind in kinds.values()]
    mixed = [case for case in itertools.chain.from_iterable(itertools.zip_longest(*turns)) if case]
    return mixed[:size]


def main(kind, description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--sample', type=int, metavar='N', help='N of the cases, drawn')
    parser.add_argument('--seed', type=int, default=1, help='of what is drawn')
    parser.add_argument('--seconds', type=float, default=float('inf'), help='begin no other run after so many')
    parser.add_argument('--only', default='', metavar='RE', help='cases `RUN FAULT` that match')
    parser.add_argument('--jobs', type=int, default=2, help='runs at a time')
    parser.add_argument('--program', default=TOP + '/wc')
    parser.add_argument('--show', action='store_true', help='each case, and how it ended')
    parser.add_argument('runs', nargs='*', metavar='RUN', help='of: ' + ' '.join(kind.RUNS))
    options = parser.parse_args()
    base = tempfile.mkdtemp(prefix='wc-sweep-')
    try:
        sys.exit(tried(kind(base, os.path.realpath(options.program)), options))
    finally:
        shutil.rmtree(base, ignore_errors=True)


def tried(sweep, options):
    begun = time.time()
    wanted = re.compile(options.only)
    cases = [case for name in options.runs or sweep.RUNS for rank, call, number in sweep.learn(name)
             for case in sweep.cases(name, rank, call, number) if wanted.search(f'{name} {sweep.fault(case)}')]
    planned = len(cases)
    cases = sample_of(cases, options.sample or planned, options.seed)
    tally, modes, bad, slowest = collections.Counter(), collections.defaultdict(collections.Counter), 0, 0.0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for case, fault, met, status, lines, seconds, problems in limited(pool, sweep.run, cases, begun + options.seconds):
            end = 'bad' if problems else 'not met' if not met else 'exact' if status == 0 else f'exit {status}'
            tally[end] += 1
            modes[case[1]][end] += 1
            slowest = max(slowest, seconds)
            if problems or options.show:
                bad += bool(problems)
                print(f'{case[0]} {fault}: {"; ".join(problems) or end} | exit {status}, {seconds:.1f} s | {" // ".join(lines)[:300]}', flush=True)
    for mode, ends in sorted(modes.items()):
        print(f'{mode:8}' + ''.join(f'{end} {ends[end]:<6}' for end in sorted(ends)))
    print(f'{sum(tally.values())} runs of {planned}: ' + ', '.join(f'{number} {end}' for end, number in sorted(tally.items())) +
          f'; the slowest {slowest:.1f} s; {time.time() - begun:.0f} s')
    return 1 if bad else 0


def limited(pool, function, cases, end):
    """The results of as many as can be begun until then, as they come."""
    waiting = iter(cases)
    running = {pool.submit(function, case) for case in itertools.islice(waiting, 4)}
    while running:
        done, running = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
        for future in done:
            yield future.result()
            case = next(waiting, None) if time.time() < end else None
            if case:
                running.add(pool.submit(function, case))
