"""The two published exports come in completely."""

from imgate.plugin_api import RowProblem


def test_one_row_a_client_comes_in_completely(adapter, shared):
    reading = adapter.from_partner((shared / "data/jobkraftwerk/export_utf8_bom.csv").read_bytes())
    assert reading.problems == (RowProblem(1, "Letztes Gespräch", "column_without_scope"),)
    assert [(person.reference, person.line, person.record) for person in reading.people] == [
        (
            "K-2026-0815",
            2,
            {
                "person": {"name": {"family": "Al-Ḥasan", "given": "Rīm"}, "birth": {"date": "1994-03"}, "nationality": ["475"]},
                "contact_persons": {
                    "jobcenter": {"name": {"family": "Müßig"}, "channels": [{"kind": "phone", "value": "+4971519500"}]},
                },
                "residence": {"status": {"code": "1", "until": "2027-05-01"}},
                "language": {"level": {"cefr": "B1", "evidence": "dtz"}},
                "work": {"status": {"kind": "job_seeking"}},
                "housing": {"situation": {"kind": "own_flat"}},
            },
        ),
        (
            "K-2026-0817",
            3,
            {
                "person": {"name": {"family": "Šewčenko", "given": "Oksana"}, "birth": {"date": "1979-07-14"}, "nationality": ["166"]},
                "residence": {"status": {"code": "1", "until": "2027-03-04"}},
                "language": {"level": {"cefr": "B2", "evidence": "certificate"}},
                "work": {"status": {"kind": "employed"}},
                "housing": {"situation": {"kind": "own_flat"}},
            },
        ),
        (
            "K-2026-0816",
            4,
            {
                "person": {"name": {"family": "Omid"}, "birth": {"date": "2008"}, "nationality": ["423"]},
                "residence": {"status": {"code": "4"}},
                "language": {"level": {"cefr": "A2", "evidence": "self_assessment"}},
                "work": {"status": {"kind": "in_school"}},
                "housing": {"situation": {"kind": "youth_welfare"}},
            },
        ),
    ]


def test_one_row_an_entry_of_the_plan_comes_in_completely(adapter, shared):
    reading = adapter.from_partner((shared / "data/jobkraftwerk/plan_windows1252.csv").read_bytes())
    assert reading.problems == ()
    assert [(person.reference, person.line, person.record["plan"]) for person in reading.people] == [
        (
            "K-2026-0815",
            2,
            {
                "goals": [
                    {"id": "z1", "field": "work", "title": "Ausbildungsplatz als Pflegefachkraft", "agreed_on": "2025-12-10"},
                    {"id": "z2", "field": "language", "title": "B2-Prüfung", "agreed_on": "2025-12-10"},
                ],
                "steps": [
                    {
                        "goal": "z1",
                        "title": "Gleichwertigkeitsbescheid beim Jobcenter vorlegen",
                        "who": "client",
                        "due": "2026-01-31",
                        "state": "done",
                        "note": "Termin am 03.02., 9:30 Uhr; Bescheid mitbringen",
                    },
                    {
                        "goal": "z2",
                        "title": "Anmeldung zum Kurs „Pflege-Deutsch“",
                        "who": "integration_management",
                        "due": "2026-03-15",
                        "state": "open",
                    },
                ],
            },
        ),
        (
            "K-2026-0817",
            4,
            {
                "goals": [{"id": "z1", "field": "work", "title": "Vollzeitstelle", "agreed_on": "2026-01-05"}],
                "steps": [
                    {
                        "goal": "z1",
                        "title": "Bewerbungstraining",
                        "who": "jobcenter",
                        "state": "open",
                        "note": 'Zeile mit\nUmbruch und "Anführung"',
                    }
                ],
            },
        ),
        (
            "K-2026-0899",
            6,
            {
                "goals": [{"id": "z1", "field": "housing", "title": "Umzug nach Göppingen", "agreed_on": "2026-01-05"}],
                "steps": [
                    {
                        "goal": "z1",
                        "title": "Übergabe an IM Göppingen",
                        "who": "integration_management",
                        "due": "2026-04-01",
                        "state": "open",
                    }
                ],
            },
        ),
    ]


def test_samples_of_the_project_are_the_golden_messages(samples):
    golden = samples.parent / "plugins/jobkraftwerk/tests/golden/from_partner"
    for sample in (samples / "jobkraftwerk").glob("*.*"):
        if sample.suffix != ".md":
            assert sample.read_bytes() == (golden / sample.name).read_bytes(), sample.name
