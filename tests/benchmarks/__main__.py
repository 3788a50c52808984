"""The benchmarks at the command line: each command appends rows to FOLDER/rows.jsonl and goes on where it stopped."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks import peer, peers, plots, published, readme, replans, sizes, start
from tests.benchmarks.generate import SIZES
from tests.benchmarks.sets import read_sets
from tests.benchmarks.store import Store
from tests.benchmarks.stripped import CannotSay

WEEKS = {"normal": False, "scarce": True}
GROWTH = ("S", "M", "L", "XL")
ROWS = {one: one for one in (sizes.TABLE, peers.TABLE, published.TABLE, start.TABLE, replans.TABLE)} | {"growth": sizes.TABLE}
"""From which rows each table of the README is made."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except CannotSay as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    commands = top.add_subparsers(required=True)
    many = _command(commands.add_parser("sizes", help="our engine by size, seed and scarcity"), run_sizes)
    _weeks(many, ",".join(SIZES))
    many.add_argument("--weeks", type=_names(WEEKS), default=list(WEEKS), help="normal, scarce or both")
    many.add_argument("--workers", type=int, default=2)
    many.add_argument("--equal-service", type=_names(SIZES), default=["M"], help="sizes to compare with the greedy, each solved twice")
    beside = _command(commands.add_parser("peers", help="ours and other solvers on one week"), run_peers)
    _weeks(beside, ",".join(peers.SECONDS))
    beside.add_argument("--solvers", type=_names(peers.SOLVERS), default=list(peers.SOLVERS))
    known = _command(commands.add_parser("published", help="ours and other solvers on published sets"), run_published)
    known.add_argument("sets_folder", type=Path, metavar="SETS", help="the folder with the sets, each in its own folder")
    known.add_argument("--sets", type=_names(published.SETS), default=list(published.SETS))
    known.add_argument("--only", type=_list, default=[], help="instances by name, or by how their names begin")
    known.add_argument("--solvers", type=_names(published.SOLVERS), default=list(published.SOLVERS))
    known.add_argument("--seconds", type=lambda text: [float(part) for part in _list(text)], default=list(published.SECONDS))
    again = _command(commands.add_parser("replans", help="re-planning after events"), run_replans)
    again.add_argument("--sizes", type=_names(SIZES), default=list(replans.SIZES))
    again.add_argument("--trials", type=int, default=replans.TRIALS)
    growth = _command(commands.add_parser("growth", help="seconds to 99 % of the bound against visits"), run_growth)
    growth.add_argument("--sizes", type=_names(SIZES), default=list(GROWTH))
    curves = _command(commands.add_parser("curves", help="weight, travel, new faces and fairness over time"), run_curves)
    curves.add_argument("--sizes", type=_names(SIZES), default=list(SIZES))
    _command(commands.add_parser("start", help="what the first run costs, and later ones"), run_start)
    _command(commands.add_parser("readme", help="put the tables of the rows at hand into the README"), run_readme)
    single = commands.add_parser("peer", help="let one other solver plan one week")
    single.set_defaults(run=run_peer)
    single.add_argument("solver", choices=peer.NAMES)
    single.add_argument("week", type=Path)
    single.add_argument("-o", "--output", type=Path, required=True)
    single.add_argument("--seconds", type=float, default=60.0)
    return top


def _command(command: argparse.ArgumentParser, run: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
    command.set_defaults(run=run)
    command.add_argument("-o", "--output", type=Path, required=True, help="the folder of the rows and plots")
    command.add_argument("--markdown", action="store_true", help="only print the table of the rows at hand")
    return command


def _weeks(command: argparse.ArgumentParser, every: str) -> None:
    command.add_argument("--sizes", type=_names(SIZES), default=_list(every))
    command.add_argument("--seeds", type=_seeds, default=list(range(1, 11)), help="as 1-10 or 1,4")
    command.add_argument("--seconds", type=float, default=None, help="instead of each size's own")


def _list(text: str) -> list[str]:
    return [part for part in text.split(",") if part]


def _names(known: Sequence[str] | dict[str, object]) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        for part in _list(text):
            if part not in known:
                raise argparse.ArgumentTypeError(f"{part!r} is none of {', '.join(known)}")
        return _list(text)

    return names


def _seeds(text: str) -> list[int]:
    spans = [part.partition("-") for part in _list(text)]
    return [seed for first, _, last in spans for seed in range(int(first), int(last or first) + 1)]


def run_sizes(options: argparse.Namespace) -> None:
    """Measure our engine, and print the table."""
    store = Store(options.output)
    scarce = [WEEKS[name] for name in options.weeks]
    wanted = sizes.keys(options.sizes, options.seeds, scarce, options.seconds, options.workers)
    sizes.measure(store, [] if options.markdown else wanted, equal_service=options.equal_service)
    print(sizes.table(store))


def run_peers(options: argparse.Namespace) -> None:
    """Measure ours beside the others, and print the table."""
    store = Store(options.output)
    wanted = peers.keys(options.sizes, options.seeds, _there(options.solvers), options.seconds)
    peers.measure(store, [] if options.markdown else wanted)
    print(peers.table(store))


def run_published(options: argparse.Namespace) -> None:
    """Measure all on the published sets, and print the tables."""
    store = Store(options.output)
    if not options.markdown:
        found = [one for one in read_sets(options.sets_folder, options.sets) if one.name.startswith(tuple(options.only) or "")]
        published.measure(store, {one.name: one for one in found}, published.keys(found, _there(options.solvers), options.seconds))
    print(published.table(store))


def _there(solvers: Sequence[str]) -> list[str]:
    """Leave out solvers that are not installed, with a line for each."""
    for name in solvers:
        if name != peers.OURS and (lack := peer.missing(name)):
            print(f"{name} is left out: {lack}", file=sys.stderr)
    return [name for name in solvers if name == peers.OURS or not peer.missing(name)]


def run_replans(options: argparse.Namespace) -> None:
    """Measure re-planning, and print the table."""
    store = Store(options.output)
    if not options.markdown:
        replans.measure(store, list(replans.keys(options.sizes, options.trials)))
    print(replans.table(store))


def run_growth(options: argparse.Namespace) -> None:
    """Print the exponent of growth and plot it."""
    store = Store(options.output)
    if not options.markdown:
        plots.growth(store, options.sizes)
    print(plots.growth_table(store, options.sizes))


def run_curves(options: argparse.Namespace) -> None:
    """Plot how the weeks get better over time."""
    for path in plots.curves(Store(options.output), options.sizes):
        print(path.name)


def run_start(options: argparse.Namespace) -> None:
    """Measure the start, and print the table."""
    store = Store(options.output)
    if not options.markdown:
        start.measure(store)
    print(start.table(store))


def run_readme(options: argparse.Namespace) -> None:
    """Fill the README's tables from the rows of the folder."""
    store = Store(options.output)
    tables = {"sizes": sizes.table(store), "peers": peers.table(store), "published": published.table(store), "start": start.table(store)}
    tables |= {"replans": replans.table(store), "growth": plots.growth_table(store, GROWTH)}
    text = readme.filled(
        readme.README.read_text(encoding="utf-8"), {name: table for name, table in tables.items() if store.table(ROWS[name])}
    )
    readme.README.write_text(text, encoding="utf-8")


def run_peer(options: argparse.Namespace) -> None:
    """Plan one week by one other solver."""
    peer.write(options.solver, options.week, options.output, options.seconds)


if __name__ == "__main__":
    sys.exit(main())
