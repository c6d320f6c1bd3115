import { noHurry, testEveryScenario } from './every-scenario.ts';

testEveryScenario([['import - --yes -o json --debug'], ['import - --yes']], noHurry);
