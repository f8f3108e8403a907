// Passkeys: hands the browser what the gateway asks, and the gateway what the browser answers. Without it the page says that it needs it.
"use strict";

const canDo = typeof PublicKeyCredential === "function" && "parseRequestOptionsFromJSON" in PublicKeyCredential;

async function post(path, content) {
  const answer = await fetch(path, {
    method: "POST",
    redirect: "manual",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(content),
  });
  if (answer.type === "opaqueredirect") {
    location.reload(); // signed out, or to be confirmed again: the page itself knows the way
    return new Promise(() => {});
  }
  if (!answer.ok) throw new Error();
  return answer.json();
}

async function ask(options) {
  if ("rp" in options) {
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

for (const place of canDo ? document.querySelectorAll("[data-passkey-begin]") : []) {
  const button = place.querySelector("button");
  const refused = place.querySelector("[data-passkey-refused]");
  const label = place.querySelector("input");
  place.querySelector("[data-passkey-without]").hidden = true;
  place.querySelector("[data-passkey-with]").hidden = false;
  button.addEventListener("click", async () => {
    refused.hidden = true;
    button.disabled = true;
    try {
      const credential = await ask(await post(place.dataset.passkeyBegin, {}));
      const sent = { credential: credential.toJSON(), next: place.dataset.passkeyNext, label: label ? label.value : "" };
      location.assign((await post(place.dataset.passkeyFinish, sent)).to);
    } catch {
      refused.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
}
