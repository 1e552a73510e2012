"""`python -m usability_tests run|monkey|score`: see `--help` of each."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """0: all is well; 1: a task, a budget, a rule or the baseline is broken; 2: usage."""
    arguments = _parser().parse_args(argv)
    result: int = arguments.command(arguments)
    return result


def _run(arguments: argparse.Namespace) -> int:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from usability_tests import report, run

    def say(line: str) -> None:
        if not arguments.json:
            print(line, flush=True)

    baseline = Path(arguments.baseline) if arguments.baseline else run.BASELINE
    folder = Path(arguments.report)
    done = run.run(folder, baseline=baseline, real=arguments.real, only=arguments.only, say=say)
    if arguments.keep:
        run.save_baseline(done)
    if arguments.json:
        import json

        print(json.dumps(report.as_json(done), indent=1))
    for change in done.changes:
        say(f"WORSE {change.sentence}")
    say(f"{'Passed' if done.passed else 'FAILED'}; the report is {folder / 'report.html'}")
    return 0 if done.passed else 1


def _monkey(arguments: argparse.Namespace) -> int:
    from usability_tests.monkey import run_all

    return run_all(arguments.seeds, arguments.inputs, print)


def _score(arguments: argparse.Namespace) -> int:
    from usability_tests.sus import tell

    return tell(Path(arguments.folder), print)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m usability_tests", description=__doc__)
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="try every scenario, look at every surface, write a report")
    run.add_argument("--report", metavar="DIR", required=True)
    run.add_argument(
        "--baseline", metavar="FILE", default="", help="an earlier report.json; else usability_tests/baseline.json"
    )
    run.add_argument("--json", action="store_true", help="print the JSON instead of words")
    run.add_argument("--real", action="store_true", help="some scenarios with the starter models as well")
    run.add_argument("--only", metavar="ID", nargs="+", default=[], help="these scenarios only, and no surface")
    run.add_argument("--keep", action="store_true", help="make this run the baseline")
    run.set_defaults(command=_run)
    monkey = commands.add_parser("monkey", help="random keys and clicks, in a jail")
    monkey.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    monkey.add_argument("--inputs", type=int, default=200)
    monkey.set_defaults(command=_monkey)
    score = commands.add_parser("score", help="SUS and SEQ of the sheets that people filled in")
    score.add_argument("folder", nargs="?", default=str(Path(__file__).with_name("results")))
    score.set_defaults(command=_score)
    return parser


if __name__ == "__main__":
    sys.exit(main())
