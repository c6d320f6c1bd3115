import { noHurry, testEveryScenario } from './every-scenario.ts';

testEveryScenario([['create new@example.com -o json'], ['create new@example.com']], noHurry);
