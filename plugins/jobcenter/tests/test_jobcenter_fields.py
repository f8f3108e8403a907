"""What the Jobcenter never gets, whatever a declaration says."""

import pytest

from imgate.plugin_api import Absent, SettingsInvalid
from imgate_jobcenter.translate import configure

FIELDS = configure({}).fields.fields


@pytest.mark.parametrize(
    "scope",
    ["identifiers.azr_number", "asylum.grounds", "notes.counselling", "residence.title", "residence.file_number", "residence.applications"],
)
def test_has_no_place(scope):
    assert isinstance(FIELDS[scope].to_partner, Absent)
    assert isinstance(FIELDS[scope].from_partner, Absent)


def test_health_data_never_come_from_the_jobcenter():
    assert isinstance(FIELDS["health.constraints"].from_partner, Absent)


def test_nothing_of_an_item_is_left_out():
    assert all(field.to_partner.without == () for field in FIELDS.values() if not isinstance(field.to_partner, Absent))


def test_any_setting_is_refused_by_its_name():
    with pytest.raises(SettingsInvalid) as caught:
        configure({"mapping": "x.toml"})
    assert (caught.value.setting, caught.value.sentence) == ("mapping", "the Jobcenter's adapter has no settings; remove the entry.")
