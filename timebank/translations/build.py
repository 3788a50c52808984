"""What happens when the product is installed or built: catalogues are compiled, the map library is fetched by its hash.

Without a network the map library is left out with a warning; pages then draw their maps themselves, as they do by default.
"""

import runpy
from pathlib import Path
from typing import Any

from hatch_npm_vendor import plugin as npm
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The build runs before the product can be imported, so the module beside this one is run by its path.
compile_catalogues = runpy.run_path(str(Path(__file__).with_name("__init__.py")))["compile_catalogues"]


class CatalogueHook(BuildHookInterface[Any]):
    """The build hook of pyproject.toml."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile and fetch before the files are collected."""
        compile_catalogues(Path(self.root) / "timebank" / "translations")
        fetcher = npm.NpmVendorBuildHook(
            self.root, self.config, self.build_config, self.metadata, self.directory, self.target_name, self.app
        )
        try:
            fetcher.initialize(version, build_data)
        except OSError as error:
            self.app.display_warning(f"maps with tiles are left out, their library could not be fetched: {error}")
