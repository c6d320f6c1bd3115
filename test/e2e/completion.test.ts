import { expect, onTestFinished, test } from 'vitest';
import { realClock } from '../support/real-clock.ts';
import { fakeKey, fakeSecret, runBuilt } from '../support/run-built.ts';
import { serveSandboxFor } from '../support/served-sandbox.ts';

// More than what is waited for however late it is; on a busy machine the start alone may use up the rest.
const latency = 70;

test('candidates come from an API that takes its time', { retry: 4 }, async () => {
  const credentials = { api_key: fakeKey, api_secret: fakeSecret };
  const { endpoint, close } = await serveSandboxFor(credentials, { latency, clock: realClock });
  onTestFinished(close);
  expect(await runBuilt(['create', 'ann@example.com'], { endpoint })).toMatchObject({ code: 0 });
  const words = ['completion', 'complete', '--', 'get', '='];
  const { code, stdout } = await runBuilt(words, { endpoint });
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^ann@example\.com\tpending/m) });
});
