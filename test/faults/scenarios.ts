import type { Scenario, Scenarios } from './exchange.ts';
import { bulk, bulkByNumber } from './scenarios/bulk.ts';
import { deletes } from './scenarios/deletes.ts';
import { documents } from './scenarios/documents.ts';
import { network } from './scenarios/network.ts';
import { pages } from './scenarios/pages.ts';
import { posts } from './scenarios/posts.ts';
import { refusals } from './scenarios/refusals.ts';
import { texts } from './scenarios/texts.ts';

const scenarios: Scenarios = {
  honest: {},
  ...network,
  ...documents,
  ...refusals,
  ...pages,
  ...posts,
  ...deletes,
  ...texts,
  ...bulk,
};

/** The scenario of that name; some take a number, such as `rate:5`. */
export function scenarioOf(name: string): Scenario {
  const [word = '', number] = name.split(':');
  const scenario = number === undefined ? scenarios[name] : bulkByNumber[word]?.(Number(number));
  if (scenario === undefined) throw new Error(`no scenario is called "${name}"`);
  return scenario;
}
