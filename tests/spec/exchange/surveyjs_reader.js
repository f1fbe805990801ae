// Reads surveys as the SurveyJS library does, and says what it found: a list of {survey, languages, people} in, a list out.
const Survey = require("survey-core");
require("survey-core/survey.i18n");
const { lintSurvey } = require("survey-core/linter");

function readBack(given) {
  const model = new Survey.Model(given.survey);

  function inEach(read) {
    const words = {};
    for (const language of given.languages) {
      model.locale = language;
      words[language] = read();
    }
    return words;
  }

  function codes(question) {
    if (question.getType() === "rating") {
      const values = question.visibleRateValues, last = values.length - 1;
      return values.map((each, place) => [each.value, inEach(() => {
        const end = { 0: question.minRateDescription, [last]: question.maxRateDescription }[place];
        return end || each.locText.renderedHtml;
      }), false]);
    }
    return (question.choices || []).map((each) => [each.value, inEach(() => each.locText.renderedHtml), !!each.isExclusive]);
  }

  // Whom each route lets through, asked of the library's own runner.
  function routes() {
    return Object.fromEntries(model.getAllQuestions().filter((question) => question.visibleIf).map((question) => {
      const runner = new Survey.ConditionRunner(question.visibleIf);
      return [question.name, given.people.map((person) => runner.runValues(person))];
    }));
  }

  function panels(part) {
    return part && part.parent ? [[part.parent.name, part.parent.questionOrder], ...panels(part.parent)] : [];
  }

  if (given.people.length) return { routes: routes() };
  const questions = model.getAllQuestions().map((question) => ({
    name: question.name,
    type: question.getType(),
    input: question.inputType || null,
    hidden: question.visible === false,
    title: inEach(() => question.title),
    unit: inEach(() => question.description),
    codes: codes(question),
    limits: [question.min ?? null, question.max ?? null, question.step ?? null, question.maxLength ?? null],
    panels: panels(question),
  }));

  return {
    errors: (model.jsonErrors || []).map((error) => error.message),
    lint: lintSurvey(given.survey).findings.map((each) => [each.ruleId, each.messageData.name]),
    title: inEach(() => model.title),
    locales: model.getUsedLocales(),
    questions,
    played: given.played ? play(given.survey, given.played) : [],
  };
}

// One person at the page: after each answer what is kept, and who is shown with which title; at last, what is sent.
function play(survey, steps) {
  const model = new Survey.Model(survey);
  const met = steps.map((answers) => {
    for (const [name, answer] of Object.entries(answers)) model.setValue(name, answer === null ? undefined : answer);
    const shown = model.getAllQuestions().filter((question) => question.isVisible);
    return [{ ...model.data }, Object.fromEntries(shown.map((question) => [question.name, question.locTitle.renderedHtml]))];
  });
  model.doComplete();
  return [...met, model.data];
}

const given = JSON.parse(require("fs").readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify(given.map(readBack)));
