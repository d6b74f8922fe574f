// Shows openapi.json as a page. Text goes in as text only: nothing of the document is read as HTML.

const MOST_DEPTH = 6;

const document_ = await (await fetch("openapi.json")).json();
const base = location.href.replace(/docs\/?(#.*)?$/, "").replace(/\/$/, "");

/** An element with attributes and children; a child that is null is left out. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.flat().filter((child) => child !== null));
  return element;
}

/** Text in which `words` between backticks are code. */
function prose(text) {
  return text.split(/`([^`]+)`/).map((part, index) => (index % 2 ? make("code", {}, part) : part));
}

/** What a `$ref` points to; anything else is returned as it is. */
function resolved(value) {
  if (!value?.$ref) return value;
  return value.$ref.slice(2).split("/").reduce((found, name) => found[name], document_);
}

function nameOf(schema) {
  return schema?.$ref ? schema.$ref.split("/").pop() : null;
}

/** One line that says what a value may be. */
function typeOf(schema) {
  const target = resolved(schema);
  const several = target.anyOf ?? target.oneOf;
  if (several) return several.map(typeOf).join(" or ");
  if (target.enum) return target.enum.map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in target) return JSON.stringify(target.const);
  if (target.type === "array") return `list of ${target.items ? typeOf(target.items) : "anything"}`;
  const type = [target.type ?? "anything"].flat().join(" or ");
  return nameOf(schema) ?? (target.format ? `${type} (${target.format})` : type);
}

function limitsOf(schema) {
  const some = schema.anyOf?.filter((one) => one.type !== "null");
  if (some?.length === 1) return limitsOf({ ...resolved(some[0]), default: schema.default });
  const names = ["minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "minItems", "maxItems", "pattern"];
  const limits = names.filter((name) => name in schema).map((name) => `${name} ${schema[name]}`);
  if (schema.default !== undefined && schema.default !== null) limits.push(`default ${JSON.stringify(schema.default)}`);
  return limits.join(", ");
}

/** The object that a schema describes, itself or in a list or among alternatives; null where there is none. */
function objectIn(schema) {
  const target = resolved(schema);
  if (target.properties) return target;
  if (target.items) return objectIn(target.items);
  for (const one of target.anyOf ?? target.allOf ?? []) {
    const found = objectIn(one);
    if (found) return found;
  }
  return null;
}

/** The members of an object. Those of an answer are always there, which need not be said of each. */
function members(schema, isAnswer, depth = 0) {
  const target = objectIn(schema);
  if (!target || depth > MOST_DEPTH) return null;
  const rows = Object.entries(target.properties).map(([name, member]) => {
    const limits = limitsOf(resolved(member));
    const text = member.description ?? resolved(member).description;
    return make("li", {},
      make("code", { class: "name" }, name),
      !isAnswer && target.required?.includes(name) ? make("span", { class: "required" }, "required") : null,
      make("span", { class: "type" }, typeOf(member)),
      limits ? make("span", { class: "limits" }, limits) : null,
      text ? make("p", {}, prose(text)) : null,
      objectIn(member) ? make("details", {}, make("summary", {}, "members"), members(member, isAnswer, depth + 1)) : null);
  });
  return make("ul", { class: "members" }, rows);
}

function sample(value) {
  return make("pre", {}, make("code", {}, typeof value === "string" ? value : JSON.stringify(value, null, 2)));
}

function parameters(operation) {
  if (!operation.parameters?.length) return null;
  const rows = operation.parameters.map((one) => make("li", {},
    make("code", { class: "name" }, one.name),
    one.required ? make("span", { class: "required" }, "required") : null,
    make("span", { class: "type" }, `${one.in}, ${typeOf(one.schema)}`),
    make("span", { class: "limits" }, limitsOf(one.schema)),
    one.description ? make("p", {}, prose(one.description)) : null));
  return make("section", {}, make("h4", {}, "Parameters"), make("ul", { class: "members" }, rows));
}

function body(operation) {
  const content = operation.requestBody?.content;
  if (!content) return null;
  const [first] = Object.values(content);
  return make("section", {},
    make("h4", {}, "Body ", make("span", { class: "type" }, Object.keys(content).join(" or "))),
    members(first.schema, false));
}

function answer(status, given) {
  const said = resolved(given);
  const shown = Object.entries(said.content ?? {}).map(([media, content]) => {
    const [example] = Object.values(content.examples ?? {});
    const value = content.example ?? resolved(example)?.value;
    return make("div", {}, make("p", { class: "media" }, media), members(content.schema, true),
      value === undefined ? null : sample(value));
  });
  return make("details", { class: `answer s${status[0]}`, ...(status[0] === "2" ? { open: "" } : {}) },
    make("summary", {}, make("b", {}, status), " ", prose(said.description)), shown);
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The call as a command line. */
function curl(method, path, operation) {
  const lines = [`curl${method === "get" ? "" : ` -X ${method.toUpperCase()}`} ${quoted(base + path)}`];
  if (operation.security.some((scheme) => "bearer" in scheme)) lines.push(`-H "Authorization: Bearer $KEY"`);
  const json = operation.requestBody?.content["application/json"];
  if (json) lines.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(json.example))}`);
  return lines.join(" \\\n  ");
}

function asked(operation) {
  if (!operation.security.length) return "open without a key";
  const scopes = operation.security.flatMap((scheme) => scheme.bearer ?? []);
  return scopes.length ? `scope ${scopes.join(", ")}` : "a key or a token";
}

function shown(method, path, operation) {
  return make("article", { id: operation.operationId },
    make("h3", {}, make("span", { class: `method ${method}` }, method.toUpperCase()), make("code", {}, path),
      make("a", { href: `#${operation.operationId}`, "aria-label": "Link to this operation" }, "#")),
    make("p", { class: "summary" }, operation.summary, make("span", { class: "scope" }, asked(operation))),
    operation.description ? make("p", {}, prose(operation.description)) : null,
    sample(curl(method, path, operation)),
    parameters(operation), body(operation),
    make("section", {}, make("h4", {}, "Answers"),
      Object.entries(operation.responses).map(([status, given]) => answer(status, given))));
}

const operations = Object.entries(document_.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
const contents = document.getElementById("contents");
const place = document.getElementById("operations");

place.replaceChildren(make("header", {},
  make("h2", {}, "The API"), make("p", {}, prose(document_.info.description)),
  make("p", {}, `Version ${document_.info.version}, ${document_.info.license.name}. `,
    make("a", { href: "openapi.json" }, "openapi.json"), " is the document that this page shows.")));
for (const tag of document_.tags) {
  const own = operations.filter(({ operation }) => operation.tags.includes(tag.name));
  if (!own.length) continue;
  contents.append(make("h2", {}, tag.name), make("ul", {}, own.map(({ path, method, operation }) =>
    make("li", { "data-text": `${method} ${path} ${operation.summary}`.toLowerCase() },
      make("a", { href: `#${operation.operationId}`, title: path },
        make("span", { class: `method ${method}` }, method.toUpperCase()), operation.summary)))));
  place.append(make("section", {}, make("h2", {}, tag.name), make("p", {}, prose(tag.description)),
    own.map(({ path, method, operation }) => shown(method, path, operation))));
}
document.querySelector("input[type=search]").addEventListener("input", ({ target }) => {
  const words = target.value.toLowerCase().split(/\s+/);
  for (const item of contents.querySelectorAll("li")) {
    item.hidden = !words.every((word) => item.dataset.text.includes(word));
  }
});
document.getElementById(location.hash.slice(1))?.scrollIntoView();
