"""Every fault by its name. ``UNDO`` mends what a fault has done to others; a test calls it."""

from imgate.plugin_api import SettingsInvalid
from imgate_planted import in_between, in_bytes, in_disguise, in_heads, in_passing, in_purity, in_reading
from imgate_planted.good import Good

MODULES = (in_between, in_bytes, in_disguise, in_heads, in_passing, in_purity, in_reading)
FAULTS = {name: fault for module in MODULES for name, fault in module.FAULTS.items()}
UNDO = in_purity.UNDO


def configure(settings):
    for setting in settings.keys() - {"fault"}:
        raise SettingsInvalid(setting, "is none of this adapter's; it has only fault.")
    return FAULTS[settings["fault"]]() if "fault" in settings else Good()
