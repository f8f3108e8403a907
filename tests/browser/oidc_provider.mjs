// The OpenID provider of an office: node oidc_provider.mjs CONFIGURATION, in JSON, as oidc.py writes it.
// Prints "ready" when it answers, and ends when its standard input does. Its own pages ask for fonts of third parties, these do not.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

import { Provider } from '../../tools/npm/node_modules/oidc-provider/lib/index.js';

const { issuer, port, client, accounts, claimsInIdToken } = JSON.parse(process.argv[2]);
console.info = console.warn = () => {};

const key = { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' };
const page = (title, body) => `<!doctype html><html lang="de"><meta charset="utf-8"><title>${title}</title><main><h1>${title}</h1>${body}</main>`;

const provider = new Provider(issuer, {
  clients: [{ ...client, id_token_signed_response_alg: 'RS256' }],
  jwks: { keys: [key] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  claims: { openid: ['sub'], profile: ['name', 'roles'], email: ['email'] },
  conformIdTokenClaims: !claimsInIdToken,
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      logoutSource: (ctx, form) => {
        ctx.body = page('Abmelden', `${form}<button type="submit" form="op.logoutForm" name="logout" value="yes">Abmelden</button>`);
      },
      postLogoutSuccessSource: (ctx) => {
        ctx.body = page('Abgemeldet', '');
      },
    },
  },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, accountId) => accounts[accountId] && { accountId, claims: () => ({ sub: accountId, ...accounts[accountId] }) },
  // The office has agreed for everybody: nobody is asked whether the gateway may know them.
  loadExistingGrant: async (ctx) => {
    const { client: { clientId }, session: { accountId } } = ctx.oidc;
    const grant = new ctx.oidc.provider.Grant({ clientId, accountId });
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
  renderError: (ctx, out) => {
    ctx.type = 'html';
    ctx.body = page('Fehler', `<p>${out.error}</p>`);
  },
});
provider.on('server_error', (_, error) => console.error(error));

const asks = page('Anmeldung der Stadt', `<form method="post"><p><label>Konto <input name="account" autocomplete="username"></label></p>
<p><button>Anmelden</button> <button name="cancel" value="yes">Abbrechen</button></p></form>`);

async function interact(request, response) {
  await provider.interactionDetails(request, response);
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(asks);
    return;
  }
  const form = new URLSearchParams(await text(request));
  const accountId = form.get('account');
  const known = !form.has('cancel') && Object.hasOwn(accounts, accountId);
  const result = known ? { login: { accountId } } : { error: 'access_denied' };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const answer = provider.callback();
createServer((request, response) => {
  if (request.url.startsWith('/interaction/')) interact(request, response).catch((error) => response.writeHead(400).end(error.name));
  else answer(request, response);
}).listen(port, '127.0.0.1', () => console.log('ready'));
process.stdin.resume().on('end', () => process.exit());
