import { testEveryScenario } from './every-scenario.ts';

testEveryScenario('posts');
