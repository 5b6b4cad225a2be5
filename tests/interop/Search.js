// Runs Sphinx's own search script over a built site: `node Search.js SITE WORD...` prints the pages found, as JSON.
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const [site, ...words] = process.argv.slice(2);
const script = (name) => fs.readFileSync(path.join(site, name), "utf8");
const context = vm.createContext({
  console,
  document: { getElementById: () => null },
  DOCUMENTATION_OPTIONS: {},
  SPHINX_HIGHLIGHT_ENABLED: false,
  _: (text) => text,
  _ready: () => {},
});
context.window = context;
for (const name of ["_static/language_data.js", "_static/searchtools.js", "searchindex.js"]) {
  // A script's own `const Search` is not a property of the context, so it is handed over by hand.
  vm.runInContext(`${script(name)}\n;typeof Search !== "undefined" && (globalThis.Search = Search);`, context);
}
const found = {};
for (const word of words) {
  const pages = context.Search._performSearch(...context.Search._parseQuery(word)).map(([page]) => page);
  found[word] = [...new Set(pages)];
}
console.log(JSON.stringify(found));
