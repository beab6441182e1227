"""`--config FILE.toml`: the options of a command, read from a file.

A key is an option's name without the dashes (`ws-port = 9443`); what the command line says goes before the file.
The tables of the exchange's own configuration, `symbols`, `accounts` and `keys`, may stand in the same file.
"""

import tomllib
from pathlib import Path
from typing import Any

import typer


def apply(context: typer.Context, path: Path | None) -> Path | None:
    """Make the file's values the defaults of the command's options. A callback of an eager option.

    Raises `typer.BadParameter` for a file that cannot be read, is no TOML, or has a key that is no option.
    """
    if path is None or context.resilient_parsing:
        return path
    context.default_map = dict(context.default_map or {}) | read(path, _options(context))
    return path


def read(path: Path, options: dict[str, str]) -> dict[str, Any]:
    """The file's options by parameter name; `options` gives the parameter of each option name."""
    from pitwire.exchange.configuration import FILE_BYTES_MAX, TABLES

    try:
        if (size := path.stat().st_size) > FILE_BYTES_MAX:
            raise typer.BadParameter(f"{path} has {size} bytes; a configuration has at most {FILE_BYTES_MAX}")
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise typer.BadParameter(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise typer.BadParameter(f"{path} is no TOML: {error}") from error
    unknown = sorted(set(values) - set(options) - TABLES)
    if unknown:
        raise typer.BadParameter(f"{path}: there is no option {unknown[0]!r}; known: {', '.join(sorted(options))}")
    return {options[name]: value for name, value in values.items() if name in options}


def _options(context: typer.Context) -> dict[str, str]:
    return {
        option.removeprefix("--"): parameter.name
        for parameter in context.command.params
        for option in parameter.opts
        if option.startswith("--") and parameter.name is not None and parameter.name != "config"
    }
