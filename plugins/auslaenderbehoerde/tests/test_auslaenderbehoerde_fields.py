"""What the Ausländerbehörde never gets, whatever a declaration says."""

import pytest

from imgate.plugin_api import Absent, SettingsInvalid
from imgate_auslaenderbehoerde.translate import configure

FIELDS = configure({}).fields.fields


@pytest.mark.parametrize(
    "scope",
    [
        "identifiers.azr_number",
        "identifiers.jobcenter_number",
        "asylum.grounds",
        "health.constraints",
        "notes.counselling",
        "plan.goals",
        "plan.steps",
        "needs.support",
        "benefits.regime",
    ],
)
def test_has_no_place(scope):
    assert isinstance(FIELDS[scope].to_partner, Absent)
    assert isinstance(FIELDS[scope].from_partner, Absent)


@pytest.mark.parametrize("scope", ["residence.status", "residence.title", "residence.fictional_effect", "residence.work_permission"])
def test_what_it_decides_itself_is_not_told_to_it(scope):
    assert isinstance(FIELDS[scope].to_partner, Absent)
    assert not isinstance(FIELDS[scope].from_partner, Absent)


def test_any_setting_is_refused_by_its_name():
    with pytest.raises(SettingsInvalid) as caught:
        configure({"mapping": "x.toml"})
    assert (caught.value.setting, caught.value.sentence) == ("mapping", "the Ausländerbehörde's adapter has no settings; remove the entry.")
