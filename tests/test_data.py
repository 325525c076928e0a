from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from specverify import data


def copy_of_data(package: Path) -> ModuleType:
    """specverify/data.py as it would be if the package stood at `package`."""
    package.mkdir(parents=True)
    spec = importlib.util.spec_from_file_location("data_elsewhere", shutil.copy(data.__file__, package))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("beside", ["specverify/schemas", "schemas"], ids=["wheel", "checkout"])
def test_a_schema_is_found_in_a_wheel_and_in_a_checkout(tmp_path: Path, beside: str) -> None:
    module = copy_of_data(tmp_path / "specverify")
    (tmp_path / beside).mkdir()
    (tmp_path / beside / "spec.schema.json").write_text(json.dumps({"title": beside}))
    assert module.schema("spec") == {"title": beside}
    with pytest.raises(FileNotFoundError):
        module.schema("nothing")


def test_package_data_is_read_by_its_path_in_the_package() -> None:
    assert "h100-sxm-80gb" in data.load_json("derive/gpus.json")["gpus"]
