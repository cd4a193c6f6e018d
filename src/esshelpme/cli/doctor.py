"""Check the installation and configuration: what is wrong, and how to mend it.

Exit status 0 when sound, 1 otherwise. Nothing is changed. The embedded database is started
for the check when nothing else runs it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator

from esshelpme.cli.checks import CHECKS, Check, Patient, Verdict
from esshelpme.cli.rooms import tell
from esshelpme.platform.config import current
from esshelpme.platform.errors import ConfigError, Refusal
from esshelpme.platform.postgres import in_use

_MARKS = {"ok": ("ok    ", "32"), "note": ("note  ", "33"), "wrong": ("WRONG ", "31")}


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(options: argparse.Namespace) -> int:
    """Run every check, whatever the others said."""
    try:
        config = current()
    except ConfigError as error:
        _show(Verdict("configuration", "wrong", str(error), "correct the variable in the environment"))
        return 1
    _show(Verdict("configuration", "ok", f"{config.env}, data in {config.data_dir}"))
    patient = Patient(config)
    wrong = 0
    with _database(patient):
        for check in CHECKS:
            for verdict in _verdicts(check, patient):
                wrong += verdict.state == "wrong"
                _show(verdict)
    print("\nSound." if not wrong else f"\n{wrong} to mend.")
    return 1 if wrong else 0


def _verdicts(check: Check, patient: Patient) -> Iterator[Verdict]:
    try:
        yield from check(patient)
    except Exception as error:  # whatever is broken, the other checks still tell their part
        found = f"could not be checked: {type(error).__name__}: {error}"
        yield Verdict(check.__name__, "wrong", found, "if nothing else is wrong, report it with this line")


@contextlib.contextmanager
def _database(patient: Patient) -> Iterator[None]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esshelpme.site.settings")
    with contextlib.ExitStack() as stack:
        if patient.has_database:
            try:
                stack.enter_context(in_use(patient.config, tell))
            except Refusal as refusal:
                patient.trouble = str(refusal)
        yield


def _show(verdict: Verdict) -> None:
    mark, colour = _MARKS[verdict.state]
    if sys.stdout.isatty():
        mark = f"\x1b[{colour}m{mark}\x1b[0m"
    print(f"{mark}{verdict.about}: {verdict.found}", flush=True)
    if verdict.mend:
        print(f"      → {verdict.mend}", flush=True)
