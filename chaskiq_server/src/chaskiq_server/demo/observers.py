"""The two observers of `examples/`, which is no package: they are read from their files."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from chaskiq_core.errors import SettingsError


def load_observers(folder: Path, agent_id: str) -> list[object]:
    """A bot that greets, and a rule that assigns to this agent."""
    return [_load(folder / "hello_bot.py").HelloBot(), _load(folder / "assign_rule.py").AssignRule(agent_id)]


def _load(file: Path) -> ModuleType:
    spec = spec_from_file_location(f"chaskiq_example_{file.stem}", file)
    if spec is None or spec.loader is None or not file.exists():
        raise SettingsError(f"--examples: {file} is not there; run the demo in the repository's folder")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
