"""A browser without JavaScript: follows links, fills in forms and sends them as a browser would, cookies and Fetch Metadata included."""

from urllib.parse import urljoin, urlsplit

import lxml.html

from tests.in_process import InProcessClient


class Page:
    """One answer. ``status`` and ``headers`` are HTTP's; ``text`` is what can be read on it."""

    def __init__(self, browser, answer):
        self._browser = browser
        self.answer = answer
        self.status, self.headers, self.path = answer.status_code, answer.headers, answer.url.path
        html = answer.headers.get("content-type", "").startswith("text/html")
        self.tree = lxml.html.fromstring(answer.text, base_url=str(answer.url)) if html and answer.text else None

    @property
    def text(self):
        if self.tree is None:
            return self.answer.text
        return " ".join(" ".join(self.tree.xpath("//body//text()[not(parent::script)]")).split())

    @property
    def title(self):
        return " ".join(self.tree.xpath("string(//h1)").split())

    def links(self):
        return {" ".join(a.text_content().split()): a.get("href") for a in self.tree.xpath("//a[@href]")}

    def follow(self, text):
        return self._browser.get(self.links()[text])

    def form(self, button):
        """Find the form with this button, by what stands on it."""
        for form in self.tree.xpath("//form"):
            for pressed in form.xpath(".//button|.//input[@type='submit']"):
                if " ".join(pressed.text_content().split()) == button:
                    return form, pressed
        raise AssertionError(f"no button {button!r} among {[b.text_content().strip() for b in self.tree.xpath('//button')]}")

    def send(self, button, files=None, **changes):
        """Fill in what is to be changed (None: leave out; a list: ticked boxes) and press the button."""
        form, pressed = self.form(button)
        fields = _filled_in(form)
        if pressed.get("name"):
            fields[pressed.get("name")] = [pressed.get("value", "")]
        for name, value in changes.items():
            if value is None:
                fields.pop(name, None)
            else:
                fields[name] = list(value) if isinstance(value, list | tuple) else [value]
        action = urljoin(str(self.answer.url), pressed.get("formaction") or form.get("action") or "")
        if form.get("method", "get").lower() == "get":
            return self._browser.get(action, params=fields)
        multipart = form.get("enctype") == "multipart/form-data"
        return self._browser.post(action, fields, files=(files or {"": ("", b"")}) if multipart else None)


def _filled_in(form):
    fields = {}
    for field in form.xpath(".//input[@name]|.//select[@name]|.//textarea[@name]"):
        kind = field.get("type", "").lower()
        if kind in {"submit", "button", "file", "reset"} or (kind in {"checkbox", "radio"} and field.get("checked") is None):
            continue
        if field.tag == "select":
            chosen = field.xpath(".//option[@selected]") or field.xpath(".//option")[:1]
            fields.setdefault(field.get("name"), []).extend(option.get("value", "") for option in chosen)
        else:
            value = (field.text or "") if field.tag == "textarea" else field.get("value", "on" if kind in {"checkbox", "radio"} else "")
            fields.setdefault(field.get("name"), []).append(value)
    return fields


class Browser:
    """One person's browser on one gateway's app."""

    def __init__(self, app, url):
        self.url = url
        self.http = InProcessClient(app, url, follow_redirects=False, raising=False)

    def get(self, path, *, follow=True, headers=None, params=None):
        said = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"} | (headers or {})
        answer = self.http.get(path, headers=said, params=params)
        return self._followed(answer) if follow else Page(self, answer)

    def post(self, path, fields=None, *, files=None, follow=True, headers=None):
        said = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Origin": self.url} | (headers or {})
        answer = self.http.post(path, data=fields or {}, files=files, headers=said)
        return self._followed(answer) if follow else Page(self, answer)

    def _followed(self, answer):
        if answer.status_code in {302, 303} and "location" in answer.headers:
            target = urljoin(str(answer.url), answer.headers["location"])
            if urlsplit(target).netloc == urlsplit(self.url).netloc:
                return self.get(target)
        return Page(self, answer)
