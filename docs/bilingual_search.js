// Splits a query as bilingual_search.py splits the pages: words, and pairs of neighbours in Chinese.
var splitQuery = (query) => {
  const han = "\\u3005\\u3007\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
  const runs = new RegExp(`[${han}]+|(?:(?![${han}])[\\p{Letter}\\p{Number}_])+`, "gu");
  const isHan = new RegExp(`^[${han}]`, "u");
  const terms = [];
  for (const run of query.match(runs) || []) {
    const characters = Array.from(run);
    if (!isHan.test(run) || characters.length === 1) terms.push(run);
    else for (let at = 1; at < characters.length; at += 1) terms.push(characters[at - 1] + characters[at]);
  }
  return terms;
};
