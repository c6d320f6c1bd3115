import { testEveryScenario } from './every-scenario.ts';

const limit = '--timeout 3s';

testEveryScenario(
  [
    [`list -o json ${limit}`, `get i-sent --debug ${limit}`, `delete i-sent --yes ${limit}`],
    [`list ${limit}`, `get sent@example.com -o json ${limit}`, `delete i-sent --yes -o json --debug ${limit}`],
  ],
  15_000,
);
