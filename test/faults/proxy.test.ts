import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { authorization, invitations, withServer } from './client.ts';
import { startProxy } from './proxy.ts';

describe('proxies', () => {
  test('one that works passes a whole URL on', () =>
    withServer({}, async (server) => {
      const proxy = await startProxy('ok');
      const status = await new Promise((resolve) => {
        const path = `${server.url}${invitations}`;
        request({ host: '127.0.0.1', port: proxy.port, path, headers: { authorization } }, (response) => {
          resolve(response.statusCode);
          response.resume();
        }).end();
      });
      await proxy.stop();
      expect([status, server.kinds(), proxy.log.length]).toEqual([200, 'list', 1]);
    }));
});
