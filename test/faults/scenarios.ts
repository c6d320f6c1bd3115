import type { Scenario, Scenarios } from './exchange.ts';
import { answers } from './scenarios/answers.ts';
import { bulk, bulkByNumber } from './scenarios/bulk.ts';
import { network } from './scenarios/network.ts';
import { posts } from './scenarios/posts.ts';

const scenarios: Scenarios = {
  honest: {},
  ...network,
  ...answers,
  ...posts,
  ...bulk,
};

/** The scenario of that name; some take a number, such as `rate:5`. */
export function scenarioOf(name: string): Scenario {
  const [word = '', number] = name.split(':');
  const scenario = number === undefined ? scenarios[name] : bulkByNumber[word]?.(Number(number));
  if (scenario === undefined) throw new Error(`no scenario is called "${name}"`);
  return scenario;
}
