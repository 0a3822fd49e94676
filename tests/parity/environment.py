"""A Python that has numpy and scikit-learn, in a folder of its own under target/.

    python3 tests/parity/environment.py cargo test --test readme    # a command that finds that Python in $AMC_KEYWORDS_PYTHON
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
REQUIREMENTS = HERE / "requirements.txt"


def folder(requirements):
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")).absolute()
    key = hashlib.sha256(requirements.read_bytes() + sys.version.encode() + sys.executable.encode()).hexdigest()[:12]
    return target / f"parity-{sys.version_info.major}.{sys.version_info.minor}-{key}"


def with_venv(where):
    """A virtual environment, or `None` if Python cannot make one."""
    tried = subprocess.run([sys.executable, "-m", "venv", str(where)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    python = where / "bin" / "python"
    return [str(python)] if tried.returncode == 0 and python.exists() else None


def install(requirements, python, *options):
    command = [*python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", *options, "-r", str(requirements)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def build(where, requirements):
    print(f"parity: installing {requirements.name} into {where}", flush=True)
    shutil.rmtree(where, ignore_errors=True)
    python = with_venv(where)
    if python:
        install(requirements, python)
    else:
        shutil.rmtree(where, ignore_errors=True)
        install(requirements, [sys.executable], "--target", str(where / "packages"))
    (where / "ready").write_text("")


def ready(requirements=REQUIREMENTS):
    """(the Python, the environment to run it in)"""
    where = folder(requirements)
    if not (where / "ready").exists():
        build(where, requirements)
    environment = {**os.environ, "AMC_PARITY_ENVIRONMENT": "entered", "PYTHONWARNINGS": "ignore"}
    if (where / "packages").exists():
        return sys.executable, {**environment, "PYTHONPATH": str(where / "packages")}
    environment.pop("PYTHONPATH", None)
    return str(where / "bin" / "python"), environment


def enter(requirements=REQUIREMENTS):
    """Goes on as the same script in that Python; returns at once when already there."""
    if os.environ.get("AMC_PARITY_ENVIRONMENT") != "entered":
        python, environment = ready(requirements)
        os.execve(python, [python, *sys.argv], environment)


if __name__ == "__main__":
    python, variables = ready()
    sys.exit(subprocess.run(sys.argv[1:], env={**variables, "AMC_KEYWORDS_PYTHON": python}).returncode)
