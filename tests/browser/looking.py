"""What people would find wrong with a page that is open in a browser. Each function gives lines to read; none means all is well."""

import pytest

from tests.conftest import ROOT

AXE = ROOT / "tools" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
# Below this width, in CSS pixels, WCAG 2.2 (1.4.10) asks for no reflow.
_NARROWEST = 320
# Around an element, where its focus may be drawn.
_MARGIN = 8

_TO_REACH = """() => {
  const natural = 'a[href], area[href], button, input:not([type=hidden]), select, textarea, details > summary:first-of-type, iframe';
  const made = ['button', 'link', 'checkbox', 'radio', 'tab', 'switch', 'menuitem'].map(role => `[role=${role}]`).join(', ');
  const others = '[contenteditable]:not([contenteditable=false]), [tabindex]:not([tabindex^="-"])';
  const isChosen = (radio) => {
    const group = [...document.querySelectorAll('input[type=radio]')].filter(e => e.name === radio.name && e.form === radio.form);
    return (group.find(e => e.checked) ?? group[0]) === radio;
  };
  return [...document.querySelectorAll([natural, made, others].join(', '))].filter(e =>
    !e.matches(':disabled') && !e.closest('[inert]') && e.checkVisibility({visibilityProperty: true})
    && (e.type !== 'radio' || !e.name || isChosen(e)));
}"""
_NAMED = (
    """(all) => all.map(e => e.cloneNode(false).outerHTML.slice(0, 120) + ' ' + e.textContent.trim().replace(/\\s+/g, ' ').slice(0, 60))"""
)
# Which element has the focus, and whether it has an outline that can be seen; in one question, because each takes its time.
_FOCUSED = """(all) => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  const isOutlined = box.width > 4 && box.height > 4 && box.right > 0 && box.bottom > 0 && style.opacity > 0
    && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1 && !/, 0\\)$/.test(style.outlineColor);
  return [all.indexOf(e), isOutlined];
}"""
_AROUND = """(margin) => {
  const boxes = [document.activeElement, ...(document.activeElement.labels ?? [])].map(e => e.getBoundingClientRect());
  const left = Math.max(0, Math.min(...boxes.map(b => b.left)) - margin), top = Math.max(0, Math.min(...boxes.map(b => b.top)) - margin);
  const right = Math.min(innerWidth, Math.max(...boxes.map(b => b.right)) + margin);
  const bottom = Math.min(innerHeight, Math.max(...boxes.map(b => b.bottom)) + margin);
  return right > left && bottom > top ? {x: left, y: top, width: right - left, height: bottom - top} : null;
}"""
_SIDEWAYS = """() => {
  const root = document.scrollingElement, found = [];
  const named = (e) => e.cloneNode(false).outerHTML.slice(0, 120);
  const isScrolled = (e) => e && e !== root && e !== document.body
    && (['auto', 'scroll'].includes(getComputedStyle(e).overflowX) || isScrolled(e.parentElement));
  const isLeftward = getComputedStyle(root).direction === 'rtl';
  if (root.scrollWidth > root.clientWidth) {
    found.push(`the page scrolls sideways: ${root.scrollWidth} px in ${root.clientWidth} px`);
    for (const e of document.body.querySelectorAll('*')) {
      const box = e.getBoundingClientRect();
      const sticksOut = isLeftward ? box.left + root.scrollLeft < -1 : box.right + root.scrollLeft > root.clientWidth + 1;
      if (box.width && sticksOut && !isScrolled(e)) found.push(`sticks out: ${named(e)}`);
    }
  }
  for (const e of document.body.querySelectorAll('*:not(input, select, textarea, svg, svg *)')) {
    const isCut = ['hidden', 'clip'].includes(getComputedStyle(e).overflowX) && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1;
    if (isCut && e.textContent.trim()) found.push(`is cut off: ${named(e)}`);
  }
  return found.slice(0, 8);
}"""


def axe(page) -> list[str]:
    """Let axe-core look for barriers. Needs a page with JavaScript; skips, visibly, where axe-core is not installed."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (make install, with npm)")
    session = page.context.new_cdp_session(page)  # what comes by the debugging protocol is not bound by the page's CSP
    session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    options = {"expression": "axe.run(document, {resultTypes: ['violations']})", "awaitPromise": True, "returnByValue": True}
    answer = session.send("Runtime.evaluate", options)
    session.detach()
    assert "exceptionDetails" not in answer, answer
    found = [(violation, node) for violation in answer["result"]["value"]["violations"] for node in violation["nodes"]]
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}: {node['target']} {node['html'][:200]}"
        for violation, node in found
    ]


def keyboard_reach(page) -> list[str]:
    """Walk through the page with Tab alone; name what is never reached, and what does not show that it has the focus."""
    everything = page.evaluate_handle(_TO_REACH)
    names = page.evaluate(_NAMED, everything)
    reached: list[int] = []
    faint: list[int] = []
    last = -1
    for _ in range(5 * len(names) + 5):  # a date has several fields, which are one element
        page.keyboard.press("Tab")
        index, is_outlined = page.evaluate(_FOCUSED, everything)
        if reached and index == reached[0] != last:
            break
        last = index
        if index >= 0 and index not in reached:
            reached.append(index)
            if not (is_outlined or _looks_different(page)):
                faint.append(index)
        if len(reached) == len(names):
            break
    missed = [f"never reached: {name}" for index, name in enumerate(names) if index not in reached]
    return missed + [f"shows no focus: {names[index]}" for index in faint]


def _looks_different(page) -> bool:
    """Tell whether the element with the focus looks different without."""
    region = page.evaluate(_AROUND, _MARGIN)
    if region is None:
        return False
    options = {"clip": region, "animations": "disabled", "caret": "hide"}
    focused = page.screenshot(**options)
    element = page.evaluate_handle("() => { const focused = document.activeElement; focused.blur(); return focused; }")
    blurred = page.screenshot(**options)
    element.evaluate("(focused) => focused.focus({preventScroll: true})")
    return focused != blurred


def sideways(page) -> list[str]:
    """Name what makes the page scroll sideways, and what is cut off, at its present width. Boxes of their own may scroll."""
    return page.evaluate(_SIDEWAYS)


def zoom200(page) -> list[str]:
    """Look sideways at 200 %, which halves the window in CSS pixels; not below the width down to which WCAG asks for reflow."""
    before = page.viewport_size
    page.set_viewport_size({"width": max(_NARROWEST, before["width"] // 2), "height": before["height"] // 2})
    found = sideways(page)
    page.set_viewport_size(before)
    return found
