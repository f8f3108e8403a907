"""What an operator may want to know although nothing is wrong."""

from imgate.bootstrap.checks import notices_of


def of_papers(settings):
    return [notice for notice in notices_of(settings) if "[papers]" in notice]


def test_an_office_that_forms_do_not_name_is_told(configure):
    assert of_papers(configure()) == ["[papers] office is not set: forms and copies do not say where a client can revoke."]
    assert len(of_papers(configure('\n[papers]\ndata_protection_officer = "Dr. D. Schutz"\n'))) == 1
    assert of_papers(configure('\n[papers]\noffice = ["Marktplatz 1, 71364 Winnenden"]\n')) == []
