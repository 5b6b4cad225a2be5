"""Settings of the whole test run: hypothesis profiles, and no silent skips in CI."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

# Benchmarks run by `make bench`, never as tests.
collect_ignore = ["bench"]

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}

# No deadline: two workers share the machine.  Every run draws the same examples, so that what a
# test finds it finds each time; `HYPOTHESIS_SEARCH=1 pytest` looks for others, three times as many.
settings.register_profile("same", deadline=None, derandomize=True, max_examples=200)
settings.register_profile("search", deadline=None, max_examples=600)
IN_SEARCH = os.environ.get("HYPOTHESIS_SEARCH", "") == "1"
settings.load_profile("search" if IN_SEARCH else "same")


class NoSkips:
    """Turns each skip into a failure; tests marked ``hardware`` may be skipped."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        is_xfail = hasattr(report, "wasxfail")
        if report.skipped and not is_xfail and item.get_closest_marker("hardware") is None:
            report.outcome = "failed"
            report.longrepr = f"skipped in CI: {report.longrepr}"
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self,
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        if report.skipped:
            report.outcome = "failed"
            report.longrepr = f"skipped in CI: {report.longrepr}"
        return report


def pytest_configure(config: pytest.Config) -> None:
    # A plugin of its own, because hooks of this file do not see the doctests of src.
    if IN_CI:
        config.pluginmanager.register(NoSkips(), "no-skips")
