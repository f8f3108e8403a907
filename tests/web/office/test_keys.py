"""Keys by their ids, never a key; and the plugins."""

import base64

PAGE = "/pages/office/keys"


def test_every_key_is_shown_by_its_id_and_what_it_is_for(pages):
    page = pages.office().get(PAGE)
    assert page.tree.xpath("//tbody/tr/th/code/text()") == [key.id for key in pages.gateway.keyring.keys]


def test_no_key_is_shown_in_any_form(pages):
    text = pages.office().get(PAGE).answer.text
    for key in pages.gateway.keyring.keys:
        if isinstance(key.secret, bytes):
            forms = [key.secret.hex(), base64.b64encode(key.secret).decode(), base64.urlsafe_b64encode(key.secret).decode().rstrip("=")]
        else:
            forms = [key.secret["d"], key.secret["x"]]
        assert [form for form in forms if form in text] == []


def test_the_folder_of_the_keys_is_not_shown(pages):
    text = pages.office().get(PAGE).answer.text
    assert str(pages.gateway.settings.keys.folder) not in text


def test_plugins_show_their_answers_and_what_the_gateway_sees(pages):
    page = pages.office().get("/pages/office/plugins")
    (section,) = page.tree.xpath("//section[@aria-labelledby='adapter-jobcenter']")
    rows = {row.xpath("string(th)"): row.xpath("string(td[3])").strip() for row in section.xpath(".//tbody/tr")}
    assert "bestätigt" in rows["imports_only_the_api"]
    assert rows["passes_the_kit"].startswith("hier nicht zu sehen")
    assert rows["mutation_tested"] == "kann nur ein Mensch beurteilen"


def test_a_plugin_that_no_partner_uses_is_named_and_not_loaded(pages):
    page = pages.office().get("/pages/office/plugins")
    assert "nachbar" in page.tree.xpath("string(//section[@aria-labelledby='transports'])")
    assert page.tree.xpath("//section[@aria-labelledby='adapter-nachbar']") == []
