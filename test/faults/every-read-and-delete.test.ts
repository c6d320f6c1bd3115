import { testEveryScenario } from './every-scenario.ts';

testEveryScenario('reads');
testEveryScenario('deletes');
