// Takes the code from behind the "#" of the address into the form, and out of the address; browsers send what stands there nowhere.
// Whoever changes the language takes the code along in the same way.
const code = document.getElementById("code");
const brought = location.hash.slice(1);
if (brought) {
  history.replaceState(null, "", location.pathname + location.search);
  if (/^[0-9A-Za-z-]{20,30}$/.test(brought)) {
    code.value = brought;
    document.getElementById("number").focus();
  }
}
for (const link of document.querySelectorAll("nav a[hreflang]")) {
  link.addEventListener("click", () => {
    if (/^[0-9A-Za-z-]{20,30}$/.test(code.value)) link.hash = code.value;
  });
}
