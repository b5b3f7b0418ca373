"""Hooks of the whole suite: gpu tests need a device; under CI=true no other test may be skipped."""

from __future__ import annotations

import os

import pytest

# Tests run a program once, and wait for XLA to compile it. For a gpu it compiles with care only.
HASTE = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"

if "PYTEST_XDIST_WORKER" in os.environ:  # workers share the cores: threads would wait for threads
    os.environ.setdefault("OMP_NUM_THREADS", "1")

_SKIPPED = pytest.StashKey[dict[str, str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden", action="store_true", help="keep what is made now as golden"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Only `-m gpu` shows jax a gpu, of whose memory it leaves torch some."""
    on_gpu = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    on_cpu = {"XLA_FLAGS": HASTE, "JAX_PLATFORMS": "cpu"}
    for name, value in (on_gpu if _for_gpu(config) else on_cpu).items():
        os.environ.setdefault(name, value)
    config.stash[_SKIPPED] = {}
    config.pluginmanager.register(_SkipRecorder(config), "resdsl-skips")


def pytest_runtest_setup(item: pytest.Item) -> None:
    marker = item.get_closest_marker("gpu")
    for framework in marker.args if marker else ():
        if missing := _missing(framework, item.config):
            pytest.skip(missing)


def _for_gpu(config: pytest.Config) -> bool:
    return bool(config.option.markexpr == "gpu")


def _missing(framework: str, config: pytest.Config) -> str | None:
    """What keeps a framework from a gpu."""
    if framework == "torch":
        import torch

        found = torch.cuda.is_available()
        return None if found else f"torch {torch.__version__} finds no cuda device"
    if not _for_gpu(config):
        return "jax is kept on the CPU, but for `-m gpu`"
    import jax

    try:
        jax.devices("gpu")
    except RuntimeError as error:
        return f"jax {jax.__version__} finds no gpu: {error}"
    return None


class _SkipRecorder:
    """Remembers what was skipped; with xdist, the controller hears of it from its workers."""

    def __init__(self, config: pytest.Config) -> None:
        self.skipped = config.stash[_SKIPPED]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail") and "gpu" not in report.keywords:
            self.skipped[report.nodeid] = _reason(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.skipped[report.nodeid] = _reason(report)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    where = report.longrepr
    return where[2] if isinstance(where, tuple) else str(where)


def _forbidden(config: pytest.Config) -> dict[str, str]:
    """The skipped tests that fail this run."""
    on_worker = hasattr(config, "workerinput")
    return {} if on_worker or os.environ.get("CI") != "true" else config.stash[_SKIPPED]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _forbidden(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for nodeid, reason in _forbidden(config).items():
        terminalreporter.write_line(
            f"skipped in CI, so this run fails: {nodeid} ({reason})", red=True
        )
