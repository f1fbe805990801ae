// Reads {cells: [name…], people: [{name: text}…], asked: [[XPath, name or null]…]} and prints, for each person, whether each
// expression is true, as the XPath engine of OpenRosa (npm: openrosa-xpath-evaluator, on the DOM of jsdom) has it.  An
// expression with a name is a constraint: it is asked of that cell.
const { JSDOM } = require("jsdom");
const window = new JSDOM("").window;
Object.assign(global, { window, document: window.document, Node: window.Node });
Object.assign(global, { XPathEvaluator: window.XPathEvaluator, XPathResult: window.XPathResult });
const engine = require("openrosa-xpath-evaluator")();

const given = JSON.parse(require("fs").readFileSync(0, "utf-8"));
const parser = new window.DOMParser();
const truths = given.people.map((person) => {
  const form = parser.parseFromString("<data/>", "text/xml");
  const cells = {};
  for (const name of given.cells) {
    cells[name] = form.documentElement.appendChild(form.createElement(name));
    cells[name].textContent = person[name] ?? "";
  }
  return given.asked.map(
    ([xpath, cell]) => engine.evaluate(xpath, cell ? cells[cell] : form, null, XPathResult.BOOLEAN_TYPE).booleanValue
  );
});
console.log(JSON.stringify(truths));
