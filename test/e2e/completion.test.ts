import { expect, onTestFinished, test, vi } from 'vitest';
import { realClock } from '../support/real-clock.ts';
import { runBuilt } from '../support/run-built.ts';
import { temporaryFolder } from '../support/run-cli.ts';
import { serveTestSandbox } from '../support/served-sandbox.ts';

test('candidates come from an API that takes its time, at the latest with a later Tab', {
  timeout: 60_000,
}, async () => {
  const { endpoint, close } = await serveTestSandbox({ latency: 70, clock: realClock });
  onTestFinished(close);
  expect(await runBuilt(['create', 'ann@example.com'], { endpoint })).toMatchObject({ code: 0 });
  const home = temporaryFolder();
  // A Tab that the API is too slow for starts a process that remembers the answer.
  const tab = async () => {
    const { code, stdout } = await runBuilt(['completion', 'complete', '--', 'get', '='], { endpoint, home });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^words\nann@example\.com\tpending/) });
  };
  await vi.waitFor(tab, { timeout: 50_000, interval: 200 });
});
