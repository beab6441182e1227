"""The engine compiled: mypyc makes a C extension of the very source that is interpreted otherwise.

Nothing is installed: the build is a copy of the package in a directory that the caller throws away.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src"
INTERPRETED = {"snapshot.py", "__init__.py"}
"""Of the engine; the first defines msgspec structs, which have to be ordinary classes."""


class NotCompiled(Exception):
    """There is no compiled engine here; the message says why."""


def compile_engine(directory: Path) -> Path:
    """Compile the engine below `directory`; the path from which it is imported. Takes about a minute."""
    # mypyc needs setuptools, which comes with the environments of Python 3.11 but not of later ones.
    for module in ("mypyc", "setuptools"):
        if importlib.util.find_spec(module) is None:
            raise NotCompiled(f"{module} is not installed")
    compiler = os.environ.get("CC", "cc").split()[0]
    if shutil.which(compiler) is None:
        raise NotCompiled(f"there is no C compiler ({compiler}); set CC")
    root = directory / "compiled"
    shutil.copytree(SOURCE, root, ignore=shutil.ignore_patterns("__pycache__"))
    engine = sorted((root / "pitwire/exchange/engine").glob("*.py"))
    modules = [path for path in engine if path.name not in INTERPRETED]
    modules.append(root / "pitwire/market/order_limits.py")
    names = [str(path.relative_to(root)) for path in modules]
    built = subprocess.run(
        [sys.executable, "-m", "mypyc", "--config-file=", *names], cwd=root, capture_output=True, text=True, check=False
    )
    if built.returncode:
        raise NotCompiled("mypyc failed:\n" + "\n".join((built.stdout + built.stderr).splitlines()[-20:]))
    return root
