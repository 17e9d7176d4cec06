// ajv.js DOCUMENTS POLICY DEPLOY-SCHEMA BUILD-SCHEMA: how many of the documents
// are denied, by js-yaml and ajv of build/peers/node_modules.
const fs = require("fs");
const { createRequire } = require("module");
const peers = createRequire(process.cwd() + "/build/peers/");
const yaml = peers("js-yaml");
const Ajv = peers("ajv");

const [documents, policy, ...schemas] = process.argv.slice(2);
const ajv = new Ajv({ allErrors: true, strict: false });
const read = (file) => JSON.parse(fs.readFileSync(file, "utf8"));
const [deploy, build] = schemas.map((file) => ajv.compile(read(file)));
const { services, replicas } = read(policy);
const options = { schema: yaml.CORE_SCHEMA };
const registered = new Set();
let denied = 0;

function known(d) {
  return Object.hasOwn(services, d.service) && d.summary.trim().length > 0;
}

function allowed(d) {
  const routes = services[d.service].routes;
  const wanted = d.params?.replicas ?? replicas.min;
  return (
    Object.hasOwn(routes, d.environment) &&
    services[d.service].recipes.includes(routes[d.environment]) &&
    registered.has(d.service + " " + d.version) &&
    wanted >= replicas.min &&
    wanted <= replicas.max
  );
}

const deploys = [];
for (const text of fs.readFileSync(documents, "utf8").split("\n---\n")) {
  const d = yaml.load(text, options);
  const valid = d.kind === "build" ? build(d) : deploy(d);
  if (!valid || !known(d)) denied++;
  else if (d.kind === "build") registered.add(d.service + " " + d.version);
  else deploys.push(d);
}
for (const d of deploys) if (!allowed(d)) denied++;
console.log(denied);
