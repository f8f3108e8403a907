"""What a client is owed, on PostgreSQL: tests of the export and of corrections once more, which else run on an embedded database."""

import pytest

from imgate.bootstrap import open_gateway
from imgate.keys import make_keys
from imgate.settings import load_settings
from tests.exchange.conftest import CONFIG, TODAY, World
from tests.exchange.rights.test_correction import (
    linked,
    test_a_correction_back_to_the_earlier_value_is_sent,
    test_a_partner_that_ended_its_use_is_not_sent_it_again,
    test_a_wrong_datum_that_waits_is_overtaken_before_anybody_sees_it,
    test_another_clients_partners_are_not_told,
    test_from_whom_the_wrong_datum_came_is_told,
    test_it_is_on_record_with_exchanges_and_partners_and_no_value,
    test_repeating_it_sends_nothing_again,
    test_where_nobody_holds_it_nothing_is_put_on_record,
)
from tests.exchange.rights.test_export import (
    full,
    test_an_export_hands_nothing_out_and_takes_nothing_away,
    test_every_file_has_the_published_shape_and_stands_in_the_index_with_its_digest,
    test_nothing_of_another_client_is_in_it,
    test_of_an_unknown_or_erased_client_nothing_is_given_and_nothing_put_on_record,
    test_the_declaration_its_evidence_and_its_reason_are_in_it,
    test_what_cannot_be_opened_is_left_out_and_named,
    test_what_the_case_system_acknowledged_waits_no_more,
    test_what_waits_is_in_it_with_its_part_of_the_record,
)

__all__ = [
    "full",
    "linked",
    "test_a_correction_back_to_the_earlier_value_is_sent",
    "test_a_partner_that_ended_its_use_is_not_sent_it_again",
    "test_a_wrong_datum_that_waits_is_overtaken_before_anybody_sees_it",
    "test_an_export_hands_nothing_out_and_takes_nothing_away",
    "test_another_clients_partners_are_not_told",
    "test_every_file_has_the_published_shape_and_stands_in_the_index_with_its_digest",
    "test_from_whom_the_wrong_datum_came_is_told",
    "test_it_is_on_record_with_exchanges_and_partners_and_no_value",
    "test_nothing_of_another_client_is_in_it",
    "test_of_an_unknown_or_erased_client_nothing_is_given_and_nothing_put_on_record",
    "test_repeating_it_sends_nothing_again",
    "test_the_declaration_its_evidence_and_its_reason_are_in_it",
    "test_what_cannot_be_opened_is_left_out_and_named",
    "test_what_the_case_system_acknowledged_waits_no_more",
    "test_what_waits_is_in_it_with_its_part_of_the_record",
    "test_where_nobody_holds_it_nothing_is_put_on_record",
]
pytestmark = pytest.mark.postgres


@pytest.fixture
def world(postgres, tmp_path):
    """A gateway in this process, on PostgreSQL, and so with an address of its own and keys that were made before."""
    address = f'url = "https://imgate.example"\n\n[database]\nurl = "{postgres()}"'
    (tmp_path / "imgate.toml").write_text(CONFIG.replace('[database]\nurl = "sqlite:///imgate.db"', address), encoding="utf-8")
    make_keys(tmp_path / "imgate.keys", TODAY.date())
    with open_gateway(load_settings(tmp_path / "imgate.toml"), make_keys=True) as gateway:
        yield World(gateway)
