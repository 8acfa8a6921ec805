"""Makes the folder of the browser's drivers when the image is built: at run time it cannot be written."""

import shutil
import sys
from pathlib import Path

from seleniumbase.undetected.patcher import Patcher

DEBIANS = "/usr/bin/chromedriver"

folder = Path(sys.argv[1])
folder.mkdir(parents=True)
(folder / "chromedriver").symlink_to(DEBIANS)
shutil.copy(DEBIANS, folder / "uc_driver")
Patcher(executable_path=str(folder / "uc_driver")).auto()
(folder / "uc_driver").chmod(0o755)
