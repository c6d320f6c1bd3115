import { noHurry, testEveryScenario } from './every-scenario.ts';

testEveryScenario([['resend i-sent i-expired --yes'], ['resend sent@example.com --yes -o json']], noHurry);
