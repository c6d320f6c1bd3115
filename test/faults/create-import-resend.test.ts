import { testEveryScenario } from './every-scenario.ts';

// With all the time that repeats and looks may take: it is then that somebody would be mailed twice.
testEveryScenario(
  [
    ['create new@example.com -o json', 'import - --yes -o json --debug', 'resend i-sent i-expired --yes'],
    ['create new@example.com', 'import - --yes', 'resend sent@example.com --yes -o json'],
  ],
  1_000_000,
);
