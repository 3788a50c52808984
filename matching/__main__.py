"""The engine at the command line: `python -m matching solve week.json -o plan.json`, and the other commands.

Exit codes: 0 done, 1 the plan breaks a rule, 2 bad input (one line `path: what is wrong`, nothing written), 143 or 130
stopped before there was anything to write.
"""

import argparse
import dataclasses
import json
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

import matching
from matching import example
from matching.files import plan_to_json, read_plan, read_start, read_week
from matching.files.output import must_be_writable, write
from matching.files.values import BadFile
from matching.model import Plan, Week

WRITING_SECONDS = 0.15
WRITING_SHARE = 0.01
LADDER = "ladder"
SIGNALS = [signal.SIGTERM, signal.SIGINT, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
SILENCE = 3.0
"""Seconds without a word after which a planner says on standard error what it is likely to be doing."""
COMPILING = "reading and compiling; the first run on a machine takes up to a minute (python -m matching warm-up does it beforehand)"
MOST_WORKERS = 2


class Stopper:
    """Hears SIGTERM, SIGINT and SIGHUP: before the first progress they end the process, afterwards they ask for the best so far."""

    def __init__(self) -> None:
        self.told = False
        self.stopped = False
        for number in SIGNALS:
            signal.signal(number, self.hear)

    def hear(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        if not self.told:
            raise SystemExit(128 + number)
        self.stopped = True

    def asked(self) -> bool:
        """Say whether to stop."""
        return self.stopped

    def over(self) -> None:
        """Hear nothing more: the plan is written, and an interpreter that is closing would give the signals back their force to kill."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)


class Teller:
    """Writes progress as JSON lines; a reader who has gone away is no reason to stop."""

    def __init__(self, stopper: Stopper, waiting: threading.Timer, *, aloud: bool) -> None:
        self.stopper = stopper
        self.waiting = waiting
        self.aloud = aloud

    def __call__(self, event: dict[str, object]) -> None:
        """Tell one event; the rungs of a re-plan's ladder are told even without --progress."""
        # Whoever reads the line may send a signal at once: by then it must already mean "the best so far".
        self.stopper.told = True
        self.waiting.cancel()
        if self.aloud or str(event.get("phase")).startswith(LADDER):
            try:
                print(json.dumps(event, ensure_ascii=False), flush=True)
            except BrokenPipeError:
                self.aloud = False
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class OneLine(argparse.ArgumentParser):
    """A parser whose refusals are one line, as for a bad file."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line."""
        self.exit(2, f"command line: {message}\n")


def started() -> float:
    """Give the moment the process began: until here it did nothing but compute, so its processor time is its age."""
    return time.monotonic() - time.process_time()


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    began = started()
    options = parser().parse_args(arguments)
    try:
        if options.command in ALONE:
            return int(options.run(options))
        week = None if options.command in PLANNERS else read_week(options.week)
        return int(options.run(options, week, began))
    except BadFile as bad:
        print(bad, file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    top = OneLine(prog="python -m matching", description="Plan a week of visits, judge plans and explain them.")
    commands = top.add_subparsers(dest="command", required=True)
    for name, run, text, plans in COMMANDS:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        command.add_argument("week", metavar="WEEK")
        for plan in plans:
            command.add_argument(plan.lower(), metavar=plan)
        if name in PLANNERS:
            _planner_options(command)
        if name in {*PLANNERS, "advise", "bound"}:
            command.add_argument("--seconds", type=_seconds, default=60.0, help="wall time from reading to writing")
    commands.choices["check"].add_argument("--full", action="store_true", help="also status, score, bound, reasons and fixes")
    commands.choices["solve"].add_argument("--start", metavar="PLAN", help="begin from a plan of an earlier week")
    commands.choices["show"].add_argument("-o", "--output", metavar="PAGE", help="write a page of HTML instead of lines")
    commands.choices["show"].add_argument("--language", choices=("zh", "en"), default="zh")
    for name, run_alone, text in WITHOUT_WEEK:
        commands.add_parser(name, help=text, description=text).set_defaults(run=run_alone)
    commands.choices["schema"].add_argument("of", choices=("week", "plan"))
    commands.choices["example"].add_argument("-o", "--output", metavar="FOLDER", help="write week.json and plan.json there")
    return top


def _planner_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("-o", "--output", metavar="PLAN", required=True)
    command.add_argument("--iterations", type=_count(0), default=None)
    command.add_argument("--workers", type=_count(1), default=2)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--progress", action="store_true", help="one JSON line an event on standard output")


def _seconds(written: str) -> float:
    seconds = float(written)
    if not (math.isfinite(seconds) and seconds > 0):
        message = "must be more than 0"
        raise argparse.ArgumentTypeError(message)
    return seconds


def _count(least: int) -> Callable[[str], int]:
    def count(written: str) -> int:
        number = int(written)
        if number < least:
            message = f"must be at least {least}"
            raise argparse.ArgumentTypeError(message)
        return number

    return count


def plan_week(options: argparse.Namespace, _week: Week | None, began: float) -> int:
    """Solve or re-plan a week and write the plan."""
    if options.workers > MOST_WORKERS:
        print(f"--workers {options.workers}: {MOST_WORKERS} are used", file=sys.stderr)
    stopper = Stopper()
    output = Path(options.output)
    must_be_writable(output)
    week = read_week(options.week)
    if options.command == "replan" and week.baseline is None:
        message = "is needed to plan again"
        raise BadFile(message, ".baseline")
    more: dict[str, object] = {}
    if options.command == "solve" and options.start is not None:
        if week.baseline is not None:
            message = "is not for a week with a baseline, which begins from that"
            raise BadFile(message, "--start")
        more["start"] = read_start(options.start)
    # OR-Tools is heavy and only planners need it: the package loads them when they are asked for.
    planner: Callable[..., Plan] = getattr(matching, options.command)
    waiting = threading.Timer(SILENCE, print, [COMPILING], {"file": sys.stderr, "flush": True})
    waiting.daemon = True
    waiting.start()
    left = options.seconds * (1 - WRITING_SHARE) - WRITING_SECONDS - (time.monotonic() - began)
    plan = planner(
        week,
        seconds=max(left, 0.05),
        iterations=options.iterations,
        workers=options.workers,
        seed=options.seed,
        progress=Teller(stopper, waiting, aloud=options.progress),
        stop=stopper.asked,
        **more,
    )
    stopper.told = True
    write(output, plan_to_json(dataclasses.replace(plan, seconds=round(time.monotonic() - began, 1))))
    stopper.over()
    return 0


def check_plan(options: argparse.Namespace, week: Week, _began: float) -> int:
    """Judge a plan."""
    from matching.referee.check import check

    plan = read_plan(options.plan, week)
    verdict = check(week, plan)
    breaches = list(verdict.breaches)
    if options.full:
        from matching.advice.audit import audit

        breaches += audit(week, plan, verdict)
    for breach in breaches:
        print(f"{breach.rule}: {breach.en}")
    if breaches:
        return 1
    print(json.dumps(dataclasses.asdict(verdict.score)))
    return 0


def explain_plan(options: argparse.Namespace, week: Week, _began: float) -> int:
    """Print why visits are not served, and what would help."""
    from matching.advice.explain import explain

    _show([dataclasses.asdict(one) for one in explain(week, read_plan(options.plan, week))])
    return 0


def rank_visit(options: argparse.Namespace, week: Week, _began: float) -> int:
    """Print who else could serve a visit."""
    from matching.advice.rank import rank

    plan = read_plan(options.plan, week)
    if options.visit not in {visit.id for visit in week.visits}:
        message = f"names no visit: {options.visit!r}"
        raise BadFile(message, "VISIT")
    keys = ("volunteers", "day", "start", "cost", "travel", "new_faces", "serves_now")
    _show([{key: getattr(one, key) for key in keys} for one in rank(week, plan, options.visit)])
    return 0


def compare_plans(options: argparse.Namespace, week: Week, _began: float) -> int:
    """Print who is touched by a new plan and how."""
    from matching.compare import compare

    found = compare(week, read_plan(options.old, week), read_plan(options.new, week))
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 0


def advise_recruiting(options: argparse.Namespace, week: Week, began: float) -> int:
    """Print whom to recruit."""
    from matching.advise import advise

    plan = read_plan(options.plan, week)
    _show(advise(week, plan, seconds=_left(options, began)))
    return 0


def bound_week(options: argparse.Namespace, week: Week, began: float) -> int:
    """Print a weight that no plan can serve more than."""
    from matching.bound import bound

    proved = bound(week, seconds=_left(options, began))
    print(json.dumps({"served_weight": int(proved), **proved.said()}))
    return 0


def show_plan(options: argparse.Namespace, week: Week, _began: float) -> int:
    """Print a plan as lines, or write it as a page."""
    from matching.show.page import page
    from matching.show.text import lines

    plan = read_plan(options.plan, week)
    if options.output is None:
        print("\n".join(lines(week, plan, language=options.language)))
        return 0
    output = Path(options.output)
    must_be_writable(output)
    write(output, page(week, plan, language=options.language))
    return 0


def give_example(options: argparse.Namespace) -> int:
    """Write the example's week and plan into a folder, or print the week."""
    if options.output is None:
        print((example.FOLDER / "week.json").read_text(encoding="utf-8"), end="")
        return 0
    folder = Path(options.output)
    if not folder.is_dir():
        message = "is no folder"
        raise BadFile(message, str(folder))
    for name in example.FILES:
        write(folder / name, (example.FOLDER / name).read_text(encoding="utf-8"))
    return 0


def give_schema(options: argparse.Namespace) -> int:
    """Print the JSON Schema of one of the formats."""
    from matching.files.schema import SCHEMAS

    print(json.dumps(SCHEMAS[options.of](), ensure_ascii=False, indent=1))
    return 0


def warm_up(_options: argparse.Namespace) -> int:
    """Compile what the first solve of this machine would have to wait for."""
    week = read_week(example.FOLDER / "week.json")
    matching.solve(week, seconds=600, iterations=1, workers=1)
    base = dataclasses.replace(week, baseline=read_plan(example.FOLDER / "plan.json", week))
    matching.replan(base, seconds=600, iterations=1)
    return 0


def _left(options: argparse.Namespace, began: float) -> float:
    return float(max(options.seconds - (time.monotonic() - began), 0.05))


def _show(items: list[dict[str, object]]) -> None:
    """Print a list as JSON, one item a line."""
    lines = ",\n ".join(json.dumps(item, ensure_ascii=False) for item in items)
    print(f"[{lines}]")


PLANNERS = ("solve", "replan")
COMMANDS = (
    ("solve", plan_week, "plan a week", ()),
    ("replan", plan_week, "plan a week with a baseline again, touching the fewest people", ()),
    ("check", check_plan, "judge a plan: 0 and the score, or 1 and every breach", ("PLAN",)),
    ("explain", explain_plan, "say why visits are not served and what would help", ("PLAN",)),
    ("rank", rank_visit, "say who else could serve a visit", ("PLAN", "VISIT")),
    ("advise", advise_recruiting, "say whom to recruit", ("PLAN",)),
    ("compare", compare_plans, "say who is touched by a new plan and how", ("OLD", "NEW")),
    ("bound", bound_week, "prove a weight that no plan can serve more than", ()),
    ("show", show_plan, "look at a plan: as lines, or as a page with map and timeline", ("PLAN",)),
)
WITHOUT_WEEK = (
    ("example", give_example, "print a small week to try the commands on, or write it with its plan into a folder"),
    ("schema", give_schema, "print the JSON Schema of a week or a plan"),
    ("warm-up", warm_up, "compile once what the first solve on this machine would wait for"),
)
ALONE = frozenset(name for name, _run, _text in WITHOUT_WEEK)


def safely() -> int:
    """Run as a command: whoever stops reading or interrupts very early gets no traceback."""
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return code


if __name__ == "__main__":
    sys.exit(safely())
