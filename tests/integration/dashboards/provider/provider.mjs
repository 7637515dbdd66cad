// A real OpenID provider with made-up people: whoever's name is given signs in as that person.
import { Provider } from "oidc-provider";

const [port, back] = process.argv.slice(2);
const people = {
  anna: { name: "Anna Datasson", groups: ["g-data"] },
  bo: { name: "Bo Chef", groups: ["g-head"], department: "BU" },
  cilla: { name: "Cilla Utan", groups: ["g-annat"] },
};
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "fordel", token_endpoint_auth_method: "none", redirect_uris: [back], grant_types: ["authorization_code"], response_types: ["code"], application_type: "native" }],
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["name", "groups", "department"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["test"] },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  features: { devInteractions: { enabled: true } },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
